import type { Transport } from '../client/index.js';
import { createTransport } from '../client/index.js';
import { parseKubeconfig } from '../sdk/kube/kubeconfig.js';
import { readRuntimeKubeconfig } from '../sdk/kube/runtime-kubeconfig.js';
import { createSecrets } from '../sdk/ports/secrets-port.js';
import type { KubernetesRuntimeInstance, WorkloadInstance } from '../sdk/api/zz_generated.types.js';
import { CliError } from './cli-error.js';
import type { Connection } from './connection.js';

const GROUP = 'workload.threeport.io';

/** The cluster that a workload runs on, and which of its pods are the workload's. */
export interface WorkloadCluster {
  readonly transport: Transport;
  /** To be sent with every request. */
  readonly headers: Readonly<Record<string, string>>;
  /** Selects the workload's pods. */
  readonly labelSelector: string;
}

/**
 * Finds the cluster of a Workload or WorkloadInstance (of one name) and opens it with the kubeconfig
 * that its runtime has.
 *
 * @throws CliError when the workload is not placed yet or the kubeconfig needs a program to log in;
 *   ApiError when an object does not exist or may not be read.
 */
export async function openWorkloadCluster(
  connection: Connection,
  name: string,
): Promise<WorkloadCluster> {
  const { client, namespace } = connection;
  const key = { namespace, name };
  const instance = await client.find<WorkloadInstance>(`workloadinstances.${GROUP}`, key);
  // The Workload's own NotFound is the one to show.
  if (instance === undefined) await client.get(`workloads.${GROUP}`, key);
  const runtimeName = instance?.status?.runtime;
  if (instance === undefined || runtimeName === undefined) {
    throw new CliError(
      `workload ${namespace}/${name} is on no runtime yet; "tptctl describe workload ${name}" says why`,
    );
  }
  const runtime = await client.get<KubernetesRuntimeInstance>(
    'kubernetesruntimeinstances.kubernetes.threeport.io',
    { name: runtimeName },
  );
  if (runtime.spec === undefined) throw new CliError(`runtime ${runtimeName} has no spec`);
  const kubeconfig = await readRuntimeKubeconfig(createSecrets(client), runtime.spec);
  if ('missing' in kubeconfig) throw new CliError(`runtime ${runtimeName}: ${kubeconfig.missing}`);
  const access = parseKubeconfig(kubeconfig.text);
  if (access.needsPlugin) {
    throw new CliError(
      `the kubeconfig of runtime ${runtimeName} takes its credential from a program, which is not run here; use kubectl`,
    );
  }
  return {
    transport: createTransport({
      server: access.server,
      userAgent: 'tptctl',
      insecure: access.insecureSkipTlsVerify,
      ...(access.ca !== undefined && { ca: access.ca }),
      ...(access.clientCertificate !== undefined && { cert: access.clientCertificate }),
      ...(access.clientKey !== undefined && { key: access.clientKey }),
    }),
    headers: access.authorization === undefined ? {} : { authorization: access.authorization },
    labelSelector: `control-plane.threeport.io/workload-instance=${instance.metadata.uid}`,
  };
}
