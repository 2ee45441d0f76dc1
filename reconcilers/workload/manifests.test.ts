import { expect } from 'chai';
import type { Manifests } from '../../sdk/api/zz_generated.types.js';
import { TerminalError } from '../../sdk/runtime/reconciler.js';
import { manifestLimits, parseManifests } from './manifests.js';

const one = (name: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name} }\n`;

describe('parseManifests', () => {
  const names = (spec: Manifests): string[] =>
    parseManifests(spec).map(({ kind, metadata }) => `${kind} ${metadata.name}`);

  const accepted: readonly { name: string; given: Manifests; want: string[] }[] = [
    { name: 'nothing', given: {}, want: [] },
    { name: 'only comments and separators', given: { yaml: '# a\n---\n# b\n---\n' }, want: [] },
    {
      name: 'documents, then inline manifests',
      given: {
        yaml: `---\n${one('a')}---\n${one('b')}`,
        manifests: [{ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'c' } }],
      },
      want: ['ConfigMap a', 'ConfigMap b', 'Secret c'],
    },
    {
      name: 'a List, taken apart',
      given: {
        yaml: JSON.stringify({
          apiVersion: 'v1',
          kind: 'List',
          items: [
            { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } },
            { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' } },
          ],
        }),
      },
      want: ['ConfigMap a', 'Secret a'],
    },
    {
      name: 'one name in two namespaces',
      given: {
        yaml: [one('a, namespace: one'), one('a, namespace: two')].join('---\n'),
      },
      want: ['ConfigMap a', 'ConfigMap a'],
    },
    {
      name: 'a separator inside of a block is one, a later dash is not',
      given: { yaml: `${one('a')}data: { x: "--- no" }\n` },
      want: ['ConfigMap a'],
    },
  ];
  for (const { name, given, want } of accepted) {
    it(`accepts ${name}`, () => {
      expect(names(given)).to.deep.equal(want);
    });
  }

  const refused: readonly { name: string; given: Manifests; want: RegExp }[] = [
    {
      name: 'YAML that does not parse, with document and line',
      given: { yaml: `${one('a')}---\n# x\nkind: [\nb: c\n` },
      want: /`yaml`: document 2, line \d+: /,
    },
    { name: 'a scalar', given: { yaml: 'hello' }, want: /document 1 \(line 1\).* is no mapping/ },
    {
      name: 'no apiVersion',
      given: { yaml: `${one('a')}---\nkind: X\n` },
      want: /document 2 \(line 5\) of `yaml` has no apiVersion/,
    },
    { name: 'no kind', given: { yaml: 'apiVersion: v1\n' }, want: /has no kind/ },
    {
      name: 'no name',
      given: { yaml: 'apiVersion: v1\nkind: Pod\nmetadata: {}\n' },
      want: /Pod in document 1 \(line 1\) of `yaml` has no metadata.name/,
    },
    {
      name: 'an item of a List without name',
      given: { yaml: 'apiVersion: v1\nkind: List\nitems: [{ apiVersion: v1, kind: Pod }]\n' },
      want: /Pod in items\[0\] of document 1/,
    },
    {
      name: 'the same object twice',
      given: { yaml: `${one('a')}---\n${one('a')}` },
      want: /there twice/,
    },
    {
      name: 'a label that is a number',
      given: { yaml: 'apiVersion: v1\nkind: Pod\nmetadata: { name: a, labels: { v: 1 } }\n' },
      want: /metadata.labels\["v"\] is no string; put it in quotes/,
    },
    {
      name: 'too many',
      given: {
        yaml: Array.from({ length: manifestLimits.maxManifests + 1 }, (_, n) => one(`a${n}`)).join(
          '---\n',
        ),
      },
      want: /more than 1000 manifests/,
    },
    {
      name: 'one that is too large',
      given: { yaml: `${one('a')}data: { x: "${'y'.repeat(manifestLimits.maxManifestBytes)}" }\n` },
      want: /larger than 1500000 bytes/,
    },
    {
      name: 'aliases that multiply',
      given: {
        yaml: `${one('a')}${['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
          .map((key, n, keys) =>
            n === 0
              ? `${key}: &${key} [${Array(20).fill('x').join()}]`
              : `${key}: &${key} [${Array(20)
                  .fill(`*${keys[n - 1]}`)
                  .join()}]`,
          )
          .join('\n')}\n`,
      },
      want: /larger than|aliases/i,
    },
  ];
  const yamlOnly: readonly { name: string; given: string; want: RegExp }[] = [
    {
      name: 'Lists of Lists that multiply, though the last are empty',
      given: [
        'a0: &a0 { apiVersion: v1, kind: List, items: [] }',
        ...[1, 2, 3, 4, 5, 6, 7].map(
          (n) =>
            `a${n}: &a${n} { apiVersion: v1, kind: List, items: [${Array(20)
              .fill(`*a${n - 1}`)
              .join()}] }`,
        ),
        'apiVersion: v1\nkind: List\nitems: [*a7]\n',
      ].join('\n'),
      want: /larger than 16000000 bytes once its aliases are expanded/,
    },
    {
      name: 'what contains itself',
      given: `${one('a')}data: &d { x: *d }\n`,
      want: /nested too deep/,
    },
  ];
  for (const { name, given, want } of [
    ...refused,
    ...yamlOnly.map((one) => ({ ...one, given: { yaml: one.given } })),
  ]) {
    it(`refuses ${name}`, () => {
      expect(() => parseManifests(given)).to.throw(TerminalError, want);
    });
  }

  it('does not quote the text of what it cannot parse', () => {
    const given = { yaml: 'apiVersion: v1\nstringData: { password: hunter2\nkind: Secret\n' };
    expect(() => parseManifests(given))
      .to.throw(TerminalError)
      .with.property('message')
      .that.does.not.include('hunter2');
  });

  it('reads scalars as kubectl does', () => {
    const yaml = `${one('a')}data:
  octal: 0644
  hex: 0x1f
  minus: -7
  yes: yes
  off: off
  time: 2020-01-01
  port: "80"
  nothing: ~
  text: 1.2.3
  base: &base { a: 1 }
  merged: { <<: *base, b: 2 }
`;
    expect(parseManifests({ yaml })[0]?.['data']).to.deep.equal({
      octal: 420,
      hex: 31,
      minus: -7,
      true: true,
      false: false,
      time: '2020-01-01',
      port: '80',
      nothing: null,
      text: '1.2.3',
      base: { a: 1 },
      merged: { a: 1, b: 2 },
    });
  });

  it('leaves out what only a server writes', () => {
    const manifest = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'a', uid: 'u', resourceVersion: '1', creationTimestamp: null },
      status: { x: 1 },
    };
    const [parsed] = parseManifests({ manifests: [manifest] });
    expect(parsed).to.deep.equal({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'a' },
    });
    expect(manifest.status).to.deep.equal({ x: 1 });
  });
});
