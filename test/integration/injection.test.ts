import { expect } from 'chai';
import { Client } from 'pg';
import { kinds } from '../../sdk/api/zz_generated.kinds.js';
import { SqlObjectStore } from '../../server/store/sql/sql-object-store.js';
import type { ApiAnswer, ApiWorld, CallOptions } from '../support/api-world.js';
import { startApiWorld } from '../support/api-world.js';
import { hostileStrings, MARK } from '../support/hostile-strings.js';
import type { TestDatabase } from '../support/postgres.js';
import { testDatabase } from '../support/postgres.js';

const MAPS = '/api/v1/namespaces/default/configmaps';
const AT_ONCE = 8;
/** What only the inside of the server says. */
const INSIDE =
  /node_modules|\.(?:js|ts):\d+|\bat \S+ \(|INSERT INTO|UPDATE "|FROM (?:revision|objects_)|syntax error|violates|pg_catalog|SQLSTATE|ECONN/;

interface Parameter {
  readonly name: string;
  readonly method?: string;
  readonly path: (text: string) => string;
  readonly call?: (text: string) => CallOptions;
  /** Where the text must come back, unchanged, when the request was taken. */
  readonly echo?: (body: ApiAnswer['body']) => unknown;
}

const encoded = encodeURIComponent;
const query = (name: string, rest = ''): Parameter => ({
  name: `?${name}`,
  path: (text) => `${MAPS}?${rest}${name}=${encoded(text)}`,
});
const written = (name: string, rest = ''): Parameter => ({
  ...query(name, rest),
  method: 'POST',
  path: (text) => `${MAPS}?dryRun=All&${rest}${name}=${encoded(text)}`,
  call: () => ({ body: { metadata: { name: 'dry' } } }),
});
const header = (name: string): Parameter => ({
  name: `header ${name}`,
  path: () => `${MAPS}/there`,
  call: (text) => ({ headers: { [name]: printable(text) } }),
});
const body = (
  name: string,
  make: (text: string) => object,
  echo: NonNullable<Parameter['echo']>,
): Parameter => ({
  name: `body ${name}`,
  method: 'POST',
  path: () => `${MAPS}?dryRun=All&fieldValidation=Strict`,
  call: (text) => ({ body: make(text) }),
  echo,
});
const patched = (type: string, name: string, make: (text: string) => unknown): Parameter => ({
  name: `${type} ${name}`,
  method: 'PATCH',
  path: () => `${MAPS}/there?dryRun=All&fieldManager=m`,
  call: (text) => ({ type: `application/${type}`, body: make(text) }),
});

const PARAMETERS: readonly Parameter[] = [
  { name: 'path name', path: (text) => `${MAPS}/${encoded(text)}` },
  { name: 'path namespace', path: (text) => `/api/v1/namespaces/${encoded(text)}/configmaps` },
  { name: 'path plural', path: (text) => `/api/v1/namespaces/default/${encoded(text)}` },
  { name: 'path subresource', path: (text) => `${MAPS}/there/${encoded(text)}` },
  { name: 'path version', path: (text) => `/api/${encoded(text)}/configmaps` },
  { name: 'path group', path: (text) => `/apis/${encoded(text)}/v1/things` },
  { name: 'path of documents', path: (text) => `/openapi/v3/${encoded(text)}` },
  { name: 'path of health', path: (text) => `/readyz/${encoded(text)}` },
  query('labelSelector'),
  { name: '?labelSelector value', path: (text) => `${MAPS}?labelSelector=${encoded(`a=${text}`)}` },
  {
    name: '?labelSelector set',
    path: (text) => `${MAPS}?labelSelector=${encoded(`a in (${text})`)}`,
  },
  query('fieldSelector'),
  {
    name: '?fieldSelector value',
    path: (text) => `${MAPS}?fieldSelector=${encoded(`metadata.name=${text}`)}`,
  },
  query('limit'),
  query('continue', 'limit=1&'),
  {
    name: '?continue forged',
    path: (text) =>
      `${MAPS}?limit=1&continue=${Buffer.from(JSON.stringify([2, -1, text, text])).toString('base64url')}`,
  },
  query('resourceVersion'),
  query('resourceVersionMatch', 'resourceVersion=1&'),
  query('timeoutSeconds'),
  query('includeObject'),
  query('pretty'),
  query('watch', 'timeoutSeconds=x&'),
  written('fieldManager'),
  written('fieldValidation'),
  written('dryRun'),
  {
    ...query('propagationPolicy'),
    method: 'DELETE',
    path: (text) => `${MAPS}/there?dryRun=All&propagationPolicy=${encoded(text)}`,
  },
  header('User-Agent'),
  header('Accept'),
  header('Impersonate-User'),
  header('Impersonate-Group'),
  header('If-None-Match'),
  body(
    'name',
    (text) => ({ metadata: { name: text } }),
    ({ metadata }) => metadata.name,
  ),
  body(
    'generateName',
    (text) => ({ metadata: { generateName: text } }),
    ({ metadata }) => metadata.generateName,
  ),
  body(
    'namespace',
    (text) => ({ metadata: { name: 'dry', namespace: text } }),
    ({ metadata }) => metadata.namespace,
  ),
  body(
    'label',
    (text) => ({ metadata: { name: 'dry', labels: { [text]: 'x' } } }),
    ({ metadata }) => Object.keys(metadata.labels)[0],
  ),
  body(
    'label value',
    (text) => ({ metadata: { name: 'dry', labels: { x: text } } }),
    ({ metadata }) => metadata.labels.x,
  ),
  body(
    'annotation value',
    (text) => ({ metadata: { name: 'dry', annotations: { x: text } } }),
    ({ metadata }) => metadata.annotations.x,
  ),
  body(
    'finalizer',
    (text) => ({ metadata: { name: 'dry', finalizers: [text] } }),
    ({ metadata }) => metadata.finalizers[0],
  ),
  body(
    'owner',
    (text) => ({
      metadata: {
        name: 'dry',
        ownerReferences: [{ apiVersion: text, kind: text, name: text, uid: text }],
      },
    }),
    ({ metadata }) => metadata.ownerReferences[0].uid,
  ),
  body(
    'key',
    (text) => ({ metadata: { name: 'dry' }, data: { [text]: 'x' } }),
    ({ data }) => Object.keys(data)[0],
  ),
  body(
    'value',
    (text) => ({ metadata: { name: 'dry' }, data: { x: text } }),
    ({ data }) => data.x,
  ),
  body(
    'unknown field',
    (text) => ({ metadata: { name: 'dry' }, [text]: 1 }),
    () => undefined,
  ),
  body(
    'apiVersion',
    (text) => ({ apiVersion: text }),
    () => undefined,
  ),
  body(
    'kind',
    (text) => ({ kind: text }),
    () => undefined,
  ),
  {
    name: 'body text, as YAML',
    method: 'POST',
    path: () => `${MAPS}?dryRun=All`,
    call: (text) => ({
      type: 'application/yaml',
      body: `metadata:\n  name: dry\ndata:\n  x: ${text}\n`,
    }),
  },
  patched('json-patch+json', 'path', (text) => [{ op: 'add', path: `/data/${text}`, value: 'x' }]),
  patched('json-patch+json', 'op', (text) => [{ op: text, path: '/data' }]),
  patched('merge-patch+json', 'uid', (text) => ({ metadata: { uid: text } })),
  patched('merge-patch+json', 'resourceVersion', (text) => ({
    metadata: { resourceVersion: text },
  })),
  patched('strategic-merge-patch+json', 'directive', (text) => ({ $patch: text })),
  patched('apply-patch+yaml', 'name', (text) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: text },
  })),
  {
    name: 'body preconditions',
    method: 'DELETE',
    path: () => `${MAPS}/there?dryRun=All`,
    call: (text) => ({ body: { preconditions: { uid: text, resourceVersion: text } } }),
  },
];

