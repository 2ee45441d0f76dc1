/** A JSON Schema node, within Kubernetes' structural subset, with the `x-kubernetes-*` keywords. */
export type JsonSchema = { readonly [keyword: string]: unknown };

/** A column that `kubectl get` and `tptctl get` print, exactly Kubernetes' additionalPrinterColumns. */
export interface PrinterColumn {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  /** Simple JSONPath below the object: `.spec.runtime`, `.status.conditions[?(@.type=="Ready")].status`. */
  readonly jsonPath: string;
  readonly description?: string;
  readonly format?: string;
  /** 0 is always shown, greater only with `-o wide`. */
  readonly priority?: number;
}

/** A field that names another object: a deleted or changed target acts on, and wakes, the referrer. */
export interface ReferenceField {
  /** Path of the name, such as `spec.runtime`. */
  readonly path: string;
  readonly group: string;
  readonly kind: string;
  /** Path of the namespace; absent: the referrer's own (or none, when the target is cluster-scoped). */
  readonly namespacePath?: string;
  /** What the target's deletion does to the referrer. Default `orphan`: nothing but the wake. */
  readonly onDelete: 'block' | 'cascade' | 'orphan';
  /** When the field is absent the object waits for *any* target of the kind to change. Default false. */
  readonly anyWhenAbsent?: boolean;
}

/** A LabelSelector over another kind: whatever it selects, or did, wakes the selecting object. */
export interface SelectorField {
  /** Path of the selector, such as `spec.selector`. */
  readonly path: string;
  readonly group: string;
  readonly kind: string;
  /**
   * Path of the namespace in which it selects; absent: its own, or all of them when it has none and the
   * selected kind has.
   */
  readonly namespacePath?: string;
}

/**
 * A field that becomes a typed column, and with it a field selector. `scalar` takes a string, integer
 * or boolean and compares it as text: what Kubernetes' `selectableFields` do.
 */
export interface IndexedField {
  readonly path: string;
  readonly type: 'string' | 'integer' | 'boolean' | 'scalar';
}

/** A field that one version has elsewhere than another. Paths are dotted, outside `metadata`. */
export interface MovedField {
  /** In the version that `VersionConversion.of` names. */
  readonly from: string;
  /** In the version that declares it. */
  readonly to: string;
}

/**
 * How a version of a kind differs from another one of it. Works in both directions; which of them is
 * stored does not matter. Fields that it does not name are where they were.
 */
export interface VersionConversion {
  /** The other version, such as `v1alpha1`. */
  readonly of: string;
  readonly moved: readonly MovedField[];
}

/** What a kind asks of the reconciler runtime. */
export interface ReconciledKind {
  /** Put on objects at create, removed by the runtime after clean-up. Absent: nothing to clean up. */
  readonly finalizer?: string;
  /** An agent renews this object's heartbeat; missing it makes the object due. */
  readonly heartbeat?: boolean;
}

/** The objects of another kind in another form: fields at the top have other names. */
export interface KindView {
  /** Resource name of the kind that the objects are stored as. */
  readonly resource: string;
  /** Name of a field in this form → its name as stored. Fields that are not here have one name. */
  readonly renamed: Readonly<Record<string, string>>;
}

/** Everything the API machinery knows of a kind. Plain data; generated from `api-schemas/`. */
export interface KindDefinition {
  /** '' for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly listKind: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  /** Subresources served beside the object. `status` separates the two halves as in Kubernetes. */
  readonly status: boolean;
  readonly scale?: {
    readonly specReplicasPath: string;
    readonly statusReplicasPath: string;
    readonly labelSelectorPath?: string;
  };
  readonly printerColumns: readonly PrinterColumn[];
  readonly references: readonly ReferenceField[];
  /** Absent: the kind selects no others. */
  readonly selectors?: readonly SelectorField[];
  readonly indexed: readonly IndexedField[];
  /** Paths that cannot change after create. */
  readonly immutable: readonly string[];
  /** Paths encrypted at rest. `*` stands for every key of a map: `data.*`. */
  readonly sensitive: readonly string[];
  /** Set when reconcilers work on the kind. */
  readonly reconciled?: ReconciledKind;
  /** Set on a kind without objects of its own: it shows those of another. */
  readonly viewOf?: KindView;
  /** True: a create asks a question and is answered, nothing is stored. There is no other verb. */
  readonly isReview?: boolean;
  /** True: a kind that clients ask for and that this server never has an object of. Only read. */
  readonly hasNoObjects?: boolean;
  /** Schema of the whole object, `apiVersion`, `kind` and `metadata` left open. */
  readonly schema: JsonSchema;
  readonly description?: string;
  /** Version in which the kind's objects are stored, when it is not this one. */
  readonly storageVersion?: string;
  /** False: there for stored objects and for conversion only. Absent: served. */
  readonly served?: boolean;
  /** Said in the `Warning` header of every answer; absent: the version is not deprecated. */
  readonly deprecationWarning?: string;
  /** Absent: all versions have every field in the same place. */
  readonly conversion?: VersionConversion;
  /**
   * Stored objects may be of another schema than this version has now: what is read loses the fields
   * that this one does not know and gets its defaults.
   */
  readonly coercedOnRead?: boolean;
}

/** True for the one version of a kind in which its objects are stored. */
export function isStorageVersion(kind: KindDefinition): boolean {
  return kind.storageVersion === undefined || kind.storageVersion === kind.version;
}

/** Whether objects of the kind are in the store under its own name. */
export function isStored({
  viewOf,
  isReview,
  hasNoObjects,
}: Pick<KindDefinition, 'viewOf' | 'isReview' | 'hasNoObjects'>): boolean {
  return viewOf === undefined && isReview !== true && hasNoObjects !== true;
}

/** `plural.group`, or the plural alone in the core group: the name of a kind's table and CRD. */
export function resourceName(kind: { plural: string; group: string }): string {
  return kind.group === '' ? kind.plural : `${kind.plural}.${kind.group}`;
}

/** The path that lists a kind: `/apis/<group>/<version>[/namespaces/<ns>]/<plural>`. */
export function collectionPath(
  kind: Pick<KindDefinition, 'group' | 'version' | 'plural' | 'namespaced'>,
  namespace?: string,
): string {
  const root = kind.group === '' ? `/api/${kind.version}` : `/apis/${kind.group}/${kind.version}`;
  return kind.namespaced && namespace !== undefined && namespace !== ''
    ? `${root}/namespaces/${encodeURIComponent(namespace)}/${kind.plural}`
    : `${root}/${kind.plural}`;
}
