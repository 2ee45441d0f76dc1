import { expect } from 'chai';
import { ApiError } from '../api/errors.js';
import { nopLogger } from '../logger.js';
import type { ApiPort } from './api-port.js';
import { guardPorts } from './guard-ports.js';
import { interceptPorts } from './intercept-ports.js';
import type { KubePort } from './kube-port.js';
import { declareOpenedPort } from './port-contract.js';
import { portTable } from './port-table.js';
import type { Effect, Ports } from './ports.js';
import { systemRandom } from './random-port.js';
import { recordEffects, writesOf } from './record-effects.js';
import { createSecrets } from './secrets-port.js';

const web = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'web', namespace: 'default' },
};
const cluster = { runtime: 'here', kubeconfig: 'the kubeconfig with its token' };
const stored = { data: { password: Buffer.from('very secret').toString('base64') } };
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
      apply: async (object: { kind: string; stringData?: { password: string } }) => {
        if (object.kind !== 'Secret') return object;
        throw new ApiError('Invalid', `cannot take ${object.stringData?.password}`);
      },
      delete: async () => undefined,
      undeclared: async () => undefined,
    }) as unknown as KubePort,
  secrets: createSecrets({ find: async () => stored as never }),
  clock: { nowMs: () => 0 },
  random: systemRandom,
  log: nopLogger,
};

describe('recordEffects', () => {
  let effects: Effect[];
  let recorded: Ports;

  beforeEach(() => {
    effects = [];
    recorded = recordEffects(ports, (effect) => effects.push(effect));
  });

  it('notes each call with its nature, its place, its target and how it ended', async () => {
    await recorded.api.find('secrets', { namespace: 'default', name: 's' });
    await recorded.api.apply(web);
    await recorded.api.delete('secrets', { metadata: { name: 's' } }).catch(() => undefined);
    const kube = recorded.kube(cluster);
    await kube.dryRunApply(web);
    await kube.delete({ apiVersion: 'v1', kind: 'Namespace', name: 'n' });
    expect(kube.endpoint).to.equal('https://cluster');
    const kubeCall = { port: 'kube', place: 'here', outcome: 'ok' };
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
        ...kubeCall,
        nature: 'read',
        operation: 'dryRunApply',
        target: 'v1 ConfigMap default/web',
      },
      { ...kubeCall, nature: 'delete', operation: 'delete', target: 'v1 Namespace n' },
    ]);
    expect(writesOf(effects)).to.have.length(3);
  });

  it('notes no value: of a Secret the reference, of a kubeconfig the runtime, of an error the words', async () => {
    const ref = { namespace: 'default', name: 'db', key: 'password' };
    expect(await recorded.secrets.read(ref)).to.deep.equal({ value: 'very secret' });
    const secret = { ...web, kind: 'Secret', stringData: { password: 'very secret' } };
    await recorded
      .kube(cluster)
      .apply(secret)
      .catch(() => undefined);
    expect(effects.map(({ target, error }) => [target, error])).to.deep.equal([
      ['Secret default/db key password', undefined],
      ['v1 Secret default/web', 'cannot take <hidden>'],
    ]);
    expect(JSON.stringify(effects)).to.not.match(/very secret|with its token/);
  });

  it('knows a port that was added later by its declaration alone', async () => {
    interface BucketReads {
      exists(name: string): Promise<boolean>;
    }
    interface Buckets extends BucketReads {
      create(name: string): Promise<void>;
    }
    type Open = (account: { readonly name: string }) => Buckets;
    const buckets: Buckets = { exists: async () => true, create: async () => undefined };
    const declaration = declareOpenedPort<Open, BucketReads>(
      {
        exists: { nature: 'read', target: (name) => name },
        create: {
          nature: 'create',
          idempotent: true,
          foundAgain: { by: 'name' },
          target: (name) => `bucket ${name}`,
          dry: async () => undefined,
        },
      },
      { outside: true, placeOf: ({ name }) => name },
    );
    const calls: unknown[] = [];
    const world = interceptPorts(
      { buckets: () => buckets } as never,
      (call, make) => {
        const { port, place, nature, operation, target, outside } = call;
        calls.push([port, place, nature, operation, target, outside]);
        return make();
      },
      { ...portTable, buckets: declaration },
    ) as unknown as { buckets: Open };
    await world.buckets({ name: 'acme' }).create('b');
    expect(calls).to.deep.equal([['buckets', 'acme', 'create', 'create', 'bucket b', true]]);
  });

  it('lets nothing through that is not declared', async () => {
    const kube = recorded.kube(cluster) as unknown as { undeclared(): Promise<void> };
    expect(() => kube.undeclared()).to.throw('kube.undeclared is not declared');
    const more = { ...ports, more: {} };
    expect(() => recordEffects(more, () => undefined)).to.throw('the port more is not declared');
  });
});

describe('guardPorts', () => {
  it('refuses every call once the signal has aborted', async () => {
    const abort = new AbortController();
    const guarded = guardPorts(ports, () => abort.signal.throwIfAborted());
    const kube = guarded.kube(cluster);
    await kube.apply(web);
    abort.abort(new Error('the lease is lost'));
    const ref = { namespace: 'n', name: 's', key: 'k' };
    for (const call of [
      () => kube.apply(web),
      () => guarded.api.list('secrets'),
      () => guarded.secrets.read(ref),
    ]) {
      expect(String(await call().catch((error: unknown) => error))).to.contain('the lease is lost');
    }
  });
});
