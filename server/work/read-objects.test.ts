import { expect } from 'chai';
import { kinds } from '../../sdk/api/zz_generated.kinds.js';
import { nopLogger } from '../../sdk/logger.js';
import { InProcessQueue } from '../../sdk/queue/in-process-queue.js';
import { createTokenAuthenticator } from '../auth/token-authenticator.js';
import type { ControlPlane } from '../control-plane.js';
import { createControlPlane } from '../control-plane.js';
import { createFieldCipher } from '../crypto/field-cipher.js';
import { MemoryObjectStore } from '../store/memory/memory-object-store.js';

const TOKEN = 'token-of-a-reconciler';
const DEFINITIONS = 'workloaddefinitions.workload.threeport.io';
const RUNTIMES = 'kubernetesruntimedefinitions.kubernetes.threeport.io';
const DEFINITIONS_PATH = '/apis/workload.threeport.io/v1alpha1/namespaces/default';
const RUNTIMES_PATH = '/apis/kubernetes.threeport.io/v1alpha1';

/** Beside the server's own GET, with Secrets encrypted at rest. */
describe('reading several objects', () => {
  const store = new MemoryObjectStore({ kinds });
  let plane: ControlPlane;

  const send = async (method: string, path: string, body?: unknown): Promise<string> => {
    const answer = await fetch(plane.address + path, {
      method,
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    expect(answer.ok, text).to.equal(true);
    return text;
  };
  const read = (keys: unknown): Promise<string> => send('POST', '/threeport/v1/read', { keys });

  before(async () => {
    plane = createControlPlane({
      store,
      queue: new InProcessQueue(),
      authenticator: createTokenAuthenticator([
        { token: TOKEN, user: 'reconciler', groups: ['threeport:reconcilers'] },
      ]),
      cipher: createFieldCipher(Buffer.alloc(32, 3)),
      logger: nopLogger,
      version: '0.0.0',
      listen: { host: '127.0.0.1', port: 0 },
    });
    await plane.start(new AbortController().signal);
    await send('POST', `${DEFINITIONS_PATH}/workloaddefinitions`, {
      metadata: { name: 'web' },
      spec: { yaml: '# x' },
    });
    await send('POST', `${RUNTIMES_PATH}/kubernetesruntimedefinitions`, {
      metadata: { name: 'here' },
      spec: { provider: 'existing' },
    });
    await send('POST', '/api/v1/namespaces/default/secrets', {
      metadata: { name: 'hidden' },
      stringData: { password: 'open sesame' },
    });
  });
  after(() => plane.stop());

  it('answers each as GET does, in the order asked, Secrets decrypted', async () => {
    const secret = await send('GET', '/api/v1/namespaces/default/secrets/hidden');
    const definition = await send('GET', `${DEFINITIONS_PATH}/workloaddefinitions/web`);
    const runtime = await send('GET', `${RUNTIMES_PATH}/kubernetesruntimedefinitions/here`);
    const answer = await read([
      { resource: 'secrets', namespace: 'default', name: 'hidden' },
      { resource: RUNTIMES, name: 'here' },
      { resource: DEFINITIONS, namespace: 'default', name: 'web' },
      { resource: 'secrets', namespace: 'default', name: 'hidden' },
    ]);
    expect(answer).to.equal(`{"objects":[${[secret, runtime, definition, secret].join(',')}]}`);
    expect(secret).to.contain(Buffer.from('open sesame').toString('base64'));
    const kind = kinds.find((each) => each.kind === 'Secret');
    if (kind === undefined) throw new Error('no kind Secret');
    const stored = await store.get(kind, 'default', 'hidden');
    expect(stored?.json, 'or the test shows nothing').to.contain('"password":"v1:');
  });

  const cases: { name: string; reason: string; key: object; want: string | undefined }[] = [
    {
      name: 'a name that nothing has',
      reason: 'null, and no error, is how missing is told',
      key: { resource: DEFINITIONS, namespace: 'default', name: 'gone' },
      want: undefined,
    },
    {
      name: 'a name of another namespace',
      reason: 'objects of one name are not mixed up',
      key: { resource: DEFINITIONS, namespace: 'elsewhere', name: 'web' },
      want: undefined,
    },
    {
      name: 'a namespaced kind without namespace',
      reason: 'clients mean `default` then',
      key: { resource: DEFINITIONS, name: 'web' },
      want: 'web',
    },
    {
      name: 'a cluster-scoped kind with a namespace',
      reason: 'clients have it ignored',
      key: { resource: RUNTIMES, namespace: 'default', name: 'here' },
      want: 'here',
    },
  ];
  for (const { name, reason, key, want } of cases) {
    it(`${name}: ${reason}`, async () => {
      const { objects } = JSON.parse(await read([key])) as {
        objects: ({ metadata: { name: string } } | null)[];
      };
      expect(objects.map((object) => object?.metadata.name)).to.deep.equal([want]);
    });
  }

  it('sees what was committed a moment ago', async () => {
    const key = { resource: DEFINITIONS, namespace: 'default', name: 'late' };
    expect(await read([key])).to.equal('{"objects":[null]}');
    await send('POST', `${DEFINITIONS_PATH}/workloaddefinitions`, {
      metadata: { name: 'late' },
      spec: { yaml: '# y' },
    });
    expect(await read([key])).to.contain('# y');
    await send('DELETE', `${DEFINITIONS_PATH}/workloaddefinitions/late`);
    expect(await read([key])).to.equal('{"objects":[null]}');
  });
});
