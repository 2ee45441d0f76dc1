import { expect } from 'chai';
import type { ApiAnswer, ApiWorld, CallOptions } from '../support/api-world.js';
import { startApiWorld } from '../support/api-world.js';

const REPORTS = '/apis/workload.threeport.io/v1alpha1/namespaces/default/workloadreports';
const identity = { apiVersion: 'workload.threeport.io/v1alpha1', kind: 'WorkloadReport' };

/** One way to write: of an object that has a field nobody knows, and one field twice. */
interface Writing {
  readonly name: string;
  readonly method: string;
  readonly path: (name: string) => string;
  readonly type?: string;
  readonly body: (name: string) => string;
  /** The object must be there before. */
  readonly changes: boolean;
}

const FAULTY = '"spec":{"runtime":"one","runtime":"two","runtme":"three"}';
const QUERY = 'fieldManager=test';

const writings: readonly Writing[] = [
  {
    name: 'create',
    method: 'POST',
    path: () => `${REPORTS}?${QUERY}`,
    body: (name) => `{"metadata":{"name":"${name}"},${FAULTY}}`,
    changes: false,
  },
  {
    name: 'update',
    method: 'PUT',
    path: (name) => `${REPORTS}/${name}?${QUERY}`,
    body: (name) => `{"metadata":{"name":"${name}"},${FAULTY}}`,
    changes: true,
  },
  {
    name: 'merge patch',
    method: 'PATCH',
    path: (name) => `${REPORTS}/${name}?${QUERY}`,
    type: 'application/merge-patch+json',
    body: () => `{${FAULTY}}`,
    changes: true,
  },
  {
    name: 'JSON patch',
    method: 'PATCH',
    path: (name) => `${REPORTS}/${name}?${QUERY}`,
    type: 'application/json-patch+json',
    body: () => `[{"op":"replace","path":"/spec","value":${FAULTY.slice('"spec":'.length)}}]`,
    changes: true,
  },
  {
    name: 'apply',
    method: 'PATCH',
    path: (name) => `${REPORTS}/${name}?${QUERY}&force=true`,
    type: 'application/apply-patch+yaml',
    body: (name) =>
      JSON.stringify({ ...identity, metadata: { name } }).replace(/\}$/, `,${FAULTY}}`),
    changes: true,
  },
];

