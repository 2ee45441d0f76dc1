import { isApiError } from '../../sdk/api/errors.js';
import type { StoredApiObject } from '../../sdk/api/object.js';
import type {
  KubernetesRuntimeInstanceSpec,
  KubernetesRuntimeInstanceStatus,
} from '../../sdk/api/zz_generated.types.js';
import { readRuntimeKubeconfig } from '../../sdk/kube/runtime-kubeconfig.js';
import type { ClusterRef, KubePort } from '../../sdk/ports/kube-port.js';
import type {
  ReconcileContext,
  Reconciler,
  ReconcileResult,
} from '../../sdk/runtime/reconciler.js';
import { done, ReconcileError, waitingFor } from '../../sdk/runtime/reconciler.js';

const DEFINITIONS = 'kubernetesruntimedefinitions.kubernetes.threeport.io';

type Spec = KubernetesRuntimeInstanceSpec;
type Status = KubernetesRuntimeInstanceStatus;
type Context = ReconcileContext<Status>;

/**
 * Says of a registered cluster whether its API answers (`Ready`) and whether its agent reports
 * (`AgentConnected`). Changes nothing in the cluster.
 */
export const kubernetesRuntimeInstanceReconciler: Reconciler<Spec, Status> = {
  resource: 'kubernetesruntimeinstances.kubernetes.threeport.io',
  reconcile,
};

async function reconcile(
  instance: StoredApiObject<Spec, Status>,
  ctx: Context,
): Promise<ReconcileResult> {
  const { spec } = instance;
  if (spec === undefined) throw new Error('the runtime has no spec');
  showAgent(ctx);
  const [definition, kubeconfig] = await Promise.all([
    ctx.api.find(DEFINITIONS, { name: spec.definition }),
    readRuntimeKubeconfig(ctx.secrets, spec),
  ]);
  if (definition === undefined) {
    const message = `KubernetesRuntimeDefinition ${spec.definition} does not exist`;
    return notReady(ctx, 'DefinitionMissing', message);
  }
  if ('missing' in kubeconfig) return notReady(ctx, 'SecretMissing', kubeconfig.missing);
  const kube = open(ctx, { runtime: instance.metadata.name, kubeconfig: kubeconfig.text });
  if ('invalid' in kube) return notReady(ctx, 'KubeconfigInvalid', kube.invalid);
  ctx.status.endpoint = kube.endpoint;
  ctx.status.version = await askVersion(ctx, kube);
  const message = `the API at ${kube.endpoint} answers`;
  ctx.setCondition({ type: 'Ready', status: 'True', reason: 'ApiAnswers', message });
  return done;
}

function showAgent(ctx: Context): void {
  ctx.setCondition(
    ctx.alive
      ? { type: 'AgentConnected', status: 'True', reason: 'AgentReports', message: '' }
      : {
          type: 'AgentConnected',
          status: 'False',
          reason: 'NoHeartbeat',
          message:
            'the agent of this cluster does not report: start it there, or look into its log for ' +
            'why it cannot reach this control plane',
        },
  );
}

/** The Secret and the definition wake the runtime when they change; nothing else can mend these. */
function notReady(ctx: Context, reason: string, message: string): ReconcileResult {
  ctx.setCondition({ type: 'Ready', status: 'False', reason, message });
  return waitingFor(reason, message);
}

function open(ctx: Context, cluster: ClusterRef): KubePort | { readonly invalid: string } {
  try {
    return ctx.kube(cluster);
  } catch (error) {
    if (isApiError(error, 'Invalid')) return { invalid: error.message };
    throw error;
  }
}

async function askVersion(ctx: Context, kube: KubePort): Promise<string> {
  try {
    const { gitVersion } = await kube.version();
    // Many clusters tell anybody their version; discovery shows that the credentials are good.
    await kube.resource('v1', 'Namespace');
    return gitVersion;
  } catch (error) {
    if (ctx.signal.aborted) throw error;
    const reason = reasonOf(error);
    const message = explain(error, kube.endpoint);
    ctx.setCondition({ type: 'Ready', status: 'False', reason, message });
    // Nobody tells when a cluster comes back: a failure is retried.
    throw new ReconcileError(reason, `the API of the cluster cannot be used: ${message}`);
  }
}

/** What the cluster said, with the address and what it means, where that is not said already. */
function explain(error: unknown, endpoint: string): string {
  const message = error instanceof Error ? error.message : String(error);
  if (isApiError(error, 'Unauthorized')) {
    return `${endpoint} refuses the credential of the kubeconfig (${message}): put a valid one into its Secret`;
  }
  if (isApiError(error, 'NotFound')) {
    return `${endpoint} answers, but not as the API of a cluster (${message}): look at \`server\` in the kubeconfig`;
  }
  return message;
}

function reasonOf(error: unknown): string {
  if (isApiError(error, 'Unauthorized') || isApiError(error, 'Forbidden')) return error.reason;
  return 'ApiUnreachable';
}
