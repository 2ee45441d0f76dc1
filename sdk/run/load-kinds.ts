import type { Client } from '../../client/index.js';
import type { CustomResourceDefinition } from '../api/custom-resource-definition.js';
import { DEFINITIONS, isTrue } from '../api/custom-resource-definition.js';
import type { KindDefinition } from '../api/kind.js';
import { kindsOfDefinition } from '../api/kinds-of-definition.js';
import { RECONCILED_ANNOTATION } from '../api/reconciled-annotations.js';
import type { KindRegistry } from '../api/registry.js';
import type { ApiObject } from '../api/object.js';
import { setTimeout as delay } from 'node:timers/promises';

const ESTABLISH_TRIES = 20;
const ESTABLISH_PAUSE_MS = 500;

/**
 * Adds the kinds of these resources to the registry, as their CustomResourceDefinitions on the server
 * say; those that the registry has are left as they are.
 *
 * @throws Error that says what to do when a definition is not there, or not served within 10 s.
 */
export async function loadKinds(
  client: Pick<Client, 'find' | 'server'>,
  registry: KindRegistry,
  resources: readonly string[],
): Promise<void> {
  for (const resource of resources) {
    if (registry.findResource(resource) !== undefined) continue;
    const definition = await establishedDefinition(client, resource);
    const names = definition.status?.acceptedNames ?? definition.spec.names;
    registry.replace(...kindsOfDefinition(definition, names));
  }
}

/** @throws Error that says what to do when objects of the kind cannot be claimed. */
export function reconciledKind(registry: KindRegistry, resource: string): KindDefinition {
  const kind = registry.resource(resource);
  if (kind.reconciled !== undefined) return kind;
  throw new Error(
    `${resource} is not a reconciled kind: its CustomResourceDefinition lacks the annotation ` +
      `${RECONCILED_ANNOTATION}: "true"; add it, and kubectl apply -f the file again`,
  );
}

async function establishedDefinition(
  client: Pick<Client, 'find' | 'server'>,
  resource: string,
): Promise<CustomResourceDefinition> {
  for (let tries = 1; ; tries++) {
    const found = await client.find<ApiObject>(DEFINITIONS, { name: resource });
    if (found === undefined) {
      throw new Error(
        `${client.server} has no kind ${resource}: kubectl apply -f the file of its ` +
          `CustomResourceDefinition (crd.yaml) first`,
      );
    }
    const definition = found as CustomResourceDefinition;
    if (isTrue(definition, 'Established')) return definition;
    if (tries === ESTABLISH_TRIES) {
      const why = definition.status?.conditions?.find(({ status }) => status === 'False');
      throw new Error(
        `${client.server} does not serve ${resource}: ` +
          (why?.message ?? 'its CustomResourceDefinition is not Established'),
      );
    }
    await delay(ESTABLISH_PAUSE_MS);
  }
}
