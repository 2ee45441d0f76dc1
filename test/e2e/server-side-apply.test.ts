import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import * as fc from 'fast-check';
import { canonicalJson } from '../../server/apply/canonical-json.js';
import type { KubeRequest, KubeResponse, KubeTransport } from '../../sdk/kube/kube-transport.js';
import { createKubeTransport } from '../../sdk/kube/kube-transport.js';
import { isApiError } from '../../sdk/api/errors.js';
import { eventually } from '../support/eventually.js';
import { gadgetHistory } from '../support/gadget-histories.js';
import type { GadgetStep, GadgetVerb } from '../support/gadget-steps.js';
import { requestOf } from '../support/gadget-steps.js';
import {
  GADGET_DEFINITION,
  GADGET_GROUP,
  gadgetApiVersion,
  gadgetsPath,
} from '../support/gadgets.js';
import {
  isMistakenMigration,
  isNullLeftOver,
  isOwnedWithoutContents,
  withoutConflictFields,
} from '../support/kubernetes-v120.js';
import { startRealCluster, type RealCluster } from '../support/real-cluster.js';
import { startSandbox, type SandboxFixture } from '../support/sandbox-fixture.js';
import { outcomeOf } from '../support/write-outcome.js';

type Fields = Record<string, unknown>;

/** By hand: THREEPORT_SEEDS=1000 runs so many histories, new ones each time unless THREEPORT_SEED is set. */
const HISTORIES = process.env['THREEPORT_SEEDS'];
const SEED = process.env['THREEPORT_SEED'] ?? (HISTORIES === undefined ? '1' : String(Date.now()));
const TIME_LIMIT_MS = HISTORIES === undefined ? 45_000 : 24 * 3_600_000;

/** The same request to both; undefined when the real one does what newer ones do not do any more. */
interface Exchange {
  readonly theirs: Fields;
  readonly ours: Fields;
}

