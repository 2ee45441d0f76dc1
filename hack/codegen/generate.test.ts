import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { generate } from './generate.js';
import { kindsOf } from './kind-model.js';
import { loadSchemaFolder } from './load-schemas.js';

const header = `
x-threeport:
  group: example.io
  version: v1
  kind: Widget
  plural: widgets
  scope: Namespaced
`;

async function failure(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    const cause = (error as Error).cause;
    return `${(error as Error).message}: ${cause instanceof Error ? cause.message : ''}`;
  }
  return 'no failure';
}

describe('generate', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'schemas-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const write = (text: string): Promise<void> => writeFile(join(folder, 'widget.yaml'), text);

  it('gives what is checked in, whatever the run', async () => {
    for (const [path, content] of await generate('api-schemas')) {
      expect(await readFile(path, 'utf8'), path).to.equal(content);
    }
  });

  it('turns a schema into registry, types and client', async () => {
    await cp('api-schemas', folder, { recursive: true });
    await write(`${header}
type: object
properties:
  spec:
    type: object
    properties:
      size: { type: integer, x-indexed: true, x-immutable: true }
      runtime:
        type: string
        x-ref: { group: kubernetes.threeport.io, kind: KubernetesRuntimeInstance, onDelete: block }
      pods:
        type: object
        x-ref: { group: kubernetes.threeport.io, kind: KubernetesRuntimeInstance, selector: true }
      tags: { type: array, x-list-type: set, items: { type: string } }
    x-validations: [{ rule: has(self.size) || has(self.tags), message: set size or tags }]
`);
    const files = await generate(folder);
    expect(files.get('sdk/api/zz_generated.types.ts')).to.match(
      /interface WidgetSpec \{\s+size\?: number;/,
    );
    expect(files.get('client/zz_generated.clientset.ts')).to.include(
      'readonly widgets: ResourceClient<Widget>;',
    );
    const widget = kindsOf(await loadSchemaFolder(folder)).find((kind) => kind.kind === 'Widget');
    expect(widget?.indexed).to.deep.equal([{ path: 'spec.size', type: 'integer' }]);
    expect(widget?.immutable).to.deep.equal(['spec.size']);
    expect(widget?.references[0]).to.include({ path: 'spec.runtime', onDelete: 'block' });
    expect(widget?.references).to.have.length(1);
    expect(widget?.selectors).to.deep.equal([
      {
        path: 'spec.pods',
        group: 'kubernetes.threeport.io',
        kind: 'KubernetesRuntimeInstance',
      },
    ]);
    expect(JSON.stringify(widget?.schema))
      .to.include('"x-kubernetes-list-type":"set"')
      .and.include('"x-kubernetes-validations":[{"rule":"has(self.size) || has(self.tags)"')
      .and.not.include('x-ref');
  });

  const spec = (fields: string): string =>
    `${header}properties:\n  spec: { type: object, properties: { ${fields} } }\n`;

  const faults: { name: string; reason: string; text: string; want: RegExp }[] = [
    {
      name: 'NoHeader',
      reason: 'the registry needs it',
      text: 'type: object\n',
      want: /widget\.yaml.*x-threeport is missing/,
    },
    {
      name: 'MistypedHeader',
      reason: 'a keyword that nobody reads is a mistake',
      text: `${header}  shortname: w\ntype: object\n`,
      want: /x-threeport\.shortname is not known; known are .*shortNames/,
    },
    {
      name: 'BadScope',
      reason: 'there are two',
      text: header.replace('Namespaced', 'Global'),
      want: /scope is "Global"; want Namespaced or Cluster/,
    },
    {
      name: 'RefToNowhere',
      reason: 'a shape that is not defined',
      text: `${header}properties:\n  spec: { $ref: '#/definitions/Nope' }\n`,
      want: /leads nowhere/,
    },
    {
      name: 'IndexOnObject',
      reason: 'a column holds one value',
      text: `${header}properties:\n  spec: { type: object, x-indexed: true }\n`,
      want: /spec cannot be indexed: its type is object/,
    },
    {
      name: 'MistypedKeyword',
      reason: 'nobody would make the column',
      text: spec('size: { type: integer, x-indxed: true }'),
      want: /widget\.yaml.*x-indxed on spec\.size is not known; known are .*x-indexed.*x-kubernetes-\*/,
    },
    {
      name: 'MistypedKeywordInItems',
      reason: 'lists hold fields too',
      text: spec('tags: { type: array, items: { type: string, x-secret: true } }'),
      want: /x-secret on spec\.tags\[\] is not known/,
    },
    {
      name: 'RefToUndeclaredKind',
      reason: 'it would never wake anybody',
      text: spec('gadget: { type: string, x-ref: { group: example.io, kind: Gadget } }'),
      want: /widget\.yaml.*x-ref of spec\.gadget names Gadget\.example\.io, which no schema declares; want one of Widget\.example\.io/,
    },
    {
      name: 'SelectorOfUndeclaredKind',
      reason: 'it would never wake anybody',
      text: spec('pods: { type: object, x-ref: { group: "", kind: Pod, selector: true } }'),
      want: /x-ref of spec\.pods names Pod, which no schema declares/,
    },
    {
      name: 'SelectorThatBlocks',
      reason: 'what is selected by its labels may go',
      text: spec(
        'pods: { type: object, x-ref: { group: example.io, kind: Widget, selector: true, onDelete: block } }',
      ),
      want: /x-ref\.onDelete of spec\.pods says nothing of a selector/,
    },
    {
      name: 'RefWithoutGroup',
      reason: "the core group is said as ''",
      text: spec('other: { type: string, x-ref: { kind: Widget } }'),
      want: /x-ref of spec\.other has no group/,
    },
    {
      name: 'RuleThatCannotBe',
      reason: 'it would refuse every object',
      text: `${header}properties:\n  spec: { type: object, x-validations: [{ rule: self.sise > 0 }], properties: { size: { type: integer } } }\n`,
      want: /widget\.yaml.*properties\[spec\]\.x-kubernetes-validations\[0\]\.rule: .*undefined field 'sise'/,
    },
    {
      name: 'MessageOfSecrets',
      reason: 'no message may show what is sensitive',
      text: `${header}type: object\nproperties:\n  spec: { type: object, x-validations: [{ rule: 'true', messageExpression: self.token }], properties: { token: { type: string, x-sensitive: true } } }\n`,
      want: /messageExpression is not possible in a kind with x-sensitive fields/,
    },
    {
      name: 'NotYaml',
      reason: 'the file is named',
      text: 'a: [',
      want: /cannot read schema .*widget\.yaml/,
    },
  ];
  for (const { name, reason, text, want } of faults) {
    it(`refuses ${name}`, async () => {
      await write(text);
      expect(await failure(generate(folder)), reason).to.match(want);
    });
  }

  const GADGET = `${header.replace('Widget', 'Gadget').replace('widgets', 'gadgets')}`;
  const among: { name: string; reason: string; path: string; text: string; want: RegExp }[] = [
    {
      name: 'WrongGroup',
      reason: 'the folder says it',
      path: 'example.com/v1/gadget.yaml',
      text: GADGET,
      want: /example\.com\/v1\/gadget\.yaml.*x-threeport\.group is "example\.io"; want "example\.com"/,
    },
    {
      name: 'WrongCoreGroup',
      reason: "the folder of '' is core",
      path: 'core/v1/gadget.yaml',
      text: GADGET,
      want: /x-threeport\.group is "example\.io"; want ""/,
    },
    {
      name: 'WrongVersion',
      reason: 'the folder says it',
      path: 'example.io/v2/gadget.yaml',
      text: GADGET,
      want: /x-threeport\.version is "v1"; want "v2"/,
    },
    {
      name: 'TakenPlural',
      reason: 'kubectl could not tell them apart',
      path: 'z.yaml',
      text: GADGET.replace('gadgets', 'widgets'),
      want: /z\.yaml.*x-threeport\.plural "widgets" is taken by widget\.yaml/,
    },
    {
      name: 'TakenSingular',
      reason: 'kubectl could not tell them apart',
      path: 'z.yaml',
      text: `${GADGET}  singular: widget\n`,
      want: /x-threeport\.singular "widget" is taken by widget\.yaml/,
    },
    {
      name: 'TakenShortName',
      reason: 'a short name may be the long one of another kind',
      path: 'z.yaml',
      text: `${GADGET}  shortNames: [g, widgets]\n`,
      want: /x-threeport\.shortNames "widgets" is taken by widget\.yaml/,
    },
    {
      name: 'MistypedKeywordInDefinitions',
      reason: 'shared shapes are read by the same rules',
      path: 'definitions.yaml',
      text: 'Size: { type: object, properties: { x: { type: integer, x-indxed: true } } }\n',
      want: /definitions\.yaml.*x-indxed on Size\.x is not known/,
    },
  ];
  for (const { name, reason, path, text, want } of among) {
    it(`refuses beside another kind: ${name}`, async () => {
      await write(header);
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
      expect(await failure(generate(folder)), reason).to.match(want);
    });
  }
});
