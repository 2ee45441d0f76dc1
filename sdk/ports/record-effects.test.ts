import { expect } from 'chai';
import { nopLogger } from '../logger.js';
import type { ApiPort } from './api-port.js';
import { guardPorts } from './guard-ports.js';
import type { KubePort } from './kube-port.js';
import type { Effect, Ports } from './ports.js';
import { recordEffects, writesOf } from './record-effects.js';

const web = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'web', namespace: 'default' },
};
const ports: Ports = {
  api: {
    find: async () => undefined,
    list: async () => [],
    apply: async (object: unknown) => object,
    delete: () => Promise.reject(new Error('refused')),
  } as unknown as ApiPort,
  kube: () =>
    ({
      endpoint: 'https://cluster',
      version: async () => ({ gitVersion: 'v1' }),
      dryRunApply: async (object: unknown) => object,
      apply: async (object: unknown) => object,
      delete: async () => undefined,
    }) as unknown as KubePort,
  clock: { nowMs: () => 0 },
  log: nopLogger,
};

describe('recordEffects', () => {
  it('notes each call with its nature, its target and how it ended', async () => {
    const effects: Effect[] = [];
    const recorded = recordEffects(ports, (effect) => effects.push(effect));
    await recorded.api.find('secrets', { namespace: 'default', name: 's' });
    await recorded.api.apply(web);
    await recorded.api.delete('secrets', { metadata: { name: 's' } }).catch(() => undefined);
    const kube = recorded.kube('config');
    await kube.dryRunApply(web);
    await kube.delete({ apiVersion: 'v1', kind: 'Namespace', name: 'n' });
    expect(effects).to.deep.equal([
      {
        port: 'api',
        nature: 'read',
        operation: 'find',
        target: 'secrets default/s',
        outcome: 'ok',
      },
      {
        port: 'api',
        nature: 'update',
        operation: 'apply',
        target: 'v1 ConfigMap default/web',
        outcome: 'ok',
      },
      {
        port: 'api',
        nature: 'delete',
        operation: 'delete',
        target: 'secrets s',
        outcome: 'failed',
        error: 'refused',
      },
      {
        port: 'kube',
        nature: 'read',
        operation: 'dryRunApply',
        target: 'v1 ConfigMap default/web',
        outcome: 'ok',
      },
      {
        port: 'kube',
        nature: 'delete',
        operation: 'delete',
        target: 'v1 Namespace n',
        outcome: 'ok',
      },
    ]);
    expect(writesOf(effects)).to.have.length(3);
  });
});

describe('guardPorts', () => {
  it('refuses every call once the signal has aborted', async () => {
    const abort = new AbortController();
    const guarded = guardPorts(ports, abort.signal);
    const kube = guarded.kube('config');
    await kube.apply(web);
    abort.abort(new Error('the lease is lost'));
    for (const call of [() => kube.apply(web), () => guarded.api.list('secrets')]) {
      expect(String(await call().catch((error: unknown) => error))).to.contain('the lease is lost');
    }
  });
});
