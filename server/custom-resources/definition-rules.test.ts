import { expect } from 'chai';
import { SchemaValidator } from '../schema/schema-validator.js';
import type { CustomResourceDefinition } from '../../sdk/api/custom-resource-definition.js';
import { checkDefinition } from './definition-rules.js';

interface DefinitionInput {
  readonly version?: object;
  readonly schema?: object;
  readonly spec?: object;
  readonly status?: object;
}

function definition({ version, schema, spec, status }: DefinitionInput): CustomResourceDefinition {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'widgets.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: schema ?? {
              type: 'object',
              properties: {
                spec: {
                  type: 'object',
                  properties: {
                    a: { type: 'string' },
                    n: { type: 'integer' },
                    o: { type: 'object' },
                  },
                },
              },
            },
          },
          ...version,
        },
      ],
      ...spec,
    },
    status: { storedVersions: ['v1'], ...status },
  } as unknown as CustomResourceDefinition;
}

const schemaOf = (a: object): object => ({ type: 'object', properties: { a } });
const established = { conditions: [{ type: 'Established', status: 'True' }] };

/** Beside those that are compared with a real kube-apiserver, which has no such fields yet. */
const cases: {
  name: string;
  reason: string;
  given: DefinitionInput;
  old?: DefinitionInput;
  want: readonly string[];
}[] = [
  {
    name: '101 versions',
    reason: 'each is a kind to serve, and no definition has that many',
    given: {
      spec: {
        versions: Array.from({ length: 101 }, () => ({ name: 'v1', served: true, storage: true })),
      },
    },
    want: ['spec.versions: Too many: 101: must have at most 100 items'],
  },
  {
    name: '201 columns',
    reason: 'each is looked up in every object of a list',
    given: {
      version: {
        additionalPrinterColumns: Array.from({ length: 201 }, () => ({
          name: 'a',
          type: 'string',
          jsonPath: '.a',
        })),
      },
    },
    want: ['spec.versions[0].additionalPrinterColumns: Too many: 201: must have at most 200 items'],
  },
  { name: 'Plain', reason: 'all is well', given: {}, want: [] },
  {
    name: 'Webhook',
    reason: 'no webhook is called',
    given: { spec: { conversion: { strategy: 'Webhook', webhook: {} } } },
    want: ['spec.conversion.strategy: Forbidden: this server calls no conversion webhooks'],
  },
  {
    name: 'UnknownStrategy',
    reason: 'there is one',
    given: { spec: { conversion: { strategy: 'Magic' } } },
    want: ['spec.conversion.strategy: Unsupported value: "Magic": supported values: "None"'],
  },
  {
    name: 'StoredVersionGone',
    reason: 'objects may be stored in it',
    given: { status: { storedVersions: ['v0', 'v1'] } },
    want: ['status.storedVersions[0]: Invalid value: "v0": missing from spec.versions; v0 was'],
  },
  {
    name: 'StorageVersionNotStored',
    reason: 'it is what is written',
    given: { status: { storedVersions: [] } },
    want: ['status.storedVersions: Invalid value: []: must have at least one stored version'],
  },
  {
    name: 'KindAfterEstablished',
    reason: 'its objects have the kind',
    given: { spec: { names: { plural: 'widgets', singular: 'w', kind: 'W', listKind: 'WList' } } },
    old: { status: established },
    want: ['spec.names.kind: Invalid value: "W": field is immutable'],
  },
  {
    name: 'KindBeforeEstablished',
    reason: 'there are no objects',
    given: { spec: { names: { plural: 'widgets', singular: 'w', kind: 'W', listKind: 'WList' } } },
    old: {},
    want: [],
  },
  {
    name: 'ScopeAfterEstablished',
    reason: 'its objects have it',
    given: { spec: { scope: 'Cluster' } },
    old: { status: established },
    want: ['spec.scope: Invalid value: "Cluster": field is immutable'],
  },
  {
    name: 'SelectableFields',
    reason: 'scalars outside metadata, each once',
    given: {
      version: {
        selectableFields: [
          { jsonPath: '.spec.a' },
          { jsonPath: '.spec.a' },
          { jsonPath: '.metadata.name' },
          { jsonPath: '.spec.o' },
          { jsonPath: '.spec.x' },
          { jsonPath: 'spec.n' },
        ],
      },
    },
    want: [
      'spec.versions[0].selectableFields[1].jsonPath: Duplicate value: ".spec.a"',
      'spec.versions[0].selectableFields[2].jsonPath: Invalid value: ".metadata.name": must not point to fields in metadata',
      'spec.versions[0].selectableFields[3].jsonPath: Invalid value: ".spec.o": must point to a field of type string, boolean or integer',
      'spec.versions[0].selectableFields[4].jsonPath: Invalid value: ".spec.x": is an invalid path',
      'spec.versions[0].selectableFields[5].jsonPath: Invalid value: "spec.n": is an invalid path',
    ],
  },
  {
    name: 'DeprecationWarning',
    reason: 'only of what is deprecated, and printable',
    given: { version: { deprecationWarning: 'a\u0007' } },
    want: [
      'spec.versions[0].deprecationWarning: Invalid value: "a\\u0007": can only be set for deprecated versions',
      'spec.versions[0].deprecationWarning: Invalid value: "a\\u0007": must only contain printable UTF-8 characters',
    ],
  },
  {
    name: 'LookAhead',
    reason: 'no linear engine has it',
    given: { schema: schemaOf({ type: 'string', pattern: '(?=a)' }) },
    want: [
      'spec.versions[0].schema.openAPIV3Schema.properties[a].pattern: Invalid value: "(?=a)": must be a valid regular expression',
    ],
  },
  {
    name: 'HugePattern',
    reason: 'it would be unrolled',
    given: { schema: schemaOf({ type: 'string', pattern: '(x{1000}){20}' }) },
    want: ['spec.versions[0].schema.openAPIV3Schema.properties[a].pattern: Invalid value'],
  },
  {
    name: 'TooLarge',
    reason: 'no store of Kubernetes takes it',
    given: { schema: schemaOf({ type: 'string', description: 'x'.repeat(1_600_000) }) },
    want: ['spec: Too long: may not be more than 1572864 bytes'],
  },
  {
    name: 'OldSchema',
    reason: 'what was accepted is not refused later',
    given: {
      schema: schemaOf({}),
      spec: {
        names: {
          plural: 'widgets',
          singular: 'widget',
          kind: 'Widget',
          listKind: 'WidgetList',
          shortNames: ['wd'],
        },
      },
    },
    old: { schema: schemaOf({}) },
    want: [],
  },
];

