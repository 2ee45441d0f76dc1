import type { Reconciler } from 'threeport/sdk';
import {
  done,
  ensureGone,
  ensureObject,
  findRuntime,
  requeueAfter,
  waitingFor,
} from 'threeport/sdk';
import type { WebsiteSpec, WebsiteStatus } from './website.js';
import { partsOf, readyReplicasOf } from './website.js';

/** A cluster tells nobody of its changes: how often to look while something is under way, and else. */
const STARTING_MS = 2_000;
const DRIFT_MS = 60_000;

/** Makes a Deployment and a Service for each Website, in the cluster that it names. */
export const websiteReconciler: Reconciler<WebsiteSpec, WebsiteStatus> = {
  resource: 'websites.example.com',

  async reconcile(website, ctx) {
    const runtime = await findRuntime(website.spec.runtime, ctx);
    // Nothing is polled: crd.yaml says that the runtime is referred to, so its change wakes us.
    if ('missing' in runtime) return waitingFor(runtime.missing.reason, runtime.missing.message);

    const [deployment, service] = partsOf(website);
    const live = await ensureObject(runtime.kube, deployment);
    await ensureObject(runtime.kube, service);

    const { replicas } = website.spec;
    const readyReplicas = readyReplicasOf(live);
    const isReady = readyReplicas === replicas;
    ctx.status.url = `http://${service.metadata.name}.default.svc`;
    ctx.status.readyReplicas = readyReplicas;
    ctx.setCondition({
      type: 'Ready',
      status: isReady ? 'True' : 'False',
      reason: isReady ? 'AllReplicasReady' : 'ReplicasStarting',
      message: isReady ? '' : `${readyReplicas} of ${replicas} replicas are ready`,
    });
    return requeueAfter(isReady ? DRIFT_MS : STARTING_MS);
  },

  async cleanUp(website, ctx) {
    const runtime = await findRuntime(website.spec.runtime, ctx);
    if ('missing' in runtime) {
      // A runtime that is named cannot be deleted: this one never was, and nothing is there.
      if (runtime.missing.reason === 'RuntimeMissing') return done;
      return waitingFor(runtime.missing.reason, runtime.missing.message);
    }
    for (const { apiVersion, kind, metadata } of partsOf(website)) {
      const gone = await ensureGone(runtime.kube, { apiVersion, kind, ...metadata });
      if (!gone) {
        const message = `${kind} ${metadata.name} is terminating`;
        return waitingFor('Terminating', message, { requeueAfterMs: STARTING_MS });
      }
    }
    return done;
  },
};
