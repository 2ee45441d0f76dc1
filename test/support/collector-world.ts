import type { KindDefinition } from '../../sdk/api/kind.js';
import type { ApiObject, OwnerReference } from '../../sdk/api/object.js';
import { apiVersionOf } from '../../sdk/api/object.js';
import { KindRegistry } from '../../sdk/api/registry.js';
import { kinds as threeportKinds } from '../../sdk/api/zz_generated.kinds.js';
import { nopLogger } from '../../sdk/logger.js';
import { GarbageCollector } from '../../server/background/garbage-collector.js';
import { ObjectCodec } from '../../server/resource/object-codec.js';
import type { PropagationPolicy } from '../../server/resource/write-request.js';
import { WritePipeline } from '../../server/resource/write-pipeline.js';
import { ResourceService } from '../../server/resource-service.js';
import { SchemaValidator } from '../../server/schema/schema-validator.js';
import type { ObjectStore } from '../../server/store/object-store.js';

const OPEN = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
const plain = {
  group: 'gc.threeport.io',
  version: 'v1',
  shortNames: [],
  categories: [],
  status: true,
  printerColumns: [],
  references: [],
  indexed: [],
  immutable: [],
  sensitive: [],
  schema: { ...OPEN, properties: { spec: OPEN, status: OPEN } },
};

/** Namespaced, and nothing more. */
export const thing: KindDefinition = {
  ...plain,
  kind: 'Thing',
  plural: 'things',
  singular: 'thing',
  listKind: 'ThingList',
  namespaced: true,
};

/** Cluster-scoped. */
export const site: KindDefinition = {
  ...plain,
  kind: 'Site',
  plural: 'sites',
  singular: 'site',
  listKind: 'SiteList',
  namespaced: false,
};

/** Goes with the site in `spec.site`, and keeps the one in `spec.needs`. */
export const tenant: KindDefinition = {
  ...plain,
  kind: 'Tenant',
  plural: 'tenants',
  singular: 'tenant',
  listKind: 'TenantList',
  namespaced: true,
  references: [
    { path: 'spec.site', group: plain.group, kind: 'Site', onDelete: 'cascade' },
    { path: 'spec.needs', group: plain.group, kind: 'Site', onDelete: 'block' },
  ],
};

const events = new KindRegistry(threeportKinds).resource('events');

/** The kinds of this world: those above, and Events. */
export const collectorKinds: readonly KindDefinition[] = [thing, site, tenant, events];

/** What a test says of an object. An owner is its name, with `!` behind it when it is blocked. */
export interface Wanted {
  readonly kind?: KindDefinition;
  readonly namespace?: string;
  readonly owners?: readonly string[];
  readonly finalizers?: readonly string[];
  readonly spec?: Record<string, unknown>;
}

/** The rules of the API and the collector on a store, without HTTP. */
export class CollectorWorld {
  readonly registry = new KindRegistry(collectorKinds);
  readonly service: ResourceService;
  readonly #made = new Map<string, ApiObject>();

  constructor(readonly store: ObjectStore) {
    this.service = this.#serviceOn(store);
  }

  /** A collector that is not started yet, on another way to the store if one is given. */
  collector(store: ObjectStore = this.store): GarbageCollector {
    const { registry } = this;
    const service = this.#serviceOn(store);
    return new GarbageCollector({ registry, store, service, logger: nopLogger, savePlaceMs: 10 });
  }

  async create(objects: Readonly<Record<string, Wanted>>): Promise<void> {
    for (const [name, wanted] of Object.entries(objects)) {
      const kind = wanted.kind ?? thing;
      const namespace = kind.namespaced ? (wanted.namespace ?? 'default') : '';
      const metadata = {
        name,
        ...(wanted.finalizers !== undefined && { finalizers: [...wanted.finalizers] }),
        ...(wanted.owners !== undefined && { ownerReferences: wanted.owners.map(this.refer) }),
      };
      const body = { metadata, ...(wanted.spec !== undefined && { spec: wanted.spec }) };
      const target = { kind, namespace, name: '' };
      const { object } = await this.service.create(target, body, WRITE);
      this.#made.set(name, JSON.parse(object.json) as ApiObject);
    }
  }

  async delete(name: string, propagationPolicy?: PropagationPolicy): Promise<void> {
    const { kind, namespace } = this.#place(name);
    await this.service.delete(
      { kind, namespace, name },
      {
        user: WRITE.user,
        dryRun: false,
        preconditions: {},
        ...(propagationPolicy !== undefined && { propagationPolicy }),
      },
    );
  }

  /** Merges into the object's metadata. */
  async change(name: string, metadata: Record<string, unknown>): Promise<void> {
    const target = { ...this.#place(name), name };
    await this.service.patch(target, '', { type: 'merge', body: { metadata } }, WRITE);
  }

  /** An owner reference to an object that was made, as `owners` of Wanted has it. */
  readonly refer = (owner: string): OwnerReference => {
    const [name = ''] = owner.split('!');
    const made = this.#made.get(name);
    return {
      apiVersion: made?.apiVersion ?? apiVersionOf(thing),
      kind: made?.kind ?? 'Thing',
      name,
      uid: made?.metadata.uid ?? `no-such-${name}`,
      ...(owner.includes('!') && { blockOwnerDeletion: true }),
    };
  };

  /**
   * Everything that is there but Events, sorted: `name`, `-` when it is being deleted, its finalizers in
   * parentheses, its owners after `<`.
   */
  async state(): Promise<string[]> {
    const lists = await Promise.all([thing, site, tenant].map((kind) => this.store.list(kind, {})));
    return lists
      .flatMap(({ items }) => items)
      .map(({ json }) => {
        const { metadata } = JSON.parse(json) as ApiObject;
        const { name, deletionTimestamp, finalizers = [], ownerReferences = [] } = metadata;
        const owners = ownerReferences.map(
          (owner) => owner.name + (owner.blockOwnerDeletion === true ? '!' : ''),
        );
        return [
          name,
          deletionTimestamp === undefined ? '' : '-',
          finalizers.length === 0 ? '' : `(${finalizers.join(',')})`,
          owners.length === 0 ? '' : `<${owners.join(',')}`,
        ].join('');
      })
      .sort();
  }

  /** The messages of all Events. */
  async warnings(): Promise<unknown[]> {
    const { items } = await this.store.list(events, {});
    return items.map(({ json }) => (JSON.parse(json) as ApiObject)['message']);
  }

  #place(name: string): { kind: KindDefinition; namespace: string } {
    const made = this.#made.get(name);
    const kind = made === undefined ? undefined : this.registry.findFor(made);
    if (kind === undefined) throw new Error(`${name} was not made`);
    return { kind, namespace: made?.metadata.namespace ?? '' };
  }

  #serviceOn(store: ObjectStore): ResourceService {
    const pipeline = new WritePipeline({ validator: new SchemaValidator(), hooks: [] });
    return new ResourceService({
      registry: this.registry,
      store,
      codec: new ObjectCodec(this.registry),
      pipeline,
    });
  }
}

const WRITE = {
  user: { name: 'somebody', groups: [] },
  fieldManager: 'tests',
  fieldValidation: 'Strict',
  dryRun: false,
} as const;