describe('server-side apply beside a real kube-apiserver', function () {
  this.timeout(TIME_LIMIT_MS + 120_000);
  let cluster: RealCluster | undefined;
  let sandbox: SandboxFixture;
  let theirs: KubeTransport;
  let ours: KubeTransport;
  let objects = 0;

  before(async function () {
    cluster = await startRealCluster('apply');
    if (cluster === undefined) return this.skip();
    sandbox = await startSandbox();
    theirs = createKubeTransport(cluster.kubeconfig);
    ours = createKubeTransport(await readFile(sandbox.kubeconfig, 'utf8'));
    for (const api of [theirs, ours]) await declareGadgets(api);
  });
  after(async () => {
    theirs?.close();
    ours?.close();
    await sandbox?.stop();
    await cluster?.stop();
  });

  /** Sends the steps to a new object of both and compares after each; `look` sees what they answer. */
  async function run(
    steps: readonly GadgetStep[],
    look: (exchange: Exchange) => void = () => undefined,
    beforeStep: () => Promise<unknown> = () => Promise.resolve(),
  ): Promise<void> {
    const name = `gadget-${++objects}`;
    let live: Partial<Exchange> = {};
    let isSameOrder = true;
    for (const [index, step] of steps.entries()) {
      await beforeStep();
      const their = await send(theirs, requestOf(step, name, live.theirs)).catch(ignoreHangUp);
      if (their === undefined) continue;
      if (isNullLeftOver(their) || isMistakenMigration(step, their, live.theirs)) continue;
      const our = await send(ours, requestOf(step, name, live.ours));
      const want = withoutConflictFields(outcomeOf(their));
      const got = withoutConflictFields(outcomeOf(our));
      const exchange = { theirs: their.body as Fields, ours: our.body as Fields };
      isSameOrder &&=
        canonicalJson(exchange.theirs['spec']) === canonicalJson(exchange.ours['spec']);
      // Another order of a list is another generation.
      if (!isSameOrder)
        for (const outcome of [want, got]) delete metadataOf(outcome.object)['generation'];
      expect(got, `step ${index}: ${JSON.stringify(exchange, null, 1)}`).to.deep.equal(want);
      if (their.statusCode >= 300) continue;
      // Gone: one made anew would have no anchor.
      if (isGone(exchange.theirs)) return;
      live = exchange;
      look(exchange);
      if (isOwnedWithoutContents(exchange.theirs)) return;
    }
  }

  it('gives the same objects, owners and conflicts after any history', async () => {
    await fc.assert(
      fc.asyncProperty(gadgetHistory, (steps) => run(steps)),
      {
        numRuns: Number(HISTORIES ?? 400),
        seed: Number(SEED) & 0x7fff_ffff,
        interruptAfterTimeLimit: TIME_LIMIT_MS,
      },
    );
  });

  it('orders owners by the time of their last gain, which nothing else moves', async () => {
    const ages = ({ metadata }: Fields): unknown[] =>
      ((metadata as Fields)['managedFields'] as Fields[]).map(({ manager, operation, time }) => [
        manager,
        operation,
        time,
      ]);
    await run(
      [
        write('create', 'a', { spec: { anchor: 'x', count: 1, title: 'x' } }),
        write('apply', 'b', { spec: { count: 1 } }),
        write('apply', 'b', { spec: { count: 1 } }),
        write('apply', 'b', { spec: { count: 1, title: 'x' } }),
        write('apply', 'c', { metadata: { labels: { k: 'x' } } }),
        write('apply', 'b', { spec: { title: 'x' } }),
        write('force', 'c', { metadata: { labels: { k: 'x' } }, spec: { title: 'y' } }),
        write('merge', 'u', { spec: { limits: { k: 'x', l: 'x' } } }),
        write('merge', 'a', { spec: { limits: { k: 'y' } } }),
        write('merge', 'u', { spec: { limits: { l: null } } }),
        write('merge', 'u', { spec: { count: 2 } }),
      ],
      ({ theirs: their, ours: our }) => expect(ages(our)).to.deep.equal(ages(their)),
      () => eventually('a second begins', () => Date.now() % 1000 < 100),
    );
  });

  it('joins the oldest updates when there are more than ten managers', async () => {
    const managers = Array.from({ length: 13 }, (_, index) => `m${String(index).padStart(2, '0')}`);
    await run([
      write('apply', 'first', { spec: { anchor: 'x' } }),
      ...managers.map((name) => write('merge', name, { metadata: { labels: { [name]: 'x' } } })),
      write('merge', 'm00', { metadata: { labels: { m00: 'y', m05: 'y' } } }),
    ]);
  });

  const claim = {
    manager: 'x',
    operation: 'Update',
    apiVersion: gadgetApiVersion('v1'),
    time: '2020-01-01T00:00:00Z',
    fieldsType: 'FieldsV1',
    fieldsV1: { 'f:spec': { 'f:count': {} } },
  };
  const title = { 'f:spec': { 'f:title': {} } };
  const claims: { name: string; given: unknown; change?: unknown; verb?: GadgetVerb }[] = [
    { name: 'an empty entry, with a change', given: [{}], change: { count: 5 } },
    { name: 'no entry', given: [], change: { count: 5 } },
    { name: 'null', given: null },
    { name: 'an entry, with a change', given: [claim], change: { count: 5, title: 'q' } },
    { name: 'an entry without fields', given: [{ ...claim, fieldsV1: {} }] },
    { name: 'no type of fields', given: [{ ...claim, fieldsType: undefined }] },
    { name: 'unknown type of fields', given: [{ ...claim, fieldsType: 'FieldsV9' }] },
    { name: 'fields that are none', given: [{ ...claim, fieldsV1: { 'f:spec': 3 } }] },
    { name: 'unknown kind of path', given: [{ ...claim, fieldsV1: { 'x:spec': {} } }] },
    { name: 'two entries of one owner', given: [claim, { ...claim, fieldsV1: title }] },
    { name: 'two owners', given: [claim, { ...claim, operation: 'Apply', fieldsV1: title }] },
    { name: 'two empty entries', given: [{}, {}] },
    {
      name: 'a version that is not served',
      given: [{ ...claim, apiVersion: `${GADGET_GROUP}/v9` }],
    },
    { name: 'another group', given: [{ ...claim, apiVersion: 'other/v1' }] },
    { name: 'through the status', given: [{}], verb: 'merge status' },
    { name: 'an applied entry', given: [claim], verb: 'apply' },
    { name: 'an applied empty list', given: [], verb: 'apply' },
    { name: 'applied null', given: null, verb: 'apply' },
  ];
  for (const { name, given, change, verb = 'merge' } of claims) {
    it(`takes managedFields from a client: ${name}`, async () => {
      await run([
        write('create', 'a', { metadata: { labels: { k: 'x' } }, spec: { count: 1, title: 'x' } }),
        write(verb, 'b', {
          metadata: { managedFields: given },
          ...(change !== undefined && { spec: change }),
        }),
        write('merge', 'c', { spec: { count: 7 } }),
      ]);
    });
  }

  const patches: { name: string; given: unknown }[] = [
    { name: 'no operation', given: [] },
    { name: 'not a list', given: {} },
    { name: 'not an operation', given: [1] },
    { name: 'unknown', given: [{ op: 'nope', path: '/spec' }] },
    { name: 'without op', given: [{ path: '/spec' }] },
    { name: 'without path', given: [{ op: 'add', value: 1 }] },
    { name: 'move from nowhere said', given: [{ op: 'move', path: '/spec/title' }] },
    { name: 'append', given: [{ op: 'add', path: '/spec/atomicList/-', value: 'z' }] },
    { name: 'add at the end', given: [{ op: 'add', path: '/spec/atomicList/2', value: 'z' }] },
    { name: 'add past the end', given: [{ op: 'add', path: '/spec/atomicList/3', value: 'z' }] },
    { name: 'add from the end', given: [{ op: 'add', path: '/spec/atomicList/-2', value: 'z' }] },
    {
      name: 'add before the start',
      given: [{ op: 'add', path: '/spec/atomicList/-4', value: 'z' }],
    },
    {
      name: 'an index with zeros',
      given: [{ op: 'add', path: '/spec/atomicList/01', value: 'z' }],
    },
    { name: 'no index', given: [{ op: 'add', path: '/spec/atomicList/x', value: 'z' }] },
    { name: 'remove the last', given: [{ op: 'remove', path: '/spec/atomicList/-1' }] },
    { name: 'remove past the end', given: [{ op: 'remove', path: '/spec/atomicList/2' }] },
    { name: 'remove -', given: [{ op: 'remove', path: '/spec/atomicList/-' }] },
    { name: 'remove what is missing', given: [{ op: 'remove', path: '/spec/count' }] },
    { name: 'remove all', given: [{ op: 'remove', path: '' }] },
    { name: 'below a text', given: [{ op: 'add', path: '/spec/title/x', value: 1 }] },
    { name: 'below nothing', given: [{ op: 'add', path: '/spec/a/b', value: 1 }] },
    { name: 'an escaped slash', given: [{ op: 'add', path: '/spec/limits/a~1b', value: 'z' }] },
    { name: 'no escape', given: [{ op: 'add', path: '/spec/limits/a~2', value: 'z' }] },
    { name: 'test', given: [{ op: 'test', path: '/spec/pair', value: { a: 'x' } }] },
    { name: 'failing test', given: [{ op: 'test', path: '/spec/title', value: 'y' }] },
    { name: 'test that nothing is', given: [{ op: 'test', path: '/spec/count', value: null }] },
    { name: 'test below nothing', given: [{ op: 'test', path: '/spec/a/b', value: null }] },
    { name: 'move into itself', given: [{ op: 'move', from: '/spec/pair', path: '/spec/pair/a' }] },
    { name: 'move onto itself', given: [{ op: 'move', from: '/spec/pair', path: '/spec/pair' }] },
    {
      name: 'all or nothing',
      given: [
        { op: 'replace', path: '/spec/title', value: 'z' },
        { op: 'test', path: '/spec/title', value: 'x' },
      ],
    },
    {
      name: 'too many',
      given: Array.from({ length: 10_001 }, () => ({
        op: 'test',
        path: '/spec/title',
        value: 'x',
      })),
    },
  ];
  for (const { name, given } of patches) {
    it(`patches by operations: ${name}`, async () => {
      const spec = { title: 'x', pair: { a: 'x' }, limits: {}, atomicList: ['x', 'y'] };
      await run([write('create', 'a', { spec }), write('json', 'b', given)]);
    });
  }
});

