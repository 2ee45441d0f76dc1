import { expect } from 'chai';
import type { ApiObject } from '../../sdk/api/object.js';
import type { CustomResourceDefinitionSpec } from '../../sdk/api/zz_generated.types.js';
import { checkReconciledAnnotations } from './reconciled-rules.js';

const CONDITIONS = {
  type: 'array',
  items: {
    type: 'object',
    properties: Object.fromEntries(
      ['type', 'status', 'reason', 'message', 'observedGeneration', 'lastTransitionTime'].map(
        (name) => [name, { type: 'string' }],
      ),
    ),
  },
};
const STATUS = {
  type: 'object',
  properties: { conditions: CONDITIONS, observedGeneration: { type: 'integer' } },
};
const OPEN = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
const RECONCILED = { 'threeport.io/reconciled': 'true' };
const REFERENCE = {
  'threeport.io/references': '[{"jsonPath": ".spec.size", "group": "", "kind": "ConfigMap"}]',
};

interface Given {
  readonly annotations?: Record<string, string>;
  readonly status?: object | undefined;
  readonly schema?: object;
  readonly subresources?: object;
  readonly before?: Record<string, string>;
}

function definition({ annotations, status = STATUS, schema, subresources }: Given) {
  const root = schema ?? {
    type: 'object',
    properties: {
      spec: { type: 'object', properties: { size: { type: 'string' } } },
      ...(status && { status }),
    },
  };
  const version = {
    name: 'v1',
    served: true,
    storage: true,
    subresources: subresources ?? { status: {} },
    schema: { openAPIV3Schema: root },
  };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'widgets.example.com', ...(annotations && { annotations }) },
    spec: { versions: [version] },
  } as unknown as ApiObject<CustomResourceDefinitionSpec>;
}

const cases: { name: string; reason: string; given: Given; want: readonly string[] }[] = [
  { name: 'Plain', reason: 'nobody reconciles it', given: { subresources: {} }, want: [] },
  { name: 'Reconciled', reason: 'all is there', given: { annotations: RECONCILED }, want: [] },
  {
    name: 'OpenStatus',
    reason: 'nothing is pruned',
    given: { annotations: RECONCILED, status: OPEN },
    want: [],
  },
  {
    name: 'OpenRoot',
    reason: 'nothing is pruned',
    given: { annotations: RECONCILED, schema: OPEN },
    want: [],
  },
  {
    name: 'NoStatusSubresource',
    reason: 'a user could write what the runtime says',
    given: { annotations: RECONCILED, subresources: {} },
    want: ['spec.versions[0].subresources.status: Required value: a reconciled kind has'],
  },
  {
    name: 'NoRoomForConditions',
    reason: 'they would be pruned, and nobody would see what came of it',
    given: { annotations: RECONCILED, status: { type: 'object', properties: {} } },
    want: [
      'properties[conditions]: Required value: the reconciler runtime writes conditions; their items lack type, status, reason,',
      'properties[observedGeneration]: Required value',
    ],
  },
  {
    name: 'GenerationAsText',
    reason: 'every status would be refused',
    given: {
      annotations: RECONCILED,
      status: {
        type: 'object',
        properties: { conditions: CONDITIONS, observedGeneration: { type: 'string' } },
      },
    },
    want: ['properties[observedGeneration].type: Forbidden: must be of type integer'],
  },
  {
    name: 'Reference',
    reason: 'the field is there',
    given: { annotations: REFERENCE },
    want: [],
  },
  {
    name: 'ReferenceToNowhere',
    reason: 'nobody would ever be woken',
    given: {
      annotations: {
        'threeport.io/references': REFERENCE['threeport.io/references'].replace('size', 'siez'),
      },
    },
    want: [
      'metadata.annotations[threeport.io/references]: Invalid value: ".spec.siez": must be a field of type string in version v1',
    ],
  },
  {
    name: 'SelectorWithoutRoom',
    reason: 'its labels would be pruned, and it would select everything',
    given: {
      annotations: {
        'threeport.io/references':
          '[{"jsonPath": ".spec.size", "group": "", "kind": "ConfigMap", "selector": true}]',
      },
    },
    want: [
      'metadata.annotations[threeport.io/references]: Invalid value: ".spec.size": must be an object with matchLabels and matchExpressions in version v1',
    ],
  },
  {
    name: 'Selector',
    reason: 'the field is there',
    given: {
      annotations: {
        'threeport.io/references':
          '[{"jsonPath": ".spec.pods", "group": "", "kind": "ConfigMap", "selector": true}]',
      },
      schema: {
        type: 'object',
        properties: {
          spec: {
            type: 'object',
            properties: {
              pods: {
                type: 'object',
                properties: { matchLabels: OPEN, matchExpressions: { type: 'array', items: OPEN } },
              },
            },
          },
          status: STATUS,
        },
      },
    },
    want: [],
  },
  {
    name: 'AnotherWord',
    reason: 'it would be taken for no',
    given: { annotations: { 'threeport.io/reconciled': 'True' } },
    want: ['metadata.annotations[threeport.io/reconciled]: Invalid value: "True": must be'],
  },
  {
    name: 'AnotherFinalizer',
    reason: 'nobody would take the old one from the objects that have it',
    given: {
      annotations: { 'threeport.io/finalizer': 'example.com/new' },
      before: { 'threeport.io/finalizer': 'example.com/old' },
    },
    want: [
      'metadata.annotations[threeport.io/finalizer]: Invalid value: "example.com/new": field is immutable',
    ],
  },
  {
    name: 'NoFinalizerAnyMore',
    reason: 'whoever stops reconciling takes away everything',
    given: { before: { 'threeport.io/finalizer': 'example.com/old' } },
    want: [],
  },
];

describe('checkReconciledAnnotations', () => {
  for (const { name, reason, given, want } of cases) {
    it(`${name}: ${reason}`, () => {
      const old = given.before && definition({ annotations: given.before });
      const errors = checkReconciledAnnotations(definition(given), old);
      const texts = errors.map(({ field, message }) => `${field}: ${message}`);
      expect(texts.length, texts.join('\n')).to.equal(want.length);
      for (const [i, text] of want.entries()) expect(texts[i]).to.include(text);
    });
  }
});