describe('strings that break programs', function () {
  this.timeout(600_000);
  const strings = hostileStrings();
  let database: TestDatabase;
  let world: ApiWorld;
  const statements = new Set<string>();
  const { query: plainQuery } = Client.prototype;

  before(async () => {
    database = await testDatabase();
    // Every statement goes through here, its text apart from its values.
    Client.prototype.query = function (this: Client, ...parameters: unknown[]): never {
      const [first] = parameters;
      statements.add(typeof first === 'string' ? first : (first as { text: string }).text);
      return Reflect.apply(plainQuery, this, parameters) as never;
    } as typeof plainQuery;
    const store = new SqlObjectStore({ connectionString: database.url, kinds });
    world = await startApiWorld({ store });
    await world.call('POST', MAPS, { body: { metadata: { name: 'there' }, data: { a: '1' } } });
  });
  after(async () => {
    Client.prototype.query = plainQuery;
    await world?.stop();
    await database?.drop();
  });

  it('are many, and different', () => {
    expect(strings.length).to.be.at.least(500);
    expect(strings.every((text) => text.includes(MARK))).to.equal(true);
  });

  for (const parameter of PARAMETERS) {
    it(`are refused or taken literally as ${parameter.name}`, async () => {
      let next = 0;
      const loop = async (): Promise<void> => {
        for (let i = next++; i < strings.length; i = next++) {
          assertHarmless(
            parameter,
            strings[i] ?? '',
            await send(world, parameter, strings[i] ?? ''),
          );
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, loop));
    });
  }

  it('are in the text of no statement, of which there are few', () => {
    expect([...statements].filter((text) => text.includes(MARK))).to.deep.equal([]);
    expect([...statements].some((text) => text.includes('SELECT'))).to.equal(true);
    expect(statements.size, [...statements].join('\n')).to.be.lessThan(120);
  });

  it('have changed nothing', async () => {
    const { body: list } = await world.call('GET', MAPS);
    const [there, ...others] = list.items as { metadata: { name: string }; data: object }[];
    expect(there?.metadata.name).to.equal('there');
    expect(there?.data).to.deep.equal({ a: '1' });
    expect(others).to.deep.equal([]);
  });
});

