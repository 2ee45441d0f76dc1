import type { ApiObject } from '../../sdk/api/object.js';
import type { JsonSchema } from '../../server/apply/schema-walk.js';
import { applyServerSide } from '../../server/apply/server-side-apply.js';
import { trackUpdate } from '../../server/apply/track-update.js';

/** A kind for tests with one field of every merge rule. */
export const WIDGET_SCHEMA: JsonSchema = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: {
        replicas: { type: 'integer' },
        image: { type: 'string' },
        struct: { $ref: '#/definitions/Struct' },
        map: { type: 'object', additionalProperties: { type: 'string' } },
        atomicMap: { type: 'object', 'x-kubernetes-map-type': 'atomic' },
        atomicList: { type: 'array', items: { type: 'string' } },
        tags: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } },
        free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        items: {
          type: 'array',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['name'],
          items: {
            type: 'object',
            properties: {
              name: { type: 'string' },
              value: { type: 'integer' },
              note: { type: 'string' },
            },
          },
        },
        ports: {
          type: 'array',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['protocol', 'port'],
          items: {
            type: 'object',
            properties: {
              port: { type: 'integer' },
              protocol: { type: 'string', default: 'TCP' },
              name: { type: 'string' },
            },
          },
        },
      },
    },
    status: { type: 'object', properties: { phase: { type: 'string' } } },
  },
  definitions: {
    Struct: { type: 'object', properties: { a: { type: 'string' }, b: { type: 'string' } } },
  },
};

export const WIDGET_API_VERSION = 'test.io/v1';

/** A widget with this spec, and with whatever else is given. */
export function widget(
  spec: unknown,
  rest: { metadata?: object; status?: unknown } = {},
): ApiObject {
  return {
    apiVersion: WIDGET_API_VERSION,
    kind: 'Widget',
    metadata: { name: 'w', ...rest.metadata },
    ...(spec !== undefined && { spec }),
    ...(rest.status !== undefined && { status: rest.status }),
  };
}

/** The time of the n-th step, so that tests can tell writes apart. */
export function timeOf(step: number): string {
  return `2030-01-01T00:00:${String(step).padStart(2, '0')}Z`;
}

export interface WidgetApply {
  live?: ApiObject | undefined;
  applied: ApiObject;
  manager?: string;
  force?: boolean;
  step?: number;
}

export function applyWidget(input: WidgetApply): ApiObject {
  return applyServerSide({
    live: input.live,
    applied: input.applied,
    manager: input.manager ?? 'a',
    force: input.force ?? false,
    schema: WIDGET_SCHEMA,
    apiVersion: WIDGET_API_VERSION,
    now: timeOf(input.step ?? 0),
  });
}

export interface WidgetUpdate {
  live?: ApiObject | undefined;
  updated: ApiObject;
  manager?: string;
  subresource?: string;
  step?: number;
}

export function updateWidget(input: WidgetUpdate): ApiObject {
  return trackUpdate({
    live: input.live,
    updated: input.updated,
    manager: input.manager ?? 'u',
    schema: WIDGET_SCHEMA,
    apiVersion: WIDGET_API_VERSION,
    ...(input.subresource !== undefined && { subresource: input.subresource }),
    now: timeOf(input.step ?? 0),
  });
}

/** Who owns what, short enough for a table: `a Apply` -> FieldsV1. */
export function ownersOf(object: ApiObject): Record<string, unknown> {
  return Object.fromEntries(
    (object.metadata.managedFields ?? []).map((entry) => [
      `${entry.manager} ${entry.operation}${entry.subresource === undefined ? '' : ` ${entry.subresource}`}`,
      entry.fieldsV1,
    ]),
  );
}