/** Patient: both share this machine with whatever else runs on it. */
function send(api: KubeTransport, request: KubeRequest): Promise<KubeResponse> {
  return api.request({ ...request, timeoutMs: 60_000 });
}

function write(verb: GadgetVerb, manager: string, body: unknown): GadgetStep {
  return { verb, version: 'v1', manager, body };
}

/** After the answer to a delete, or to what took the last finalizer of an object that was to go. */
function isGone(answer: Fields): boolean {
  const { deletionTimestamp, finalizers } = metadataOf(answer);
  if (answer['status'] === 'Success') return true;
  return deletionTimestamp !== undefined && ((finalizers ?? []) as unknown[]).length === 0;
}

/** Some patches (a null in the way of a copy) make a kube-apiserver of 1.20 end the connection. */
function ignoreHangUp(error: unknown): undefined {
  if (!isApiError(error, 'ServiceUnavailable') || !/socket hang up/.test(error.message))
    throw error;
}

function metadataOf(object: Fields | undefined): Fields {
  return (object?.['metadata'] ?? {}) as Fields;
}

async function declareGadgets(api: KubeTransport): Promise<void> {
  const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  const { statusCode, body } = await api.request({ method: 'POST', path, body: GADGET_DEFINITION });
  expect(statusCode, JSON.stringify(body)).to.equal(201);
  await eventually('the kind is served', async () => {
    const list = await api.request({ method: 'GET', path: gadgetsPath('v1beta1') });
    return list.statusCode === 200;
  });
}
