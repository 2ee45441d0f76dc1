import type { JsonSchema } from '../../sdk/api/kind.js';

const text: JsonSchema = { type: 'string' };

/** Kubernetes' ObjectMeta: what `metadata` of every kind may say. Times are checked elsewhere. */
export const OBJECT_META: JsonSchema = {
  description: 'Standard object metadata.',
  type: 'object',
  properties: {
    name: { type: 'string', description: 'Name, unique within the namespace.' },
    generateName: { type: 'string', description: 'Prefix of a name that the server completes.' },
    namespace: { type: 'string', description: 'Namespace; empty for cluster-scoped kinds.' },
    uid: { type: 'string', description: 'Identity of this one object, set by the server.' },
    resourceVersion: { type: 'string', description: 'Opaque version, for optimistic locking.' },
    generation: {
      type: 'integer',
      format: 'int64',
      description: 'Moves when the desired state changes.',
    },
    creationTimestamp: { type: 'string', format: 'date-time', nullable: true },
    deletionTimestamp: { type: 'string', format: 'date-time', nullable: true },
    deletionGracePeriodSeconds: { type: 'integer', format: 'int64', nullable: true },
    selfLink: text,
    labels: {
      type: 'object',
      description: 'Keys and values to select objects by.',
      additionalProperties: text,
    },
    annotations: {
      type: 'object',
      description: 'Keys and values that are not selected by.',
      additionalProperties: text,
    },
    ownerReferences: {
      type: 'array',
      description: 'Objects that this one depends on; it is deleted when all of them are gone.',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['uid'],
      items: {
        type: 'object',
        required: ['apiVersion', 'kind', 'name', 'uid'],
        properties: {
          apiVersion: text,
          kind: text,
          name: text,
          uid: text,
          controller: { type: 'boolean' },
          blockOwnerDeletion: { type: 'boolean' },
        },
        'x-kubernetes-map-type': 'atomic',
      },
    },
    finalizers: {
      type: 'array',
      description: 'The object stays, marked as being deleted, until this list is empty.',
      items: text,
      'x-kubernetes-list-type': 'set',
    },
    managedFields: {
      type: 'array',
      description: 'Who owns which field; maintained by the server.',
      'x-kubernetes-list-type': 'atomic',
      items: {
        type: 'object',
        properties: {
          manager: text,
          operation: text,
          apiVersion: text,
          time: { type: 'string', format: 'date-time', nullable: true },
          fieldsType: text,
          fieldsV1: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
          subresource: text,
        },
      },
    },
  },
};