describe('options of writes', () => {
  let world: ApiWorld;
  let made = 0;

  before(async () => (world = await startApiWorld()));
  after(() => world.stop());

  async function write(
    writing: Writing,
    query: string,
  ): Promise<{ name: string; answer: ApiAnswer }> {
    const name = `report-${++made}`;
    if (writing.changes) {
      const body = { metadata: { name }, spec: { runtime: 'before' } };
      expect((await world.call('POST', REPORTS, { body })).status).to.equal(201);
    }
    const options: CallOptions = {
      body: writing.body(name),
      ...(writing.type !== undefined && { type: writing.type }),
    };
    const answer = await world.call(writing.method, `${writing.path(name)}&${query}`, options);
    return { name, answer };
  }

  for (const writing of writings) {
    describe(writing.name, () => {
      it('Strict: refuses, naming both faults, and writes nothing', async () => {
        const { name, answer } = await write(writing, 'fieldValidation=Strict');
        expect(answer.status, JSON.stringify(answer.body)).to.equal(400);
        expect(answer.body.message).to.match(
          /strict decoding error: .*duplicate field "[^"]*runtime"/,
        );
        expect(answer.body.message).to.match(/unknown field "spec\.runtme"/);
        const { status, body } = await world.call('GET', `${REPORTS}/${name}`);
        if (writing.changes) expect(body.spec).to.deep.equal({ runtime: 'before' });
        else expect(status).to.equal(404);
      });

      for (const query of ['fieldValidation=Warn', '']) {
        it(`${query === '' ? 'by default' : 'Warn'}: writes, and warns of both faults`, async () => {
          const { name, answer } = await write(writing, query);
          expect(answer.status, JSON.stringify(answer.body)).to.be.oneOf([200, 201]);
          const warnings = String(answer.headers['warning']);
          expect(warnings).to.match(/299 - "duplicate field \\"[^"]*runtime\\""/);
          expect(warnings).to.match(/299 - "unknown field \\"spec\.runtme\\"/);
          const { body } = await world.call('GET', `${REPORTS}/${name}`);
          expect(body.spec).to.deep.equal({ runtime: 'two' });
        });
      }

      it('Ignore: writes, and says nothing', async () => {
        const { name, answer } = await write(writing, 'fieldValidation=Ignore');
        expect(answer.status).to.be.oneOf([200, 201]);
        expect(answer.headers['warning']).to.equal(undefined);
        const { body } = await world.call('GET', `${REPORTS}/${name}`);
        expect(body.spec).to.deep.equal({ runtime: 'two' });
      });

      it('refuses another sort of validation', async () => {
        const { answer } = await write(writing, 'fieldValidation=Maybe');
        expect([answer.status, answer.body.reason]).to.deep.equal([422, 'Invalid']);
      });

      it('dryRun=All: answers as if, and writes nothing', async () => {
        const before = (await world.call('GET', REPORTS)).body.metadata.resourceVersion as string;
        const { name, answer } = await write(writing, 'dryRun=All');
        expect(answer.status).to.be.oneOf([200, 201]);
        expect(answer.body.spec).to.deep.equal({ runtime: 'two' });
        const { status, body } = await world.call('GET', `${REPORTS}/${name}`);
        if (writing.changes) expect(body.spec).to.deep.equal({ runtime: 'before' });
        else expect(status).to.equal(404);
        const { metadata } = (await world.call('GET', REPORTS)).body;
        const writes = Number(metadata.resourceVersion) - Number(before);
        expect(writes, 'revisions').to.equal(writing.changes ? 1 : 0);
      });
    });
  }

  it('dryRun=All: deletes nothing, one or all, and finds what would fail', async () => {
    await world.call('POST', REPORTS, {
      body: { metadata: { name: 'kept' }, spec: { runtime: 'x' } },
    });
    const before = (await world.call('GET', REPORTS)).body;
    const one = await world.call('DELETE', `${REPORTS}/kept?dryRun=All`);
    expect([one.status, one.body.status]).to.deep.equal([200, 'Success']);
    const body = { kind: 'DeleteOptions', apiVersion: 'v1', dryRun: ['All'] };
    expect((await world.call('DELETE', `${REPORTS}/kept`, { body })).status).to.equal(200);
    const all = await world.call('DELETE', `${REPORTS}?dryRun=All`);
    expect([all.status, all.body.items.length]).to.deep.equal([200, before.items.length]);
    expect((await world.call('DELETE', `${REPORTS}/none?dryRun=All`)).status).to.equal(404);
    expect((await world.call('GET', REPORTS)).body).to.deep.equal(before);
    const scaled = `${REPORTS}/kept/status?dryRun=All`;
    const status = { ...identity, metadata: { name: 'kept' }, status: { warnings: [] } };
    expect((await world.call('PUT', scaled, { body: status })).status).to.equal(200);
    expect((await world.call('GET', REPORTS)).body).to.deep.equal(before);
  });

  const STALE = '1';
  const preconditions: readonly {
    name: string;
    method: string;
    type?: string;
    body: (uid: string, version: string) => object;
    want: readonly [status: number, message: RegExp | undefined];
  }[] = [
    {
      name: 'a delete of another uid',
      method: 'DELETE',
      body: () => ({ preconditions: { uid: 'other' } }),
      want: [409, /Precondition failed: UID in precondition: other, UID in object meta: /],
    },
    {
      name: 'a delete of another version',
      method: 'DELETE',
      body: () => ({ preconditions: { resourceVersion: STALE } }),
      want: [409, /Precondition failed: ResourceVersion in precondition: 1, ResourceVersion in/],
    },
    {
      name: 'an update of another uid',
      method: 'PUT',
      body: () => ({ metadata: { uid: 'other' }, spec: { runtime: 'x' } }),
      want: [409, /Precondition failed: UID in precondition: other, UID in object meta: /],
    },
    {
      name: 'an update of another version',
      method: 'PUT',
      body: () => ({ metadata: { resourceVersion: STALE }, spec: { runtime: 'x' } }),
      want: [409, /the object has been modified; please apply your changes to the latest version/],
    },
    {
      name: 'a patch of another version',
      method: 'PATCH',
      type: 'application/merge-patch+json',
      body: () => ({ metadata: { resourceVersion: STALE }, spec: { runtime: 'x' } }),
      want: [409, /the object has been modified/],
    },
    {
      name: 'a patch of another uid',
      method: 'PATCH',
      type: 'application/merge-patch+json',
      body: () => ({ metadata: { uid: 'other' }, spec: { runtime: 'x' } }),
      want: [422, /metadata.uid: Invalid value: "other": field is immutable/],
    },
    {
      name: 'an update that names both rightly',
      method: 'PUT',
      body: (uid, resourceVersion) => ({
        metadata: { uid, resourceVersion },
        spec: { runtime: 'x' },
      }),
      want: [200, undefined],
    },
    {
      name: 'a delete that names both rightly',
      method: 'DELETE',
      body: (uid, resourceVersion) => ({ preconditions: { uid, resourceVersion } }),
      want: [200, undefined],
    },
  ];
  for (const { name, method, type, body, want } of preconditions) {
    it(`${want[0] === 200 ? 'takes' : 'refuses'} ${name}`, async () => {
      const path = `${REPORTS}/conditional-${++made}`;
      const objectName = path.slice(path.lastIndexOf('/') + 1);
      const object = { metadata: { name: objectName }, spec: { runtime: 'before' } };
      const { metadata } = (await world.call('POST', REPORTS, { body: object })).body;
      const answer = await world.call(method, path, {
        body: body(metadata.uid as string, metadata.resourceVersion as string),
        ...(type !== undefined && { type }),
      });
      expect(answer.status, JSON.stringify(answer.body)).to.equal(want[0]);
      if (want[1] === undefined) return;
      expect(answer.body.reason).to.equal(want[0] === 409 ? 'Conflict' : 'Invalid');
      expect(answer.body.message).to.match(want[1]);
      const now = (await world.call('GET', path)).body;
      expect(now.metadata.resourceVersion).to.equal(metadata.resourceVersion);
    });
  }

  const refusedOptions: readonly { name: string; query?: string; body?: object; want: number }[] = [
    { name: 'a grace period that is none', query: 'gracePeriodSeconds=soon', want: 400 },
    { name: 'another policy', query: 'propagationPolicy=Cascade', want: 422 },
    { name: 'two policies', query: 'propagationPolicy=Orphan&orphanDependents=true', want: 422 },
    { name: 'another dry run', query: 'dryRun=Some', want: 422 },
    { name: 'another object', body: { kind: 'Secret', apiVersion: 'v1' }, want: 400 },
  ];
  for (const { name, query = '', body, want } of refusedOptions) {
    it(`refuses a delete with ${name}`, async () => {
      await world.call('POST', REPORTS, {
        body: { metadata: { name: 'stays' }, spec: { runtime: 'x' } },
      });
      const answer = await world.call('DELETE', `${REPORTS}/stays?${query}`, {
        ...(body !== undefined && { body }),
      });
      expect(answer.status, JSON.stringify(answer.body)).to.equal(want);
      expect((await world.call('GET', `${REPORTS}/stays`)).status).to.equal(200);
    });
  }
  for (const query of [
    'gracePeriodSeconds=0',
    'gracePeriodSeconds=30',
    'propagationPolicy=Foreground',
  ]) {
    it(`takes a delete with ${query}`, async () => {
      await world.call('POST', REPORTS, {
        body: { metadata: { name: 'goes' }, spec: { runtime: 'x' } },
      });
      expect((await world.call('DELETE', `${REPORTS}/goes?${query}`)).status).to.equal(200);
    });
  }
});
