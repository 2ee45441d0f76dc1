import { jsonSize } from '../../sdk/api/json-size.js';
import type { ApiObject } from '../../sdk/api/object.js';
import { parseApiVersion } from '../../sdk/api/object.js';
import type { Manifests } from '../../sdk/api/zz_generated.types.js';
import { TerminalError } from '../../sdk/runtime/reconciler.js';
import { parseYamlDocuments, YamlSyntaxError } from '../../sdk/yaml-documents.js';

/** Limits of one WorkloadDefinition; etcd takes 1.5 MiB of one object. */
export const manifestLimits = {
  maxManifests: 1_000,
  maxManifestBytes: 1_500_000,
  /** All together, aliases expanded; a request to the API takes 3 MiB, so only aliases get here. */
  maxTotalBytes: 16_000_000,
} as const;

type Fields = Record<string, unknown>;

/** Metadata that a server writes; manifests exported from a cluster carry it. */
const SERVER_METADATA = [
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'managedFields',
  'selfLink',
];

/**
 * The manifests of a definition: those of `yaml`, then the inline ones; Lists are taken apart and
 * what only a server writes (status, uid, ...) is left out. The input is not modified.
 *
 * @throws TerminalError ManifestsInvalid saying which manifest (and line) is at fault, and why.
 */
export function parseManifests(spec: Manifests): ApiObject[] {
  const manifests: ApiObject[] = [];
  const documents = readYaml(spec.yaml ?? '');
  refuseMultiplied(documents.map(({ value }) => value));
  for (const { number, line, value } of documents) {
    collect(value, `document ${number} (line ${line}) of \`yaml\``, manifests);
  }
  for (const [index, value] of (spec.manifests ?? []).entries()) {
    collect(value, `manifests[${index}]`, manifests);
  }
  refuseDuplicates(manifests);
  return manifests;
}

function readYaml(text: string): ReturnType<typeof parseYamlDocuments> {
  try {
    return parseYamlDocuments(text);
  } catch (error) {
    if (error instanceof YamlSyntaxError) throw invalid(`\`yaml\`: ${error.message}`);
    throw error;
  }
}

/** Before anything walks them: a few aliases of aliases are gigabytes, or have no end at all. */
function refuseMultiplied(values: readonly unknown[]): void {
  const { maxTotalBytes } = manifestLimits;
  if (jsonSize(values, maxTotalBytes) > maxTotalBytes) {
    throw invalid(
      `\`yaml\` is larger than ${maxTotalBytes} bytes once its aliases are expanded, or nested too deep`,
    );
  }
}

function collect(value: unknown, where: string, into: ApiObject[]): void {
  const fields = mappingOf(value);
  if (fields === undefined) throw invalid(`${where} is no mapping`);
  const { apiVersion, kind } = fields;
  if (typeof apiVersion !== 'string' || apiVersion === '') {
    throw invalid(`${where} has no apiVersion`);
  }
  if (typeof kind !== 'string' || kind === '') throw invalid(`${where} has no kind`);
  if (kind.endsWith('List') && Array.isArray(fields['items'])) {
    for (const [index, item] of fields['items'].entries()) {
      collect(item, `items[${index}] of ${where}`, into);
    }
    return;
  }
  into.push(cleaned(fields, `${kind} in ${where}`));
  if (into.length > manifestLimits.maxManifests) {
    throw invalid(`there are more than ${manifestLimits.maxManifests} manifests; split them up`);
  }
}

function cleaned(fields: Fields, where: string): ApiObject {
  const metadata = mappingOf(fields['metadata']);
  const name = metadata?.['name'];
  if (metadata === undefined || typeof name !== 'string' || name === '') {
    throw invalid(`${where} has no metadata.name`);
  }
  if (metadata['namespace'] !== undefined && typeof metadata['namespace'] !== 'string') {
    throw invalid(`${where}: metadata.namespace is no string`);
  }
  refuseNonStrings(metadata, 'labels', `${where} (${name})`);
  refuseNonStrings(metadata, 'annotations', `${where} (${name})`);
  if (jsonSize(fields, manifestLimits.maxManifestBytes) > manifestLimits.maxManifestBytes) {
    throw invalid(`${where} (${name}) is larger than ${manifestLimits.maxManifestBytes} bytes`);
  }
  // Checked above: apiVersion, kind and metadata.name are strings.
  return {
    ...without(fields, ['status']),
    metadata: without(metadata, SERVER_METADATA),
  } as Fields as ApiObject;
}

function refuseNonStrings(metadata: Fields, field: string, where: string): void {
  const value = metadata[field];
  if (value === undefined || value === null) return;
  const entries = mappingOf(value);
  if (entries === undefined) throw invalid(`${where}: metadata.${field} is no mapping`);
  const bad = Object.keys(entries).find((key) => typeof entries[key] !== 'string');
  if (bad !== undefined) {
    throw invalid(`${where}: metadata.${field}["${bad}"] is no string; put it in quotes`);
  }
}

/** @throws TerminalError ManifestsInvalid when two manifests are of one group, kind and name. */
export function refuseDuplicates(manifests: readonly ApiObject[]): void {
  const seen = new Set<string>();
  for (const { apiVersion, kind, metadata } of manifests) {
    const { group } = parseApiVersion(apiVersion);
    const key = [group, kind, metadata.namespace ?? '', metadata.name].join('/');
    if (seen.has(key)) {
      const name = metadata.namespace ? `${metadata.namespace}/${metadata.name}` : metadata.name;
      throw invalid(`${kind} ${name} is there twice`);
    }
    seen.add(key);
  }
}

function without(fields: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)));
}

function mappingOf(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Fields)
    : undefined;
}

function invalid(message: string): TerminalError {
  return new TerminalError('ManifestsInvalid', `the manifests cannot be used: ${message}`);
}
