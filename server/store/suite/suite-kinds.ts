import { randomUUID } from 'node:crypto';
import type { KindDefinition } from '../../../sdk/api/kind.js';
import type { ApiObject, ObjectMeta } from '../../../sdk/api/object.js';
import type { ObjectStore, StoredObject } from '../object-store.js';

/** What the suite is given: stores on the same, empty data. In memory both are one. */
export interface StoreHarness {
  readonly store: ObjectStore;
  readonly second: ObjectStore;
  /** Stops the stores and removes the data. */
  close(): Promise<void>;
}

export type CreateHarness = () => Promise<StoreHarness>;

const plain: Omit<KindDefinition, 'kind' | 'plural' | 'singular' | 'listKind' | 'namespaced'> = {
  group: 'suite.threeport.io',
  version: 'v1',
  shortNames: [],
  categories: [],
  status: true,
  printerColumns: [],
  references: [],
  indexed: [],
  immutable: [],
  sensitive: [],
  schema: {},
};

/** Cluster-scoped, with an agent that beats. */
export const gadget: KindDefinition = {
  ...plain,
  kind: 'Gadget',
  plural: 'gadgets',
  singular: 'gadget',
  listKind: 'GadgetList',
  namespaced: false,
  reconciled: { heartbeat: true },
};

/** Not reconciled, namespaced, in the core group. */
export const part: KindDefinition = {
  ...plain,
  group: '',
  kind: 'Part',
  plural: 'parts',
  singular: 'part',
  listKind: 'PartList',
  namespaced: true,
};

/** Reconciled, with indexed fields and references of every form. */
export const widget: KindDefinition = {
  ...plain,
  kind: 'Widget',
  plural: 'widgets',
  singular: 'widget',
  listKind: 'WidgetList',
  namespaced: true,
  reconciled: { finalizer: 'suite.threeport.io/widget' },
  indexed: [
    { path: 'spec.colour', type: 'string' },
    { path: 'spec.wheelCount', type: 'integer' },
    { path: 'spec.running', type: 'boolean' },
  ],
  references: [
    { path: 'spec.gadget', group: plain.group, kind: 'Gadget', onDelete: 'block' },
    { path: 'spec.spare', group: plain.group, kind: 'Gadget', onDelete: 'orphan' },
    {
      path: 'spec.part',
      group: '',
      kind: 'Part',
      onDelete: 'orphan',
      namespacePath: 'spec.partNamespace',
    },
  ],
};

/** Waits for any gadget while it names none. */
export const waiter: KindDefinition = {
  ...plain,
  kind: 'Waiter',
  plural: 'waiters',
  singular: 'waiter',
  listKind: 'WaiterList',
  namespaced: true,
  references: [
    {
      path: 'spec.gadget',
      group: plain.group,
      kind: 'Gadget',
      onDelete: 'orphan',
      anyWhenAbsent: true,
    },
  ],
};

/** Selects gadgets, and parts in its own or another namespace. */
export const picker: KindDefinition = {
  ...plain,
  kind: 'Picker',
  plural: 'pickers',
  singular: 'picker',
  listKind: 'PickerList',
  namespaced: true,
  reconciled: {},
  selectors: [
    { path: 'spec.gadgets', group: plain.group, kind: 'Gadget' },
    { path: 'spec.parts', group: '', kind: 'Part', namespacePath: 'spec.partNamespace' },
  ],
};

/** Selects parts of all namespaces, itself in none. */
export const collector: KindDefinition = {
  ...plain,
  kind: 'Collector',
  plural: 'collectors',
  singular: 'collector',
  listKind: 'CollectorList',
  namespaced: false,
  selectors: [{ path: 'spec.parts', group: '', kind: 'Part' }],
};

export const suiteKinds: readonly KindDefinition[] = [
  gadget,
  part,
  widget,
  waiter,
  picker,
  collector,
];

/** An object of the kind with a uid of its own; namespaced ones are in `default`. */
export function objectOf(
  kind: KindDefinition,
  name: string,
  content: {
    metadata?: Partial<ObjectMeta>;
    spec?: unknown;
    status?: unknown;
    [field: string]: unknown;
  } = {},
): ApiObject {
  const { metadata, ...others } = content;
  return {
    apiVersion: kind.group === '' ? kind.version : `${kind.group}/${kind.version}`,
    kind: kind.kind,
    metadata: {
      name,
      ...(kind.namespaced && { namespace: 'default' }),
      uid: randomUUID(),
      generation: 1,
      creationTimestamp: '2026-01-02T03:04:05Z',
      ...metadata,
    },
    ...others,
  };
}

export function create(
  store: ObjectStore,
  kind: KindDefinition,
  name: string,
  content: Parameters<typeof objectOf>[2] = {},
): Promise<StoredObject> {
  return store.write({ type: 'create', kind, object: objectOf(kind, name, content) });
}

export function parse(stored: StoredObject): ApiObject {
  return JSON.parse(stored.json) as ApiObject;
}

/** Writes the object changed by `change`, expecting the version at which it was read. */
export function change(
  store: ObjectStore,
  kind: KindDefinition,
  stored: StoredObject,
  apply: (object: ApiObject) => void,
): Promise<StoredObject> {
  const object = parse(stored);
  apply(object);
  return store.write({
    type: 'update',
    kind,
    object,
    expectedResourceVersion: stored.resourceVersion,
  });
}

export function remove(
  store: ObjectStore,
  kind: KindDefinition,
  stored: StoredObject,
): Promise<StoredObject> {
  const { uid, resourceVersion: expectedResourceVersion } = stored;
  return store.write({ type: 'delete', kind, uid, expectedResourceVersion });
}

/** The reason of the ApiError that the call fails with; 'none' when it does not fail. */
export async function reasonOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'none';
  } catch (error) {
    const reason = (error as { reason?: unknown }).reason;
    if (typeof reason !== 'string') throw error;
    return reason;
  }
}

/** Waits until the condition gives a value, at most 10 s. */
export async function until<Value>(
  what: string,
  condition: () => Promise<Value | undefined | false>,
): Promise<Value> {
  const giveUpAt = Date.now() + 10_000;
  for (;;) {
    const value = await condition();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > giveUpAt) throw new Error(`waited 10 s in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
