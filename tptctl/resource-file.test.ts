import { expect } from 'chai';
import { CliError } from './cli-error.js';
import { parseObjects } from './resource-file.js';

const workload = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n';

async function failure(text: string): Promise<string> {
  try {
    await parseObjects(text, 'app.yaml');
  } catch (error) {
    expect(error).to.be.instanceOf(CliError);
    return (error as CliError).message;
  }
  return 'no failure';
}

describe('parseObjects', () => {
  it('reads several documents, each with its line', async () => {
    const objects = await parseObjects(
      `# first\n${workload}---\n\n# second\n${workload}---\n`,
      'app.yaml',
    );
    expect(objects.map(({ source }) => source)).to.deep.equal(['app.yaml:2', 'app.yaml:8']);
  });
  it('takes a List apart', async () => {
    const items =
      '[{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}, {apiVersion: v1, kind: ConfigMap, metadata: {name: b}}]';
    const objects = await parseObjects(`apiVersion: v1\nkind: List\nitems: ${items}\n`, 'app.yaml');
    expect(objects.map(({ object }) => object.metadata.name)).to.deep.equal(['a', 'b']);
  });
  it('reads JSON, which is YAML', async () => {
    const objects = await parseObjects(
      '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"}}',
      'a.json',
    );
    expect(objects).to.have.length(1);
  });
  it('reads scalars as kubectl does', async () => {
    const text = `${workload}data: {mode: 0644, on: yes}\n`;
    const [first] = await parseObjects(text, 'app.yaml');
    expect(first?.object['data']).to.deep.equal({ mode: 420, true: true });
  });
  it('gives an empty file no objects', async () => {
    expect(await parseObjects('# nothing\n---\n', 'app.yaml')).to.deep.equal([]);
  });

  const cases: { name: string; reason: string; text: string; want: RegExp }[] = [
    {
      name: 'BadIndentation',
      reason: 'the line is that of the file, not of the document',
      text: `${workload}---\napiVersion: v1\nkind: ConfigMap\n  metadata: {name: b}\n`,
      want: /^app\.yaml:7: not valid YAML: /,
    },
    {
      name: 'NoKind',
      reason: 'what is missing is named',
      text: 'apiVersion: v1\n',
      want: /^app\.yaml:1: kind is missing$/,
    },
    {
      name: 'NoName',
      reason: 'so is the name',
      text: 'apiVersion: v1\nkind: X\n',
      want: /^app\.yaml:1: X: metadata\.name is missing$/,
    },
    {
      name: 'Laughs',
      reason: 'aliases of aliases are refused before anything walks them',
      text: `a: &a [x,x,x,x,x,x,x,x,x,x]\n${['b', 'c', 'd', 'e', 'f', 'g', 'h', 'i']
        .map((key, i) => `${key}: &${key} [${Array(10).fill(`*${'abcdefgh'[i]}`).join()}]\n`)
        .join('')}${workload}`,
      want: /^app\.yaml:1: larger than 16000000 bytes once its aliases are expanded/,
    },
    {
      name: 'Itself',
      reason: 'so is what contains itself',
      text: `${workload}data: &d {d: *d}\n`,
      want: /^app\.yaml:1: .*nested too deep/,
    },
    {
      name: 'NotAnObject',
      reason: 'a text is no object',
      text: 'hello\n',
      want: /^app\.yaml:1: an object is wanted/,
    },
  ];
  for (const { name, reason, text, want } of cases) {
    it(`refuses ${name}`, async () => expect(await failure(text), reason).to.match(want));
  }
});
