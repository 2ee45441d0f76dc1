import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as clientNode from '@kubernetes/client-node';

/** A definition of an OpenAPI v2 document. */
export type Definition = Record<string, unknown>;

interface ModelAttribute {
  readonly baseName: string;
  readonly type: string;
  readonly format: string;
}

const MODELS = fileURLToPath(
  new URL('./gen/models/', import.meta.resolve('@kubernetes/client-node')),
);
const INT_OR_STRING = 'io.k8s.apimachinery.pkg.util.intstr.IntOrString';

/**
 * Adds to `definitions` the fields that Kubernetes gained after the release that the OpenAPI
 * document is from, as far as the models of `@kubernetes/client-node` know them, so that today's
 * manifests are accepted. Existing fields are left as they are. Lists of new fields get no merge
 * keys: they are atomic. Changes `definitions`, new definitions included.
 */
export function addLaterFields(definitions: Record<string, Definition>): void {
  const queue = Object.keys(definitions);
  for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
    const model = modelOf(name);
    const definition = definitions[name];
    if (model === undefined || definition === undefined) continue;
    const properties = (definition['properties'] ?? {}) as Record<string, unknown>;
    for (const attribute of attributesOf(model)) {
      if (Object.hasOwn(properties, attribute.baseName)) continue;
      properties[attribute.baseName] = schemaOf(attribute.type, attribute.format, name, (added) => {
        if (Object.hasOwn(definitions, added)) return;
        definitions[added] = { type: 'object', ...requiredOf(added) };
        queue.push(added);
      });
    }
    if (Object.keys(properties).length > 0) definition['properties'] = properties;
  }
}

function schemaOf(
  type: string,
  format: string,
  owner: string,
  need: (definition: string) => void,
): Definition {
  const list = /^Array<(.*)>$/.exec(type);
  if (list !== null) {
    return { type: 'array', items: schemaOf(list[1] ?? '', format, owner, need) };
  }
  const map = /^\{ \[key: string\]: (.*); \}$/.exec(type);
  if (map !== null) {
    return { type: 'object', additionalProperties: schemaOf(map[1] ?? '', format, owner, need) };
  }
  switch (type) {
    case 'string':
      return { type: 'string', ...(format !== '' && { format }) };
    case 'boolean':
      return { type: 'boolean' };
    case 'number':
      return {
        type: format.startsWith('int') ? 'integer' : 'number',
        ...(format !== '' && { format }),
      };
    case 'Date':
      return { type: 'string', format: 'date-time' };
    case 'IntOrString':
      return { $ref: `#/definitions/${INT_OR_STRING}` };
    case 'any':
      return { 'x-kubernetes-preserve-unknown-fields': true };
    default: {
      const definition = definitionOf(type, owner);
      need(definition);
      return { $ref: `#/definitions/${definition}` };
    }
  }
}

/** `V1PodSpec`, needed by a definition of `io.k8s.api.core.v1`, is `io.k8s.api.core.v1.PodSpec`. */
function definitionOf(model: string, owner: string): string {
  const [, version = '', kind = ''] = /V(\d+(?:(?:alpha|beta)\d+)?)(.*)$/.exec(model) ?? [];
  const shared = `io.k8s.apimachinery.pkg.apis.meta.v${version}.${kind}`;
  if (kind === 'LabelSelector' || kind === 'Condition' || kind === 'ObjectMeta') return shared;
  return `${owner.slice(0, owner.lastIndexOf('.', owner.lastIndexOf('.') - 1))}.v${version}.${kind}`;
}

function modelNameOf(definition: string): string | undefined {
  const [, group = '', version = '', kind = ''] =
    /([a-z0-9]+)\.v(\w+)\.([A-Za-z]+)$/.exec(definition) ?? [];
  if (kind === '') return undefined;
  const capital = `${group.charAt(0).toUpperCase()}${group.slice(1)}`;
  return [`V${version}${kind}`, `${capital}V${version}${kind}`].find((name) => name in clientNode);
}

function modelOf(definition: string): unknown {
  const name = modelNameOf(definition);
  return name === undefined ? undefined : (clientNode as Record<string, unknown>)[name];
}

function attributesOf(model: unknown): readonly ModelAttribute[] {
  return (model as { attributeTypeMap?: readonly ModelAttribute[] }).attributeTypeMap ?? [];
}

function requiredOf(definition: string): { required?: string[] } {
  const path = `${MODELS}${modelNameOf(definition) ?? ''}.d.ts`;
  if (!existsSync(path)) return {};
  const required = [...readFileSync(path, 'utf8').matchAll(/^ {4}'(\w+)': /gm)].map(
    (match) => match[1] ?? '',
  );
  return required.length === 0 ? {} : { required };
}
