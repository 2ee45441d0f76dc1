import { expect } from 'chai';
import type { OwnerReference } from '../../sdk/api/object.js';
import { collectionPath } from '../../sdk/api/kind.js';
import { site, thing } from '../support/collector-world.js';
import {
  kubectl,
  startKubernetesApi,
  startThreeportApi,
  type Answer,
  type CallOptions,
  type DeletionApi,
} from '../support/deletion-api.js';
import { eventually } from '../support/eventually.js';

const HOLD = 'example.com/hold';
const MERGE = 'application/merge-patch+json';
const THINGS = collectionPath(thing, 'default');
const NAMESPACES = '/api/v1/namespaces';

/** What the tests look at of an object, or of a Status. */
type Seen = Readonly<Record<string, unknown>>;

/** The same requests to both, with the same expectations: what holds for Kubernetes holds for us. */
const apis: readonly (readonly [string, () => Promise<DeletionApi | undefined>])[] = [
  ['Threeport', startThreeportApi],
  ['Kubernetes', startKubernetesApi],
];

for (const [name, open] of apis) {
  describe(`deletion on ${name}`, function () {
    this.timeout(60_000);
    let api: DeletionApi;
    let made = 0;

    before(async function () {
      this.timeout(120_000);
      const opened = await open();
      if (opened === undefined) this.skip();
      api = opened;
    });
    after(() => api?.stop());

    const call = (method: string, path: string, options?: CallOptions): Promise<Answer> =>
      api.call(method, path, options);
    /** A name that no other test has. */
    const fresh = (what: string): string => `${what}-${(made += 1)}`;
    const make = async (
      named: string,
      metadata: Record<string, unknown> = {},
      path = THINGS,
    ): Promise<OwnerReference> => {
      const kind = path === collectionPath(site) ? site : thing;
      const apiVersion = `${kind.group}/${kind.version}`;
      const body = { apiVersion, kind: kind.kind, metadata: { name: named, ...metadata } };
      const { status, body: object } = await call('POST', path, { body });
      expect(status, JSON.stringify(object)).to.equal(201);
      return { apiVersion, kind: kind.kind, name: named, uid: object.metadata.uid };
    };
    const remove = async (named: string, body?: unknown, query = ''): Promise<Seen> =>
      seen(
        await call('DELETE', `${THINGS}/${named}${query}`, { ...(body !== undefined && { body }) }),
      );
    const look = async (named: string, path = THINGS): Promise<Seen> =>
      seen(await call('GET', `${path}/${named}`));
    const free = (named: string, path = THINGS): Promise<Answer> =>
      call('PATCH', `${path}/${named}`, { body: { metadata: { finalizers: null } }, type: MERGE });
    const goes = (named: string, path = THINGS): Promise<unknown> =>
      eventually(`${named} goes`, async () => (await look(named, path))['code'] === 404);
    const stays = async (named: string): Promise<Seen> => {
      const now = await look(named);
      expect(now['code'], named).to.equal(200);
      return now;
    };

    const answers: readonly {
      why: string;
      body?: Record<string, unknown>;
      query?: string;
      finalizers?: string[];
      want: readonly string[] | 'gone';
    }[] = [
      { why: 'nothing said', want: 'gone' },
      { why: 'Background', body: { propagationPolicy: 'Background' }, want: 'gone' },
      {
        why: 'Foreground',
        body: { propagationPolicy: 'Foreground' },
        want: ['foregroundDeletion'],
      },
      {
        why: 'Foreground in the query',
        query: '?propagationPolicy=Foreground',
        want: ['foregroundDeletion'],
      },
      { why: 'Orphan', body: { propagationPolicy: 'Orphan' }, want: ['orphan'] },
      { why: 'orphanDependents', body: { orphanDependents: true }, want: ['orphan'] },
      { why: 'orphanDependents in the query', query: '?orphanDependents=true', want: ['orphan'] },
      { why: 'orphanDependents false', query: '?orphanDependents=false', want: 'gone' },
      { why: 'its own finalizer', finalizers: ['orphan'], want: ['orphan'] },
      { why: 'a long grace period', body: { gracePeriodSeconds: 30 }, want: 'gone' },
      { why: 'no grace period', query: '?gracePeriodSeconds=0', want: 'gone' },
      {
        why: 'a finalizer and a grace period',
        body: { gracePeriodSeconds: 30, propagationPolicy: 'Foreground' },
        finalizers: [HOLD],
        want: [HOLD, 'foregroundDeletion'],
      },
    ];
    for (const { why, body, query = '', finalizers, want } of answers) {
      it(`answers a deletion with ${why}`, async () => {
        for (const dryRun of [true, false]) {
          const named = fresh('answer');
          await make(named, { ...(finalizers !== undefined && { finalizers }) });
          const asked = dryRun ? `${query}${query === '' ? '?' : '&'}dryRun=All` : query;
          const said = dryRun && body !== undefined ? { ...body, dryRun: ['All'] } : body;
          const answer = await remove(named, said, asked);
          if (want === 'gone') expect(answer).to.include({ code: 200, status: 'Success' });
          else {
            expect(answer).to.deep.include({ code: 200, isMarked: true, finalizers: want });
            expect(answer).to.include({ generation: 2, gracePeriodSeconds: 0 });
          }
          if (dryRun) expect(await stays(named)).to.include({ isMarked: false, generation: 1 });
          await free(named);
          if (!dryRun) await goes(named);
        }
      });
    }

    it('takes another policy for an object that is on its way', async () => {
      const named = fresh('policy');
      await make(named, { finalizers: [HOLD] });
      for (const [propagationPolicy, also] of [
        ['Background', []],
        ['Foreground', ['foregroundDeletion']],
        ['Orphan', ['orphan']],
        ['Background', []],
      ] as const) {
        const answer = await remove(named, { propagationPolicy });
        expect(answer).to.deep.include({ isMarked: true, finalizers: [HOLD, ...also] });
        expect(answer['generation']).to.equal(2);
      }
      expect(seen(await call('POST', THINGS, { body: thingNamed(named) }))).to.include({
        reason: 'AlreadyExists',
        message: `object is being deleted: things.gc.threeport.io "${named}" already exists`,
      });
      await free(named);
      await goes(named);
    });

    const refused: readonly (readonly [body: unknown, query: string, message: string])[] = [
      [
        { orphanDependents: true, propagationPolicy: 'Foreground' },
        '',
        'propagationPolicy: Invalid value: "Foreground": orphanDependents and deletionPropagation cannot be both set',
      ],
      [
        undefined,
        '?propagationPolicy=foreground',
        'propagationPolicy: Unsupported value: "foreground": supported values: "Foreground", "Background", "Orphan", "nil"',
      ],
      [undefined, '?gracePeriodSeconds=soon', ''],
    ];
    for (const [body, query, message] of refused) {
      it(`refuses a deletion with ${JSON.stringify(body ?? query)}`, async () => {
        const named = fresh('refused');
        await make(named);
        const answer = await remove(named, body, query);
        expect(answer['code']).to.equal(message === '' ? 400 : 422);
        expect(answer['message']).to.include(message);
        expect(await stays(named)).to.include({ isMarked: false });
      });
    }

    const owners: readonly (readonly [why: string, metadata: object, message: string])[] = [
      [
        'two controllers',
        {
          ownerReferences: ['a', 'b'].map((uid) => ({
            apiVersion: 'v1',
            kind: 'ConfigMap',
            name: uid,
            uid,
            controller: true,
          })),
        },
        'Only one reference can have Controller set to true. Found "true" in references for',
      ],
      [
        'an owner without anything',
        { ownerReferences: [{ apiVersion: '', kind: '', name: '', uid: '' }] },
        'metadata.ownerReferences.apiVersion: Invalid value: "": version must not be empty',
      ],
      [
        'an Event as owner',
        { ownerReferences: [{ apiVersion: 'v1', kind: 'Event', name: 'e', uid: 'e' }] },
        '/v1, Kind=Event is disallowed from being an owner',
      ],
      [
        'two policies',
        { finalizers: ['orphan', 'foregroundDeletion'] },
        'finalizer orphan and foregroundDeletion cannot be both set',
      ],
    ];
    for (const [why, metadata, message] of owners) {
      it(`refuses an object with ${why}`, async () => {
        const answer = seen(await call('POST', THINGS, { body: thingNamed('never', metadata) }));
        expect(answer).to.include({ code: 422, reason: 'Invalid' });
        expect(answer['message']).to.include(message);
      });
    }

    it('ends an owner in the foreground after what blocks it, generation by generation', async () => {
      const [own, child, grandchild, aside] = ['own', 'child', 'grandchild', 'aside'].map(fresh);
      if (!own || !child || !grandchild || !aside) throw new Error('no names');
      const owner = await make(own);
      const blocks = { ...owner, blockOwnerDeletion: true };
      const middle = await make(child, { ownerReferences: [blocks] });
      await make(grandchild, {
        ownerReferences: [{ ...middle, blockOwnerDeletion: true }],
        finalizers: [HOLD],
      });
      await make(aside, { ownerReferences: [owner], finalizers: [HOLD] });
      // The real collector knows of them by a watch of its own.
      await kubernetesCatchesUp();
      await remove(own, { propagationPolicy: 'Foreground' });
      await eventually('all are marked', async () => {
        const states = await Promise.all([own, child, grandchild, aside].map((one) => look(one)));
        return states.every(({ isMarked }) => isMarked === true);
      });
      expect(await stays(own)).to.deep.include({ finalizers: ['foregroundDeletion'] });
      expect(await stays(child)).to.deep.include({ finalizers: ['foregroundDeletion'] });
      expect(await stays(grandchild)).to.deep.include({ finalizers: [HOLD] });
      await free(grandchild);
      for (const one of [grandchild, child, own]) await goes(one);
      expect(await stays(aside)).to.deep.include({ isMarked: true, finalizers: [HOLD] });
      await free(aside);
      await goes(aside);
    });

    for (const [propagationPolicy, ofDependent] of [
      ['Background', 'gone'],
      ['Foreground', 'gone'],
      ['Orphan', 'free'],
    ] as const) {
      it(`deletes a collection with ${propagationPolicy}`, async () => {
        const group = fresh('group');
        const own = fresh('own');
        const labels = { group };
        const owner = await make(own, { labels });
        await make(`${own}-b`, { labels });
        const dependent = fresh('dep');
        await make(dependent, { ownerReferences: [{ ...owner, blockOwnerDeletion: true }] });
        await kubernetesCatchesUp();
        const query = `?labelSelector=group%3D${group}`;
        const body = { propagationPolicy };
        expect((await call('DELETE', THINGS + query, { body })).status).to.equal(200);
        await goes(own);
        await goes(`${own}-b`);
        if (ofDependent === 'gone') await goes(dependent);
        else expect(await stays(dependent)).to.deep.include({ isMarked: false, owners: [] });
      });
    }

    for (const [cascade, ofDependent] of [
      ['background', 'gone'],
      ['foreground', 'gone'],
      ['orphan', 'free'],
    ] as const) {
      it(`does kubectl delete --cascade=${cascade}`, async function () {
        try {
          await kubectl(api, ['version', '--client']);
        } catch {
          console.log('    skipped: there is no kubectl on this machine');
          this.skip();
        }
        const [own, dependent] = [fresh('own'), fresh('dep')];
        const owner = await make(own);
        await make(dependent, { ownerReferences: [{ ...owner, blockOwnerDeletion: true }] });
        await kubernetesCatchesUp();
        const out = await kubectl(api, ['delete', 'thing', own, `--cascade=${cascade}`]);
        expect(out).to.include(`thing.gc.threeport.io "${own}" deleted`);
        // It waits for the end; in the foreground that is the dependent's too.
        expect((await look(own))['code']).to.equal(404);
        if (cascade === 'foreground') expect((await look(dependent))['code']).to.equal(404);
        if (ofDependent === 'gone') await goes(dependent);
        else expect(await stays(dependent)).to.deep.include({ isMarked: false, owners: [] });
      });
    }

    it('tells of an owner in another namespace, and collects what has no other', async () => {
      const namespace = fresh('far');
      await call('POST', NAMESPACES, { body: { metadata: { name: namespace } } });
      const owner = await make(fresh('own'));
      const [far, wide] = [fresh('far'), fresh('wide')];
      await kubernetesCatchesUp();
      await make(far, { ownerReferences: [owner] }, collectionPath(thing, namespace));
      await make(wide, { ownerReferences: [owner] }, collectionPath(site));
      await goes(far, collectionPath(thing, namespace));
      for (const [named, place] of [
        [far, namespace],
        [wide, 'default'],
      ] as const) {
        const own = place === 'default' ? '' : place;
        const event = await eventually(`the event of ${named}`, async () => {
          const path = `/api/v1/namespaces/${place}/events`;
          const { items } = (await call('GET', path)).body;
          return items.find(
            (one: { involvedObject: { name: string } }) => one.involvedObject.name === named,
          );
        });
        expect(event).to.include({
          type: 'Warning',
          reason: 'OwnerRefInvalidNamespace',
          message: `ownerRef [gc.threeport.io/v1/Thing, namespace: ${own}, name: ${owner.name}, uid: ${owner.uid}] does not exist in namespace "${own}"`,
        });
      }
      expect(await look(wide, collectionPath(site))).to.include({ code: 200, isMarked: false });
    });

    it('says in its conditions what keeps a namespace, and lets it go then', async () => {
      const namespace = fresh('short');
      await call('POST', NAMESPACES, { body: { metadata: { name: namespace } } });
      const things = collectionPath(thing, namespace);
      const maps = `${NAMESPACES}/${namespace}/configmaps`;
      await make('one', { finalizers: [HOLD] }, things);
      await make('two', { finalizers: [HOLD, 'example.com/more'] }, things);
      await make('free', {}, things);
      const body = { metadata: { name: 'held', finalizers: [HOLD] } };
      expect((await call('POST', maps, { body })).status).to.equal(201);
      const marked = await call('DELETE', `${NAMESPACES}/${namespace}`);
      expect(marked.status).to.equal(200);
      expect(marked.body.status.phase).to.equal('Terminating');
      expect(marked.body.metadata).not.to.have.property('deletionGracePeriodSeconds');
      const conditions = async (): Promise<Record<string, unknown>[]> =>
        (await call('GET', `${NAMESPACES}/${namespace}`)).body.status?.conditions ?? [];
      const told = await eventually(
        'the conditions',
        async () => {
          const list = await conditions();
          return list.length > 0 ? list : undefined;
        },
        20_000,
      );
      for (const one of told) delete one['lastTransitionTime'];
      const told6 = [
        [
          'NamespaceDeletionDiscoveryFailure',
          'False',
          'ResourcesDiscovered',
          'All resources successfully discovered',
        ],
        [
          'NamespaceDeletionGroupVersionParsingFailure',
          'False',
          'ParsedGroupVersions',
          'All legacy kube types successfully parsed',
        ],
        [
          'NamespaceDeletionContentFailure',
          'False',
          'ContentDeleted',
          'All content successfully deleted, may be waiting on finalization',
        ],
        [
          'NamespaceContentRemaining',
          'True',
          'SomeResourcesRemain',
          'Some resources are remaining: configmaps. has 1 resource instances, things.gc.threeport.io has 2 resource instances',
        ],
        [
          'NamespaceFinalizersRemaining',
          'True',
          'SomeFinalizersRemain',
          'Some content in the namespace has finalizers remaining: example.com/hold in 3 resource instances, example.com/more in 1 resource instances',
        ],
      ].map(([type, status, reason, message]) => ({ type, status, reason, message }));
      expect(told).to.deep.equal(told6);
      await free('one', things);
      await free('two', things);
      await free('held', maps);
      await eventually(
        'the namespace goes',
        async () => (await call('GET', `${NAMESPACES}/${namespace}`)).status === 404,
        30_000,
      );
    });

    it('changes the finalizers of a namespace through /finalize, and nowhere else', async () => {
      const namespace = fresh('held');
      const path = `${NAMESPACES}/${namespace}`;
      const spec = { finalizers: ['example.com/mine'] };
      const { body: object } = await call('POST', NAMESPACES, {
        body: { metadata: { name: namespace }, spec },
      });
      expect(object.spec.finalizers).to.have.members(['example.com/mine', 'kubernetes']);
      const emptied = { ...object, spec: {} };
      delete emptied.metadata.resourceVersion;
      const updated = await call('PUT', path, { body: emptied });
      expect(updated.body.spec.finalizers).to.have.members(['example.com/mine', 'kubernetes']);
      for (const method of ['GET', 'PATCH', 'DELETE']) {
        const options = method === 'PATCH' ? { body: {}, type: MERGE } : {};
        expect((await call(method, `${path}/finalize`, options)).status, method).to.equal(405);
      }
      const bad = await call('PUT', `${path}/finalize`, {
        body: { ...emptied, spec: { finalizers: ['plain'] } },
      });
      expect(seen(bad)).to.include({ code: 422 });
      expect(bad.body.message).to.include(
        'spec.finalizers[0]: Invalid value: "plain": name is neither a standard finalizer name nor is it fully qualified',
      );
      const stale = { ...emptied, metadata: { ...emptied.metadata, resourceVersion: '1' } };
      expect((await call('PUT', `${path}/finalize`, { body: stale })).status).to.equal(409);
      await make('inside', { finalizers: [HOLD] }, collectionPath(thing, namespace));
      await call('DELETE', path);
      const named = { ...emptied, metadata: { name: namespace, labels: { last: 'words' } } };
      const last = await call('PUT', `${path}/finalize`, { body: named });
      expect(last.status).to.equal(200);
      expect(last.body.metadata.labels).to.include({ last: 'words' });
      expect((await call('GET', path)).status).to.equal(404);
      expect((await call('PUT', `${path}/finalize`, { body: named })).status).to.equal(404);
    });

    /** Until what was just made is in the collector's graph: it collects something made later. */
    async function kubernetesCatchesUp(): Promise<void> {
      const named = fresh('probe');
      const nobody = { apiVersion: 'gc.threeport.io/v1', kind: 'Thing', name: 'no', uid: 'no' };
      await make(named, { ownerReferences: [nobody] });
      await goes(named);
    }
  });
}

function thingNamed(name: string, metadata: object = {}): object {
  return { apiVersion: 'gc.threeport.io/v1', kind: 'Thing', metadata: { name, ...metadata } };
}

function seen({ status, body }: Answer): Seen {
  if (body.kind === 'Status') {
    return { code: status, status: body.status, reason: body.reason, message: body.message };
  }
  const { deletionTimestamp, deletionGracePeriodSeconds, ...metadata } = body.metadata;
  return {
    code: status,
    isMarked: deletionTimestamp !== undefined,
    gracePeriodSeconds: deletionGracePeriodSeconds,
    generation: metadata.generation,
    finalizers: metadata.finalizers ?? [],
    owners: (metadata.ownerReferences ?? []).map((one: OwnerReference) => one.name),
  };
}
