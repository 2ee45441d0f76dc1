import type { JsonSchema } from '../../../sdk/api/kind.js';
import type { ValidationRule } from './validation-rule.js';

/** A schema with a field of each sort, none endless, with rules on its `spec`. */
export function ruledSchema(rules: readonly ValidationRule[]): JsonSchema {
  const text = { type: 'string', maxLength: 100 };
  return {
    type: 'object',
    properties: {
      spec: {
        type: 'object',
        'x-kubernetes-validations': rules,
        properties: {
          replicas: { type: 'integer' },
          ratio: { type: 'number' },
          on: { type: 'boolean' },
          name: text,
          note: { ...text, nullable: true },
          namespace: text,
          'a-b.c/d__e': text,
          at: { type: 'string', format: 'date-time' },
          day: { type: 'string', format: 'date' },
          ttl: { type: 'string', format: 'duration' },
          data: { type: 'string', format: 'byte', maxLength: 100 },
          memory: text,
          port: { 'x-kubernetes-int-or-string': true },
          labels: { type: 'object', maxProperties: 10, additionalProperties: text },
          tags: { type: 'array', maxItems: 10, 'x-kubernetes-list-type': 'set', items: text },
          numbers: { type: 'array', maxItems: 10, items: { type: 'integer' } },
          items: {
            type: 'array',
            maxItems: 10,
            'x-kubernetes-list-type': 'map',
            'x-kubernetes-list-map-keys': ['name'],
            items: { type: 'object', properties: { name: text, size: { type: 'integer' } } },
          },
          free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
          template: {
            type: 'object',
            'x-kubernetes-embedded-resource': true,
            'x-kubernetes-preserve-unknown-fields': true,
          },
          untyped: { 'x-kubernetes-preserve-unknown-fields': true },
        },
      },
    },
  };
}

/** An object that `ruledSchema` takes. */
export const SPEC = {
  replicas: 3,
  ratio: 0.5,
  on: true,
  name: 'héllo-😀',
  note: null,
  namespace: 'ns',
  'a-b.c/d__e': 'escaped',
  at: '2026-01-02T03:04:05.5Z',
  day: '2026-02-01',
  ttl: '1h30m',
  data: 'aGk=',
  memory: '1Gi',
  port: 80,
  labels: { a: 'x', 'b/c': 'y' },
  tags: ['a', 'b'],
  numbers: [3, 1, 2],
  items: [
    { name: 'a', size: 1 },
    { name: 'b', size: 2 },
  ],
  free: { any: { thing: 1 } },
  template: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', labels: { a: 'b' } } },
};
