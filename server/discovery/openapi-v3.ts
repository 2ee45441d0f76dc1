import type { KindDefinition } from '../../sdk/api/kind.js';
import type { KindRegistry } from '../../sdk/api/registry.js';
import { groupsOf, kindsOf, versionsOf } from './api-groups.js';
import { contentHash } from './content-hash.js';
import { pathsOf } from './openapi-paths.js';
import { componentsOf } from './openapi-schema.js';

const COMPONENTS = '#/components/schemas/';

/** One group-version's document, by the key that the index gives it: `apis/<group>/<version>`. */
export interface OpenApiDocument {
  readonly key: string;
  readonly json: string;
}

interface GroupVersion {
  readonly key: string;
  readonly kinds: readonly KindDefinition[];
}

/**
 * The OpenAPI v3 documents of what a registry serves, each made when it is first asked for and again
 * only when one of its kinds has changed.
 */
export class OpenApiV3 {
  readonly #registry: KindRegistry;
  readonly #version: string;
  readonly #documents = new Map<string, { readonly hash: string; readonly json: string }>();

  constructor(registry: KindRegistry, version: string) {
    this.#registry = registry;
    this.#version = version;
  }

  /** `GET /openapi/v3`: where each document is. The hash lets clients keep what they have. */
  index(): string {
    this.#forgetOthers();
    const paths = Object.fromEntries(
      this.#groupVersions().map(({ key, kinds }) => [
        key,
        { serverRelativeURL: `/openapi/v3/${key}?hash=${hashOfKinds(kinds)}` },
      ]),
    );
    return JSON.stringify({ paths });
  }

  /** Undefined when nothing is served there. */
  document(key: string): string | undefined {
    const found = this.#groupVersions().find((one) => one.key === key);
    return found && this.#documentOf(found);
  }

  /** All of them. */
  documents(): OpenApiDocument[] {
    return this.#groupVersions().map((one) => ({ key: one.key, json: this.#documentOf(one) }));
  }

  #documentOf({ key, kinds }: GroupVersion): string {
    const hash = hashOfKinds(kinds);
    let document = this.#documents.get(key);
    if (document?.hash !== hash) {
      document = { hash, json: JSON.stringify(documentOf(kinds, this.#version)) };
      this.#documents.set(key, document);
    }
    return document.json;
  }

  /** Drops documents of what is no longer served. */
  #forgetOthers(): void {
    const keys = new Set(this.#groupVersions().map(({ key }) => key));
    for (const key of this.#documents.keys()) if (!keys.has(key)) this.#documents.delete(key);
  }

  #groupVersions(): GroupVersion[] {
    const registry = this.#registry;
    return ['', ...groupsOf(registry)].flatMap((group) =>
      versionsOf(registry, group).map((version) => ({
        key: group === '' ? `api/${version}` : `apis/${group}/${version}`,
        kinds: kindsOf(registry, group, version),
      })),
    );
  }
}

const kindHashes = new WeakMap<KindDefinition, string>();

/** The same on every server for the same kinds. */
function hashOfKinds(kinds: readonly KindDefinition[]): string {
  return contentHash(kinds.map(hashOfKind).join(' '));
}

function hashOfKind(kind: KindDefinition): string {
  let hash = kindHashes.get(kind);
  if (hash === undefined) kindHashes.set(kind, (hash = contentHash(JSON.stringify(kind))));
  return hash;
}

function documentOf(kinds: readonly KindDefinition[], version: string): object {
  return {
    openapi: '3.0.0',
    info: { title: 'Threeport', version },
    paths: Object.assign({}, ...kinds.map(pathsOf)) as object,
    components: { schemas: componentsOf(kinds, COMPONENTS) },
  };
}
