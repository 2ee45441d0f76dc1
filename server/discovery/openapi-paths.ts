import type { KindDefinition } from '../../sdk/api/kind.js';
import { collectionPath } from '../../sdk/api/kind.js';
import { hasFinalize } from './api-groups.js';
import { SCALE, SCALE_NAME } from './openapi-scale.js';
import { schemaNameOf } from './openapi-schema.js';

/** An operation of OpenAPI v3, as far as this server says something of it. */
export interface PathOperation {
  readonly tags: readonly string[];
  readonly operationId: string;
  readonly parameters?: readonly PathParameter[];
  readonly requestBody?: {
    readonly required: true;
    readonly content: Readonly<Record<string, { readonly schema: SchemaReference }>>;
  };
  readonly responses: {
    readonly '200': {
      readonly description: string;
      readonly content: Readonly<Record<string, { readonly schema: SchemaReference }>>;
    };
  };
  readonly 'x-kubernetes-action': string;
  readonly 'x-kubernetes-group-version-kind': GroupVersionKind;
}

export interface PathParameter {
  readonly name: string;
  readonly in: 'query' | 'path';
  readonly required?: true;
  readonly schema: { readonly type: string; readonly uniqueItems?: true };
}

export type SchemaReference = { readonly $ref: string } | { readonly type: 'object' };
export type OperationMethod = 'get' | 'put' | 'post' | 'patch' | 'delete';
export type PathItem = { readonly [Method in OperationMethod]?: PathOperation } & {
  readonly parameters: readonly PathParameter[];
};

interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** What an operation takes and gives: its place in `operationId`s, its schema, what it is of. */
interface Subject {
  readonly kind: KindDefinition;
  readonly id: string;
  readonly schemaName: string;
  readonly gvk: GroupVersionKind;
}

export const COMPONENTS = '#/components/schemas/';
const TYPES: readonly string[] = ['application/json', 'application/yaml'];
const PRETTY: PathParameter = { name: 'pretty', in: 'query', schema: { type: 'string' } };
const WRITE_PARAMETERS = ['dryRun', 'fieldManager', 'fieldValidation'].map(queryParameter);

/** The paths under which objects of the kind are, with what may be done there. */
export function pathsOf(kind: KindDefinition): Record<string, PathItem> {
  const collection = kind.namespaced
    ? collectionPath(kind, '{namespace}').replace('%7Bnamespace%7D', '{namespace}')
    : collectionPath(kind);
  const parameters = [...(kind.namespaced ? [pathParameter('namespace')] : []), PRETTY];
  const whole = subjectOf(kind, '');
  if (kind.isReview === true) return { [collection]: { post: post(whole), parameters } };
  const object = `${collection}/{name}`;
  const list = operation(whole, 'list', `${whole.schemaName}List`);
  const get = operation(whole, 'get', whole.schemaName);
  const named = [...parameters, pathParameter('name')];
  if (kind.hasNoObjects === true) {
    return { [collection]: { get: list, parameters }, [object]: { get, parameters: named } };
  }
  return {
    ...(kind.namespaced && { [collectionPath(kind)]: allNamespaces(whole) }),
    [collection]: {
      get: list,
      post: post(whole),
      delete: operation(whole, 'deletecollection', undefined),
      parameters,
    },
    [object]: {
      ...readAndChange(whole),
      delete: operation(whole, 'delete', undefined),
      parameters: named,
    },
    ...(kind.status && {
      [`${object}/status`]: { ...readAndChange(subjectOf(kind, 'Status')), parameters: named },
    }),
    ...(kind.scale !== undefined && {
      [`${object}/scale`]: { ...readAndChange(scaleSubject(kind)), parameters: named },
    }),
    ...(hasFinalize(kind) && {
      [`${object}/finalize`]: { put: put(subjectOf(kind, 'Finalize')), parameters: named },
    }),
  };
}

function allNamespaces(whole: Subject): PathItem {
  const subject = { ...whole, id: `${whole.id}ForAllNamespaces` };
  const get = operation(subject, 'list', `${whole.schemaName}List`);
  return { get, parameters: [PRETTY] };
}

function subjectOf(kind: KindDefinition, suffix: string): Subject {
  const schemaName = schemaNameOf(kind);
  const gvk = { group: kind.group, version: kind.version, kind: kind.kind };
  return { kind, id: `${schemaName}${suffix}`, schemaName, gvk };
}

function scaleSubject(kind: KindDefinition): Subject {
  return { ...subjectOf(kind, 'Scale'), schemaName: SCALE_NAME, gvk: SCALE };
}

function readAndChange(subject: Subject) {
  return {
    get: operation(subject, 'get', subject.schemaName),
    put: put(subject),
    patch: patch(subject),
  };
}

function post(subject: Subject): PathOperation {
  return operation(subject, 'post', subject.schemaName, TYPES);
}

function put(subject: Subject): PathOperation {
  return operation(subject, 'put', subject.schemaName, TYPES);
}

function patch(subject: Subject): PathOperation {
  const isScale = subject.gvk === SCALE;
  return operation(subject, 'patch', subject.schemaName, [
    ...(isScale ? [] : ['application/apply-patch+yaml']),
    'application/json-patch+json',
    'application/merge-patch+json',
    // Clients take it as a promise that the schema has merge keys, as Kubernetes' own kinds do.
    ...(isKubernetesGroup(subject.kind.group) ? ['application/strategic-merge-patch+json'] : []),
  ]);
}

/** True for groups whose kinds are Kubernetes' own. */
export function isKubernetesGroup(group: string): boolean {
  return !group.includes('.') || group.endsWith('.k8s.io');
}

function operation(
  { kind, id, gvk }: Subject,
  action: string,
  schemaName: string | undefined,
  bodyTypes: readonly string[] = [],
): PathOperation {
  const schema: SchemaReference =
    schemaName === undefined ? { type: 'object' } : { $ref: `${COMPONENTS}${schemaName}` };
  const isPatch = action === 'patch';
  const body: SchemaReference = isPatch ? { type: 'object' } : schema;
  return {
    tags: [kind.group === '' ? `core_${kind.version}` : `${kind.group}_${kind.version}`],
    operationId: `${action}_${id}`,
    ...(bodyTypes.length > 0 && {
      parameters: isPatch ? [...WRITE_PARAMETERS, queryParameter('force')] : WRITE_PARAMETERS,
      requestBody: {
        required: true as const,
        content: Object.fromEntries(bodyTypes.map((type) => [type, { schema: body }])),
      },
    }),
    responses: {
      '200': {
        description: 'OK',
        content: Object.fromEntries(TYPES.map((type) => [type, { schema }])),
      },
    },
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': gvk,
  };
}

function queryParameter(name: string): PathParameter {
  return { name, in: 'query', schema: { type: 'string', uniqueItems: true } };
}

function pathParameter(name: string): PathParameter {
  return { name, in: 'path', required: true, schema: { type: 'string' } };
}
