import { expect } from 'chai';
import { assert, constantFrom, integer, property } from 'fast-check';
import type { Deployment, ReplicaSet, WorkloadSpec } from '../kubernetes-types.js';
import { HASH_LABEL, planDeployment, portion, rollingLimits } from './deployment-plan.js';
import { deploymentStatus } from './deployment-status.js';

const NOW_MS = Date.UTC(2026, 0, 1);

function deploymentWith(
  replicas: number,
  image: string,
  strategy: WorkloadSpec['strategy'],
): Deployment {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: 'web',
      namespace: 'default',
      uid: 'd',
      resourceVersion: '1',
      generation: 1,
      creationTimestamp: '2026-01-01T00:00:00Z',
    },
    spec: {
      replicas,
      ...(strategy !== undefined && { strategy }),
      template: { spec: { containers: [{ name: 'main', image }] } },
    },
  };
}

function replicaSetWith(hash: string, replicas: number): ReplicaSet {
  const { metadata } = deploymentWith(0, '', undefined);
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { ...metadata, name: `web-${hash}`, uid: hash, labels: { [HASH_LABEL]: hash } },
    spec: { replicas },
    status: {},
  };
}

/** Carries plans out until there is nothing to do; all pods become available between two plans. */
function rollOut(
  deployment: Deployment,
  start: readonly ReplicaSet[],
  observe: (replicaSets: readonly ReplicaSet[]) => void = () => undefined,
): readonly ReplicaSet[] {
  let replicaSets = [...start];
  for (let step = 0; step < 200; step++) {
    const plan = planDeployment(deployment, replicaSets);
    if (plan.createWith === undefined && plan.scale.length === 0) return replicaSets;
    replicaSets = replicaSets.map((item) => {
      const change = plan.scale.find(({ replicaSet }) => replicaSet === item);
      return change === undefined ? item : { ...item, spec: { replicas: change.replicas } };
    });
    if (plan.createWith !== undefined) replicaSets.push(replicaSetWith(plan.hash, plan.createWith));
    observe(replicaSets);
    replicaSets = replicaSets.map((item) => {
      const count = item.spec?.replicas ?? 0;
      return {
        ...item,
        status: { replicas: count, readyReplicas: count, availableReplicas: count },
      };
    });
  }
  throw new Error('the rollout never ends');
}

function totalOf(replicaSets: readonly ReplicaSet[]): number {
  return replicaSets.reduce((sum, item) => sum + (item.spec?.replicas ?? 0), 0);
}

describe('planDeployment', () => {
  it('ends with every replica in the ReplicaSet of the present template, within the limits', () => {
    assert(
      property(
        integer({ min: 0, max: 12 }),
        integer({ min: 0, max: 12 }),
        constantFrom<number | string>(0, 1, 3, '25%', '100%'),
        constantFrom<number | string>(0, 1, 3, '25%', '100%'),
        (before, after, maxSurge, maxUnavailable) => {
          const strategy = { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } };
          const old = rollOut(deploymentWith(before, 'one', strategy), []);
          const deployment = deploymentWith(after, 'two', strategy);
          const { surge } = rollingLimits(deployment);
          const done = rollOut(deployment, old, (step) => {
            expect(totalOf(step)).to.be.at.most(Math.max(before, after + surge));
          });
          const { hash } = planDeployment(deployment, done);
          const sizes = Object.fromEntries(
            done.map((item) => [item.metadata.uid, item.spec?.replicas]),
          );
          expect(sizes[hash]).to.equal(after);
          expect(totalOf(done)).to.equal(after);
        },
      ),
    );
  });

  it('keeps the pods that work while the new ones do not', () => {
    const old = rollOut(deploymentWith(4, 'one', undefined), []);
    const deployment = deploymentWith(4, 'broken', undefined);
    let replicaSets = [...old];
    for (let step = 0; step < 20; step++) {
      const plan = planDeployment(deployment, replicaSets);
      replicaSets = replicaSets.map((item) => {
        const change = plan.scale.find(({ replicaSet }) => replicaSet === item);
        const replicas = change?.replicas ?? item.spec?.replicas ?? 0;
        const isOld = item.metadata.uid === old[0]?.metadata.uid;
        return {
          ...item,
          spec: { replicas },
          status: { replicas, availableReplicas: isOld ? replicas : 0 },
        };
      });
      if (plan.createWith !== undefined)
        replicaSets.push(replicaSetWith(plan.hash, plan.createWith));
    }
    expect(replicaSets[0]?.spec?.replicas).to.be.at.least(3);
  });

  it('recreates only after the old pods are gone', () => {
    const strategy = { type: 'Recreate' };
    const old = rollOut(deploymentWith(2, 'one', strategy), []);
    const deployment = deploymentWith(2, 'two', strategy);
    const first = planDeployment(deployment, old);
    expect(first.createWith).to.equal(undefined);
    expect(first.scale.map(({ replicas }) => replicas)).to.deep.equal([0]);
    const stopping = old.map((item) => ({ ...item, spec: { replicas: 0 } }));
    expect(planDeployment(deployment, stopping).createWith).to.equal(undefined);
    const stopped = stopping.map((item) => ({ ...item, status: {} }));
    expect(planDeployment(deployment, stopped).createWith).to.equal(2);
  });

  it('reads numbers and percentages', () => {
    expect(portion('25%', 3, Math.ceil)).to.equal(1);
    expect(portion('25%', 3, Math.floor)).to.equal(0);
    expect(portion(2, 3, Math.floor)).to.equal(2);
  });
});

describe('deploymentStatus', () => {
  it('is the same again once settled, whatever the time', () => {
    const deployment = deploymentWith(2, 'one', undefined);
    const replicaSets = rollOut(deployment, []);
    const first = deploymentStatus(deployment, replicaSets, NOW_MS);
    const settled = deploymentStatus({ ...deployment, status: first }, replicaSets, NOW_MS + 5_000);
    const again = deploymentStatus(
      { ...deployment, status: settled },
      replicaSets,
      NOW_MS + 900_000,
    );
    expect(again).to.deep.equal(settled);
    expect(settled.conditions?.map(({ reason }) => reason)).to.have.members([
      'MinimumReplicasAvailable',
      'NewReplicaSetAvailable',
    ]);
  });
});
