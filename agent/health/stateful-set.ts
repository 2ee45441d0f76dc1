import type { KindHealth } from './health.js';
import { healthy } from './health.js';
import type { LabelSelector } from './pods-of.js';
import { unfinished } from './rollout.js';

interface Spec {
  readonly replicas?: number;
  readonly selector?: LabelSelector;
  readonly updateStrategy?: {
    readonly type?: string;
    readonly rollingUpdate?: { readonly partition?: number };
  };
}

interface Status {
  readonly observedGeneration?: number;
  readonly replicas?: number;
  readonly readyReplicas?: number;
  readonly updatedReplicas?: number;
  readonly currentRevision?: string;
  readonly updateRevision?: string;
}

/** All replicas ready, and those above the partition updated; with `OnDelete` only the former. */
export const statefulSet: KindHealth<Spec, Status> = {
  spec: ['replicas', 'selector', 'updateStrategy'],
  status: [
    'observedGeneration',
    'replicas',
    'readyReplicas',
    'updatedReplicas',
    'currentRevision',
    'updateRevision',
  ],
  assess({ spec, status }, pods) {
    const desired = spec.replicas ?? 1;
    const { replicas = 0, readyReplicas: ready = 0, updatedReplicas: updated = 0 } = status;
    if (ready < desired) return unfinished(`${ready} of ${desired} replicas are ready`, pods);
    if (replicas > desired) {
      return unfinished(`${replicas - desired} replicas are to be terminated`, pods);
    }
    const partition = spec.updateStrategy?.rollingUpdate?.partition ?? 0;
    const toUpdate = Math.max(0, desired - partition);
    if (
      spec.updateStrategy?.type !== 'OnDelete' &&
      status.currentRevision !== status.updateRevision &&
      updated < toUpdate
    ) {
      return unfinished(`${updated} of ${toUpdate} replicas are updated`, pods);
    }
    return healthy;
  },
};
