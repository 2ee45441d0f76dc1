import { expect } from 'chai';
import type { ApiWorld } from '../support/api-world.js';
import { startApiWorld } from '../support/api-world.js';
import { eventually } from '../support/eventually.js';

const CORE = '/api/v1/namespaces/default/events';
const NEWER = '/apis/events.k8s.io/v1/namespaces/default/events';

/** One Event, two groups: what is written in one is read in the other. */
describe('Events in two groups', () => {
  let world: ApiWorld;

  before(async () => (world = await startApiWorld()));
  after(() => world.stop());

  const SUBJECT = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'default', name: 'conf' };
  const FIRST = '2026-01-01T00:00:00Z';
  const CORE_FIELDS = {
    involvedObject: SUBJECT,
    message: 'it is odd',
    reason: 'Odd',
    type: 'Warning',
    action: 'Look',
    reportingComponent: 'test.io/one',
    reportingInstance: 'one-1',
    source: { component: 'one' },
    firstTimestamp: FIRST,
    lastTimestamp: FIRST,
    count: 3,
  };
  const NEWER_FIELDS = {
    regarding: SUBJECT,
    note: 'it is odd',
    reason: 'Odd',
    type: 'Warning',
    action: 'Look',
    reportingController: 'test.io/one',
    reportingInstance: 'one-1',
    deprecatedSource: { component: 'one' },
    deprecatedFirstTimestamp: FIRST,
    deprecatedLastTimestamp: FIRST,
    deprecatedCount: 3,
  };

  const forms = [
    {
      from: CORE,
      given: CORE_FIELDS,
      to: NEWER,
      want: NEWER_FIELDS,
      apiVersion: 'events.k8s.io/v1',
    },
    { from: NEWER, given: NEWER_FIELDS, to: CORE, want: CORE_FIELDS, apiVersion: 'v1' },
  ];
  for (const [i, { from, given, to, want, apiVersion }] of forms.entries()) {
    it(`reads through ${to} what was written through ${from}`, async () => {
      const name = `both-${i}`;
      const made = await world.call('POST', from, { body: { metadata: { name }, ...given } });
      expect(made.status, JSON.stringify(made.body)).to.equal(201);
      expect(made.body).to.deep.include(given);
      const {
        apiVersion: said,
        kind,
        metadata,
        ...fields
      } = (await world.call('GET', `${to}/${name}`)).body;
      expect([said, kind]).to.deep.equal([apiVersion, 'Event']);
      expect(fields).to.deep.equal(want);
      expect(metadata.uid).to.equal(made.body.metadata.uid);
      expect(metadata.resourceVersion).to.equal(made.body.metadata.resourceVersion);
    });
  }

  it('lists, selects and counts the same objects', async () => {
    const { body: newer } = await world.call(
      'GET',
      `${NEWER}?fieldSelector=regarding.name%3Dconf,type%3DWarning`,
    );
    const { body: core } = await world.call('GET', CORE);
    expect(newer).to.include({ kind: 'EventList', apiVersion: 'events.k8s.io/v1' });
    expect(newer.items.map((item: { note: string }) => item.note)).to.deep.equal(
      core.items.map((item: { message: string }) => item.message),
    );
    const none = await world.call('GET', `${NEWER}?fieldSelector=regarding.name%3Dnone`);
    expect(none.body.items).to.deep.equal([]);
  });

  const patches: readonly { name: string; type: string; body: unknown; query?: string }[] = [
    { name: 'a merge patch', type: 'merge-patch+json', body: { note: 'changed by a merge patch' } },
    {
      name: 'a strategic merge patch',
      type: 'strategic-merge-patch+json',
      body: { note: 'changed by a strategic merge patch', series: { count: 5 } },
    },
    {
      name: 'a JSON patch',
      type: 'json-patch+json',
      body: [
        { op: 'test', path: '/regarding/name', value: 'conf' },
        { op: 'replace', path: '/note', value: 'changed by a JSON patch' },
      ],
    },
    {
      name: 'an apply',
      type: 'apply-patch+yaml',
      query: '?fieldManager=test&force=true',
      body: {
        apiVersion: 'events.k8s.io/v1',
        kind: 'Event',
        metadata: { name: 'both-0' },
        regarding: SUBJECT,
        note: 'changed by an apply',
      },
    },
  ];
  for (const { name, type, body, query = '' } of patches) {
    it(`takes ${name} in the newer form`, async () => {
      const answer = await world.call('PATCH', `${NEWER}/both-0${query}`, {
        type: `application/${type}`,
        body: JSON.stringify(body),
      });
      expect(answer.status, JSON.stringify(answer.body)).to.equal(200);
      const note = `changed by ${name}`;
      expect(answer.body).to.include({ apiVersion: 'events.k8s.io/v1', note });
      expect((await world.call('GET', `${CORE}/both-0`)).body.message).to.equal(note);
    });
  }

  it('watches either form', async () => {
    const newer = world.watch(`${NEWER}?watch=1&fieldSelector=metadata.name%3Dwatched`);
    const core = world.watch(`${CORE}?watch=1&fieldSelector=involvedObject.name%3Dseen`);
    const involvedObject = { ...SUBJECT, name: 'seen' };
    await world.call('POST', CORE, {
      body: { metadata: { name: 'watched' }, involvedObject, message: 'look' },
    });
    await world.call('DELETE', `${NEWER}/watched`);
    await eventually('both saw it come and go', () =>
      [newer, core].every(({ events }) => events.length === 2),
    );
    expect(newer.events.map(({ type, object }) => [type, object.note])).to.deep.equal([
      ['ADDED', 'look'],
      ['DELETED', 'look'],
    ]);
    expect(core.events[0]?.object.message).to.equal('look');
  });

  it('gives a table and bare metadata', async () => {
    const table = await world.call('GET', NEWER, {
      headers: { Accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' },
    });
    const names = table.body.columnDefinitions.map((column: { name: string }) => column.name);
    expect(names.slice(0, 4)).to.deep.equal(['Last Seen', 'Type', 'Reason', 'Object']);
    expect(table.body.rows[0].cells).to.include('configmap/conf');
    const partial = await world.call('GET', `${NEWER}/both-0`, {
      headers: { Accept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io' },
    });
    expect(partial.body).to.have.all.keys('kind', 'apiVersion', 'metadata');
  });

  const refused: readonly { name: string; body: unknown; want: RegExp }[] = [
    {
      name: 'the form of the other group',
      body: { apiVersion: 'v1', kind: 'Event', metadata: { name: 'x' }, involvedObject: SUBJECT },
      want: /.+/,
    },
    { name: 'another kind', body: { kind: 'Secret', metadata: { name: 'x' } }, want: /Event/ },
    { name: 'a list', body: [], want: /must be an object/ },
  ];
  for (const { name, body, want } of refused) {
    it(`refuses ${name}`, async () => {
      const answer = await world.call('POST', NEWER, { body });
      expect(answer.status, JSON.stringify(answer.body)).to.equal(400);
      expect(answer.body.message).to.match(want);
    });
  }
});