describe('the rules of a custom resource definition', () => {
  const checks = { validator: new SchemaValidator() };
  for (const { name, reason, given, old, want } of cases) {
    it(`${name}: ${reason}`, async () => {
      const errors = await checkDefinition(
        definition(given),
        old === undefined ? undefined : definition(old),
        checks,
      );
      const found = errors.map(({ field, message }) => `${field}: ${message}`);
      expect(found, JSON.stringify(found)).to.have.length(want.length);
      for (const [i, text] of want.entries()) expect(found[i]).to.contain(text);
    });
  }

  it('reads the rules of a schema that makes sense', async () => {
    const rule = (text: string): object => ({
      ...schemaOf({ type: 'string' }),
      'x-kubernetes-validations': [{ rule: text }],
    });
    const faultsOf = async (schema: object): Promise<string[]> => {
      const errors = await checkDefinition(definition({ schema }), undefined, checks);
      return errors.map(({ field }) => field);
    };
    expect(await faultsOf(rule("self.a != ''"))).to.deep.equal([]);
    const [at, ...more] = await faultsOf(rule('self.b ==='));
    expect(at).to.equal('spec.versions[0].schema.openAPIV3Schema.x-kubernetes-validations[0].rule');
    expect(more).to.deep.equal([]);
  });
});
