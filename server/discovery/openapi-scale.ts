import type { JsonSchema } from '../../sdk/api/kind.js';
import type { ComponentRoot } from './openapi-reference.js';
import { OBJECT_META_NAME, referenceTo } from './openapi-reference.js';

const PREFIX = 'io.k8s.api.autoscaling.v1.Scale';

/** What the `scale` subresource of any kind is, whatever group the kind is of. */
export const SCALE = { group: 'autoscaling', version: 'v1', kind: 'Scale' } as const;
/** Its name among the components: the one that clients know. */
export const SCALE_NAME = PREFIX;

/** The schemas of a Scale and its parts. */
export function scaleComponents(root: ComponentRoot): Record<string, JsonSchema> {
  const count = { type: 'integer', format: 'int32' };
  return {
    [PREFIX]: {
      description: 'The replicas of an object that can be scaled.',
      type: 'object',
      properties: {
        apiVersion: { type: 'string', description: 'Group and version of the schema.' },
        kind: { type: 'string', description: 'What this object is.' },
        metadata: referenceTo(OBJECT_META_NAME, root, 'Standard object metadata.'),
        spec: referenceTo(`${PREFIX}Spec`, root, 'What is wanted.'),
        status: referenceTo(`${PREFIX}Status`, root, 'What is there. Read-only.'),
      },
      'x-kubernetes-group-version-kind': [SCALE],
    },
    [`${PREFIX}Spec`]: {
      description: 'How many replicas are wanted.',
      type: 'object',
      properties: { replicas: { ...count, description: 'The number of replicas wanted.' } },
    },
    [`${PREFIX}Status`]: {
      description: 'How many replicas there are.',
      type: 'object',
      required: ['replicas'],
      properties: {
        replicas: { ...count, description: 'The number of replicas that are there.' },
        selector: { type: 'string', description: 'Selects the replicas by their labels.' },
      },
    },
  };
}
