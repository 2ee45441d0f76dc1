import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createClient, type Client } from '../../client/index.js';
import type { KindDefinition } from '../../sdk/api/kind.js';
import type { ApiObject, StoredApiObject } from '../../sdk/api/object.js';
import { apiVersionOf } from '../../sdk/api/object.js';
import { KindRegistry } from '../../sdk/api/registry.js';
import { kinds } from '../../sdk/api/zz_generated.kinds.js';
import { nopLogger } from '../../sdk/logger.js';
import type { PortTable } from '../../sdk/ports/port-table.js';
import type { Ports } from '../../sdk/ports/ports.js';
import { systemClock } from '../../sdk/ports/client-api-port.js';
import { systemRandom } from '../../sdk/ports/random-port.js';
import type { Part } from '../../sdk/process.js';
import type { WakeQueue } from '../../sdk/queue/wake-queue.js';
import type { Reconciler } from '../../sdk/runtime/reconciler.js';
import { createWorker, type WorkerOptions } from '../../sdk/runtime/worker.js';
import { createNotifier } from '../../server/notifier/notifier.js';
import type { RequestUser } from '../../server/request-user.js';
import { sendError } from '../../server/routes/response.js';
import { ObjectCodec } from '../../server/resource/object-codec.js';
import { SchemaValidator } from '../../server/schema/schema-validator.js';
import { MemoryObjectStore } from '../../server/store/memory/memory-object-store.js';
import type { ObjectStore, ObjectWrite, StoredObject } from '../../server/store/object-store.js';
import { WorkRoute } from '../../server/work/work-route.js';

/** A store, the notifier and the worker protocol over HTTP: the way of a change, without the API. */
export interface WorkPlane {
  readonly store: ObjectStore;
  readonly client: Client;
  readonly url: string;
  /** Every write that reached the store, leases and cursors too. */
  readonly storeWrites: string[];
  kind(name: string): KindDefinition;
  create(kindName: string, fields: Fields): Promise<StoredApiObject>;
  /** Edits the object as it is now. */
  edit(object: StoredApiObject, change: (draft: ApiObject) => void): Promise<StoredApiObject>;
  /** Marks as being deleted, or deletes when there is no finalizer. */
  remove(object: StoredApiObject): Promise<void>;
  get(object: StoredApiObject): Promise<StoredApiObject | undefined>;
  /** A running worker; stopped with the plane. */
  work(
    reconcilers: readonly Reconciler[],
    options?: Partial<WorkerOptions> & {
      readonly concurrency?: number;
      readonly timeLimitMs?: number;
      readonly ports?: Ports;
      readonly portTable?: PortTable;
    },
  ): Promise<Part>;
  stop(): Promise<void>;
}

interface Fields {
  readonly name: string;
  readonly namespace?: string;
  readonly spec?: unknown;
  readonly finalizers?: string[];
  readonly ownerReferences?: ApiObject['metadata']['ownerReferences'];
}

const WRITES = ['write', 'claim', 'complete', 'renew', 'wake', 'heartbeat', 'setCursor'] as const;

