import type { ApiObject } from '../api/object.js';
import type { ClusterRef } from './kube-port.js';
import { declareOpenedPort, type PortContract } from './port-contract.js';
import { nameOf } from './target.js';

/** A release is known by its namespace and name. */
export interface HelmRef {
  readonly namespace: string;
  readonly name: string;
}

export interface HelmChart {
  /** `oci://registry.example.com/charts/web`, or a chart of a repository. */
  readonly chart: string;
  readonly version: string;
  readonly values: Readonly<Record<string, unknown>>;
}

export interface HelmRelease extends HelmRef {
  readonly revision: number;
  readonly status: 'deployed' | 'failed' | 'pending' | 'uninstalling';
  readonly chart: string;
  readonly version: string;
}

export interface HelmReads {
  find(ref: HelmRef): Promise<HelmRelease | undefined>;
  /** What the chart comes to, with nothing sent to the cluster that changes it. */
  render(ref: HelmRef, chart: HelmChart): Promise<readonly ApiObject[]>;
}

/** The shape of `ctx.helm(cluster)`. Values are never recorded: they may be secret. */
export interface HelmPort extends HelmReads {
  /** Installs the release, or makes it the next revision. */
  upgrade(ref: HelmRef, chart: HelmChart): Promise<HelmRelease>;
  /** Gone already is no error. */
  uninstall(ref: HelmRef): Promise<void>;
}

export const helmContract: PortContract<HelmPort, HelmReads> = {
  find: { nature: 'read', target: nameOf },
  render: { nature: 'read', target: nameOf },
  upgrade: {
    nature: 'update',
    // A second time is another revision, of the same objects.
    idempotent: false,
    foundAgain: { by: 'name' },
    target: nameOf,
    async dry(helm, ref, { chart, version }) {
      const revision = ((await helm.find(ref))?.revision ?? 0) + 1;
      return { ...ref, chart, version, revision, status: 'pending' };
    },
  },
  uninstall: {
    nature: 'delete',
    idempotent: true,
    foundAgain: { by: 'name' },
    target: nameOf,
    dry: async () => undefined,
  },
};

export type OpenHelm = (cluster: ClusterRef) => HelmPort;

export const helmDeclaration = declareOpenedPort<OpenHelm, HelmReads>(helmContract, {
  outside: true,
  placeOf: ({ runtime }) => runtime,
});