/** Undefined where the client itself cannot send it. */
async function send(
  world: ApiWorld,
  { method = 'GET', path, call }: Parameter,
  text: string,
): Promise<ApiAnswer | undefined> {
  let target: string;
  try {
    target = path(text);
  } catch (error) {
    // Half a surrogate pair has no percent-encoding.
    if (error instanceof URIError) return undefined;
    throw error;
  }
  return world.call(method, target, call?.(text) ?? {});
}

function assertHarmless(
  { name, echo }: Parameter,
  text: string,
  answer: ApiAnswer | undefined,
): void {
  if (answer === undefined) return;
  const { status } = answer;
  const what = `${name} = ${JSON.stringify(text)}: ${status} ${JSON.stringify(answer.body).slice(0, 300)}`;
  expect(status < 500 || status === 504, what).to.equal(true);
  if (status < 300) {
    if (echo !== undefined) expect(echo(answer.body), what).to.equal(text);
    return;
  }
  expect(status, what).to.be.at.least(400);
  // What the caller sent may be quoted; nothing of the server may.
  const message = String(answer.body.message ?? answer.body);
  const quoted = [
    text,
    printable(text),
    JSON.stringify(text).slice(1, -1),
    encoded(printable(text)),
  ];
  const own = quoted.reduce(
    (rest, quote) => (quote === '' ? rest : rest.replaceAll(quote, '')),
    message,
  );
  expect(own, what).not.to.match(INSIDE);
  expect(own, what).not.to.contain(process.cwd());
}

/** What can stand in a header. */
function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?');
}
