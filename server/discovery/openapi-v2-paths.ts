import type { KindDefinition } from '../../sdk/api/kind.js';
import type {
  OperationMethod,
  PathItem,
  PathOperation,
  PathParameter,
  SchemaReference,
} from './openapi-paths.js';
import { COMPONENTS, isKubernetesGroup, pathsOf } from './openapi-paths.js';

export const METHODS: readonly OperationMethod[] = ['get', 'put', 'post', 'delete', 'patch'];

/** A parameter of OpenAPI v2: of the body with a schema, else with a type. */
export type SwaggerParameter =
  | { readonly name: 'body'; readonly in: 'body'; readonly required: true; readonly schema: object }
  | {
      readonly name: string;
      readonly in: 'query' | 'path';
      readonly required?: true;
      readonly type: string;
      readonly uniqueItems?: true;
    };

export interface SwaggerOperation {
  readonly tags: readonly string[];
  readonly operationId: string;
  readonly produces: readonly string[];
  readonly consumes?: readonly string[];
  readonly parameters?: readonly SwaggerParameter[];
  readonly responses: {
    readonly '200': { readonly description: string; readonly schema: SchemaReference };
  };
  readonly 'x-kubernetes-action': string;
  readonly 'x-kubernetes-group-version-kind': object;
}

export type SwaggerPathItem = { readonly [Method in OperationMethod]?: SwaggerOperation } & {
  readonly parameters: readonly SwaggerParameter[];
};

/** The paths of a kind in the words of OpenAPI v2: older clients look there what a patch may take. */
export function swaggerPathsOf(kind: KindDefinition): Record<string, SwaggerPathItem> {
  return Object.fromEntries(
    Object.entries(pathsOf(kind)).flatMap(([path, item]) => {
      const swagger = pathItem(item);
      return [[path, swagger], ...watchPath(kind, path, swagger)];
    }),
  );
}

/** Where a collection is watched by its path, which a kube-apiserver says of its own kinds only. */
function watchPath(
  kind: KindDefinition,
  path: string,
  { get: list, parameters }: SwaggerPathItem,
): [path: string, item: SwaggerPathItem][] {
  if (!isKubernetesGroup(kind.group) || list?.['x-kubernetes-action'] !== 'list') return [];
  const operationId = `watch${list.operationId}`;
  const get = { ...list, operationId, 'x-kubernetes-action': 'watchlist' };
  const root = `${kind.group === '' ? '/api' : `/apis/${kind.group}`}/${kind.version}`;
  return [[`${root}/watch${path.slice(root.length)}`, { get, parameters }]];
}

function pathItem(item: PathItem): SwaggerPathItem {
  const operations = METHODS.flatMap((method) => {
    const operation = item[method];
    return operation === undefined ? [] : [[method, swaggerOperation(operation)] as const];
  });
  return { ...Object.fromEntries(operations), parameters: item.parameters.map(parameter) };
}

function swaggerOperation(operation: PathOperation): SwaggerOperation {
  const { parameters = [], requestBody, responses, ...same } = operation;
  const { description, content } = responses['200'];
  const consumes = Object.keys(requestBody?.content ?? {});
  return {
    ...same,
    produces: Object.keys(content),
    ...(requestBody !== undefined && {
      consumes,
      parameters: [bodyParameter(requestBody), ...parameters.map(parameter)],
    }),
    responses: { '200': { description, schema: firstSchema(content) } },
  };
}

function bodyParameter({ content }: NonNullable<PathOperation['requestBody']>): SwaggerParameter {
  return { name: 'body', in: 'body', required: true, schema: firstSchema(content) };
}

function parameter({ schema, ...same }: PathParameter): SwaggerParameter {
  return { ...same, ...schema };
}

function firstSchema(
  content: Readonly<Record<string, { readonly schema: SchemaReference }>>,
): SchemaReference {
  const schema = Object.values(content)[0]?.schema ?? { type: 'object' };
  return '$ref' in schema ? { $ref: schema.$ref.replace(COMPONENTS, '#/definitions/') } : schema;
}