/** Starts one. `queue` is used by notifier and workers alike unless a worker brings its own. */
export async function startWorkPlane(options: {
  readonly queue: WakeQueue;
  readonly store?: ObjectStore;
  readonly user?: RequestUser;
}): Promise<WorkPlane> {
  const registry = new KindRegistry(kinds);
  const storeWrites: string[] = [];
  const store = spied(options.store ?? new MemoryObjectStore({ kinds }), storeWrites);
  const abort = new AbortController();
  await store.start(abort.signal);
  await options.queue.start(abort.signal);
  const user = options.user ?? { name: 'test', groups: ['system:masters'] };
  const work = new WorkRoute({
    registry,
    store,
    codec: new ObjectCodec(registry),
    validator: new SchemaValidator(),
    logger: nopLogger,
    nowMs: Date.now,
  });
  const http = createServer((request, response) => {
    work
      .serve(request, response, user, request.url ?? '')
      .catch((error: unknown) => sendError(request, response, error));
  });
  const url = await listen(http);
  const client = createClient({ server: url });
  const notifier = createNotifier({
    store,
    registry,
    queue: options.queue,
    logger: nopLogger,
    saveCursorMs: 100,
  });
  await notifier.start(abort.signal);
  const workers: Part[] = [];

  const kindNamed = (name: string): KindDefinition => {
    const kind = kinds.find((each) => each.kind === name);
    if (kind === undefined) throw new Error(`no kind ${name}`);
    return kind;
  };
  const present = async (object: StoredApiObject): Promise<StoredObject> => {
    const stored = await store.getByUid(kindNamed(object.kind), object.metadata.uid);
    if (stored === undefined) throw new Error(`${object.metadata.name} is gone`);
    return stored;
  };
  const write = async (what: ObjectWrite): Promise<StoredApiObject> =>
    JSON.parse((await store.write(what)).json) as StoredApiObject;

  const plane: WorkPlane = {
    store,
    client,
    url,
    storeWrites,
    kind: kindNamed,
    create(kindName, { name, namespace, spec, finalizers, ownerReferences }) {
      const kind = kindNamed(kindName);
      const object: ApiObject = {
        apiVersion: apiVersionOf(kind),
        kind: kind.kind,
        metadata: {
          name,
          ...(kind.namespaced && { namespace: namespace ?? 'default' }),
          uid: randomUUID(),
          generation: 1,
          creationTimestamp: '2026-01-01T00:00:00Z',
          ...(finalizers !== undefined && { finalizers }),
          ...(ownerReferences !== undefined && { ownerReferences }),
        },
        spec: spec ?? {},
      };
      return write({ type: 'create', kind, object });
    },
    async edit(object, change) {
      for (;;) {
        const stored = await present(object);
        const draft = JSON.parse(stored.json) as StoredApiObject;
        const before = JSON.stringify(draft.spec);
        change(draft);
        if (JSON.stringify(draft.spec) !== before) draft.metadata.generation += 1;
        try {
          const kind = kindNamed(object.kind);
          const expectedResourceVersion = stored.resourceVersion;
          return await write({ type: 'update', kind, object: draft, expectedResourceVersion });
        } catch (error) {
          if ((error as { reason?: string }).reason !== 'Conflict') throw error;
        }
      }
    },
    async remove(object) {
      const stored = await present(object);
      const now = JSON.parse(stored.json) as StoredApiObject;
      if ((now.metadata.finalizers ?? []).length > 0) {
        await plane.edit(object, (draft) => {
          draft.metadata.deletionTimestamp = '2026-01-01T00:00:01Z';
          draft.metadata.generation = now.metadata.generation + 1;
        });
        return;
      }
      await store.write({
        type: 'delete',
        kind: kindNamed(object.kind),
        uid: stored.uid,
        expectedResourceVersion: stored.resourceVersion,
      });
    },
    async get(object) {
      const stored = await store.getByUid(kindNamed(object.kind), object.metadata.uid);
      return stored === undefined ? undefined : (JSON.parse(stored.json) as StoredApiObject);
    },
    async work(reconcilers, { concurrency, timeLimitMs, ports, portTable, ...rest } = {}) {
      const worker = createWorker({
        controllers: reconcilers.map((reconciler) => ({
          reconciler,
          kind: registry.resource(reconciler.resource),
          ports: () => ports ?? noPorts,
          ...(portTable !== undefined && { portTable }),
          ...(concurrency !== undefined && { concurrency }),
          ...(timeLimitMs !== undefined && { timeLimitMs }),
        })),
        api: client,
        queue: options.queue,
        clock: systemClock,
        logger: nopLogger,
        ...rest,
      });
      workers.push(worker);
      await worker.start(abort.signal);
      return worker;
    },
    async stop() {
      await Promise.all(workers.map((worker) => worker.stop()));
      await notifier.stop();
      await options.queue.stop();
      client.close();
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
      await store.stop();
    },
  };
  return plane;
}

/** Ports of a reconciler that touches nothing. */
export const noPorts: Ports = {
  api: {
    find: () => Promise.reject(new Error('no API here')),
    list: () => Promise.reject(new Error('no API here')),
    dryRunApply: () => Promise.reject(new Error('no API here')),
    apply: () => Promise.reject(new Error('no API here')),
    delete: () => Promise.reject(new Error('no API here')),
  },
  kube: () => {
    throw new Error('no cluster here');
  },
  secrets: { read: () => Promise.reject(new Error('no API here')) },
  clock: systemClock,
  random: systemRandom,
  log: nopLogger,
};

/** The same store; notes calls that change it. A claim that got nothing changed nothing. */
function spied(store: ObjectStore, writes: string[]): ObjectStore {
  return new Proxy(store, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property, target);
      if (typeof value !== 'function') return value;
      const method = value as (...args: unknown[]) => unknown;
      if (!(WRITES as readonly (string | symbol)[]).includes(property)) return method.bind(target);
      return async (...args: unknown[]) => {
        const result = await method.apply(target, args);
        const idle = property === 'claim' && (result as unknown[]).length === 0;
        if (!idle) writes.push(String(property));
        return result;
      };
    },
  });
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
