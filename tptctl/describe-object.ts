import type { Condition } from '../sdk/api/condition.js';
import { isApiError } from '../sdk/api/errors.js';
import type { StoredApiObject } from '../sdk/api/object.js';
import type {
  Event,
  PlacementStatus,
  ResourceHealth,
  Warning,
} from '../sdk/api/zz_generated.types.js';
import type { Connection } from './connection.js';
import type { DiscoveredKind } from './discovery.js';
import { formatAge, formatTable, printable } from './table.js';

/** Parts of a status that have a table of their own, and so are left out of the YAML. */
const TABLED = ['conditions', 'resources', 'warnings', 'inventory', 'observedGeneration'];

/** The object for people: identity, status, tables of what explains it, then what was asked for. Ends with a newline. */
export async function describeObject(
  connection: Connection,
  kind: DiscoveredKind,
  object: StoredApiObject,
): Promise<string> {
  const { metadata } = object;
  const nowMs = Date.now();
  const { spec, status, apiVersion, kind: kindName, metadata: _metadata, ...rest } = object;
  const shownStatus = Object.fromEntries(
    Object.entries((status ?? {}) as Record<string, unknown>).filter(
      ([field]) => !TABLED.includes(field),
    ),
  );
  const placement = (status ?? {}) as PlacementStatus & { conditions?: Condition[] };
  return [
    field('Name', metadata.name),
    kind.namespaced ? field('Namespace', metadata.namespace ?? '') : '',
    field('Kind', `${kindName} (${apiVersion})`),
    field('Labels', pairs(metadata.labels)),
    field('Annotations', pairs(metadata.annotations)),
    field(
      'Created',
      `${metadata.creationTimestamp} (${formatAge(metadata.creationTimestamp, nowMs)} ago)`,
    ),
    metadata.deletionTimestamp === undefined
      ? ''
      : field(
          'Deleting',
          `since ${metadata.deletionTimestamp}, held by ${(metadata.finalizers ?? []).join(', ')}`,
        ),
    field('Generation', generationOf(metadata.generation, placement.observedGeneration)),
    await yamlSection('Status', shownStatus),
    conditionsSection(placement.conditions, nowMs),
    resourcesSection(placement.resources, nowMs),
    warningsSection(placement.warnings, nowMs),
    await eventsSection(connection, object, nowMs),
    // Last, for it may be long, and people come to read what is above.
    await yamlSection('Spec', spec),
    await yamlSection('Fields', kindName === 'Secret' ? hideValues(rest) : rest),
  ].join('');
}

function field(name: string, value: string): string {
  return `${`${name}:`.padEnd(14)}${printable(value)}\n`;
}

function pairs(map: Readonly<Record<string, string>> | undefined): string {
  const entries = Object.entries(map ?? {});
  return entries.length === 0
    ? '<none>'
    : entries.map(([key, value]) => `${key}=${value}`).join(', ');
}

function generationOf(generation: number, observed: number | undefined): string {
  return observed === undefined || observed === generation
    ? String(generation)
    : `${generation} (acted on: ${observed})`;
}

function hideValues(rest: Record<string, unknown>): Record<string, unknown> {
  const data = Object.entries((rest['data'] ?? {}) as Record<string, string>);
  return {
    ...rest,
    data: Object.fromEntries(
      data.map(([key, value]) => [key, `${Buffer.from(value, 'base64').length} bytes`]),
    ),
  };
}

async function yamlSection(title: string, value: unknown): Promise<string> {
  if (typeof value !== 'object' || value === null || Object.keys(value).length === 0) return '';
  const { dump } = await import('js-yaml');
  return `${title}:\n${indent(dump(value, { noRefs: true, lineWidth: 120 }))}`;
}

function conditionsSection(conditions: readonly Condition[] | undefined, nowMs: number): string {
  if (conditions === undefined || conditions.length === 0) return '';
  const rows = conditions.map((condition) => [
    condition.type,
    condition.status,
    condition.reason,
    formatAge(condition.lastTransitionTime, nowMs),
    condition.message,
  ]);
  return `Conditions:\n${indent(formatTable(['Type', 'Status', 'Reason', 'Since', 'Message'], rows))}`;
}

function resourcesSection(resources: readonly ResourceHealth[] | undefined, nowMs: number): string {
  if (resources === undefined || resources.length === 0) return '';
  const rows = resources.map((resource) => [
    resource.kind,
    resource.namespace === undefined ? resource.name : `${resource.namespace}/${resource.name}`,
    resource.health,
    resource.createdAt === undefined ? '' : formatAge(resource.createdAt, nowMs),
    resource.message ?? '',
  ]);
  return `Resources:\n${indent(formatTable(['Kind', 'Name', 'Health', 'Age', 'Message'], rows))}`;
}

function warningsSection(warnings: readonly Warning[] | undefined, nowMs: number): string {
  if (warnings === undefined || warnings.length === 0) return '';
  const rows = warnings.map((warning) => [
    warning.resource,
    warning.reason,
    formatAge(warning.lastSeen, nowMs),
    (warning.count ?? 1) > 1 ? `x${warning.count}` : '',
    warning.message,
  ]);
  return `Warnings:\n${indent(formatTable(['Resource', 'Reason', 'Seen', 'Count', 'Message'], rows))}`;
}

async function eventsSection(
  connection: Connection,
  object: StoredApiObject,
  nowMs: number,
): Promise<string> {
  const kinds = await connection.kinds();
  const events = kinds.find((kind) => kind.kind === 'Event' && kind.group === '');
  if (events === undefined) return '';
  try {
    const found = await connection.client.list<Event>(events, {
      fieldSelector: `involvedObject.uid=${object.metadata.uid}`,
    });
    if (found.items.length === 0) return '';
    const rows = found.items.map((event) => [
      event.type ?? '',
      event.reason ?? '',
      formatAge(event.lastTimestamp ?? event.metadata.creationTimestamp, nowMs),
      event.message ?? '',
    ]);
    return `Events:\n${indent(formatTable(['Type', 'Reason', 'Age', 'Message'], rows))}`;
  } catch (error) {
    // Events explain; not being allowed to see them hides nothing else.
    if (isApiError(error)) return `Events:        ${error.message}\n`;
    throw error;
  }
}

function indent(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}
