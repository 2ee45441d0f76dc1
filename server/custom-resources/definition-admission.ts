import { ApiError } from '../../sdk/api/errors.js';
import type { KindDefinition } from '../../sdk/api/kind.js';
import { resourceName } from '../../sdk/api/kind.js';
import { isBeingDeleted } from '../../sdk/api/object.js';
import type {
  CustomResourceDefinitionSpec,
  CustomResourceDefinitionStatus,
} from '../../sdk/api/zz_generated.types.js';
import type { ApiObject } from '../../sdk/api/object.js';
import type { AdmissionHook } from '../resource/admission.js';
import { isJsonObject } from '../apply/json-object.js';
import { hasSchemaShape } from '../schema/has-schema-shape.js';
import { servedSchema } from '../schema/served-schema.js';
import { TurnQueue } from '../turns.js';
import type { CustomResourceDefinition } from '../../sdk/api/custom-resource-definition.js';
import {
  CLEANUP_FINALIZER,
  DEFINITIONS,
  findCondition,
  fullNames,
} from '../../sdk/api/custom-resource-definition.js';
import type { ServedDefinitions } from './served-definitions.js';
import type { SchemaChecks } from './version-rules.js';
import { checkDefinition } from './definition-rules.js';
import { checkReconciledAnnotations } from './reconciled-rules.js';

type DefinitionDraft = ApiObject<CustomResourceDefinitionSpec, CustomResourceDefinitionStatus>;

/**
 * What a CustomResourceDefinition asks beyond its schema; and no object is created whose kind is
 * about to go.
 */
export function createDefinitionAdmission(options: {
  readonly checks: SchemaChecks;
  readonly definitions: Pick<ServedDefinitions, 'get'>;
  /** Whether Threeport's annotations of a definition count. */
  readonly isReconciling: boolean;
}): AdmissionHook {
  const turns = new TurnQueue();
  const isTerminating = (kind: KindDefinition): boolean => {
    const definition = options.definitions.get(resourceName(kind));
    return definition !== undefined && isBeingDeleted(definition);
  };
  return {
    setDefaults({ kind, object, subresource }) {
      if (isDefinition(kind) && subresource === '') setDefaults(object);
    },

    mutate({ kind, object, old, operation, subresource }) {
      if (operation === 'create' && isTerminating(kind)) {
        throw new ApiError(
          'MethodNotAllowed',
          'create not allowed while custom resource definition is terminating',
        );
      }
      if (!isDefinition(kind)) return undefined;
      if (subresource === '') {
        keepFinalizer(object);
        if (hasShape(kind, object)) noteStorageVersion(object as DefinitionDraft);
      } else if (old !== undefined && hasShape(kind, object)) {
        keepEstablished(object as DefinitionDraft, old as CustomResourceDefinition);
      }
      // What follows takes long enough that thousands of them at once would hold up everybody else.
      return turns.next();
    },

    async validate({ kind, object, old, subresource }) {
      if (!isDefinition(kind) || subresource !== '' || !hasShape(kind, object)) return undefined;
      const draft = object as DefinitionDraft;
      const before = old as CustomResourceDefinition | undefined;
      const errors = await checkDefinition(draft, before, options.checks);
      return options.isReconciling
        ? [...errors, ...checkReconciledAnnotations(draft, before)]
        : errors;
    },
  };
}

function isDefinition(kind: KindDefinition): boolean {
  return resourceName(kind) === DEFINITIONS;
}

/** Rules read the object as typed; where it is not, the schema's own errors say so. */
function hasShape(kind: KindDefinition, object: ApiObject): boolean {
  const schema = servedSchema(kind);
  return hasSchemaShape(object, schema, schema);
}

function setDefaults({ spec }: ApiObject): void {
  if (!isJsonObject(spec)) return;
  spec['conversion'] ??= { strategy: 'None' };
  const { names } = spec;
  if (!isJsonObject(names) || typeof names['kind'] !== 'string') return;
  const { singular, listKind } = fullNames({ plural: '', kind: names['kind'] });
  // As in Kubernetes, an empty name is one that was left out.
  if ((names['singular'] ?? '') === '') names['singular'] = singular;
  if ((names['listKind'] ?? '') === '') names['listKind'] = listKind;
}

/** Objects outlive no kind: the definition stays until they are gone. */
function keepFinalizer(object: ApiObject): void {
  if (isBeingDeleted(object)) return;
  const finalizers = object.metadata.finalizers ?? [];
  if (finalizers.includes(CLEANUP_FINALIZER)) return;
  object.metadata.finalizers = [...finalizers, CLEANUP_FINALIZER];
}

/**
 * Once it is, it stays: a definition that is not yet has no objects, and what is found of an earlier one
 * of its name goes.
 */
function keepEstablished(definition: DefinitionDraft, old: CustomResourceDefinition): void {
  const before = findCondition(old, 'Established');
  if (before?.status !== 'True') return;
  const conditions = definition.status?.conditions ?? [];
  const others = conditions.filter(({ type }) => type !== 'Established');
  if (conditions.some(({ type, status }) => type === 'Established' && status === 'True')) return;
  definition.status = { ...definition.status, conditions: [...others, before] };
}

function noteStorageVersion(definition: DefinitionDraft): void {
  const storage = definition.spec?.versions.find((version) => version.storage)?.name;
  const stored = definition.status?.storedVersions ?? [];
  if (storage === undefined || stored.includes(storage)) return;
  definition.status = { ...definition.status, storedVersions: [...stored, storage] };
}
