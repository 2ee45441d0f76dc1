import { expect } from 'chai';
import type { KindDefinition } from '../../sdk/api/kind.js';
import { kinds } from '../../sdk/api/zz_generated.kinds.js';
import { SqlObjectStore } from '../../server/store/sql/sql-object-store.js';
import type { ApiWorld } from '../support/api-world.js';
import { startApiWorld } from '../support/api-world.js';
import { eventually } from '../support/eventually.js';
import type { TestDatabase } from '../support/postgres.js';
import { testDatabase } from '../support/postgres.js';

const path = (version: string): string =>
  `/apis/kubernetes.threeport.io/${version}/kubernetesruntimeinstances`;
const OLD = path('v1alpha1');
const NEW = path('v1beta1');
const PLURAL = 'kubernetesruntimeinstances';

/** Threeport's kinds of the release that stores the other version. */
const NEXT_RELEASE: readonly KindDefinition[] = kinds.map((kind) => {
  if (kind.plural !== PLURAL) return kind;
  const { storageVersion: _old, ...others } = kind;
  return kind.version === 'v1beta1' ? others : { ...others, storageVersion: 'v1beta1' };
});

function runtime(name: string, version: string, spec: object) {
  return {
    apiVersion: `kubernetes.threeport.io/${version}`,
    kind: 'KubernetesRuntimeInstance',
    metadata: { name },
    spec: { definition: 'existing', ...spec },
  };
}

/** One built-in kind of two versions, with a renamed and a moved field. */
describe('KubernetesRuntimeInstance in two versions', function () {
  this.timeout(60_000);
  let database: TestDatabase;
  let world: ApiWorld;

  const start = async (given: readonly KindDefinition[]): Promise<ApiWorld> => {
    const store = new SqlObjectStore({ connectionString: database.url, kinds: given });
    return startApiWorld({ kinds: given, store, settledAfterMs: 100 });
  };

  before(async () => {
    database = await testDatabase();
    world = await start(kinds);
  });
  after(async () => {
    await world?.stop();
    await database?.drop();
  });

  it('is written and read in either', async () => {
    const old = runtime('old', 'v1alpha1', { default: true, kubeconfigSecret: { name: 's' } });
    const created = await world.call('POST', OLD, { body: old });
    expect(created.status, JSON.stringify(created.body)).to.equal(201);
    const inNew = await world.call('GET', `${NEW}/old`);
    expect(inNew.body.apiVersion).to.equal('kubernetes.threeport.io/v1beta1');
    expect(inNew.body.spec).to.deep.equal({
      definition: 'existing',
      isDefault: true,
      access: { kubeconfigSecret: { name: 's', namespace: 'default', key: 'kubeconfig' } },
    });
    const fresh = runtime('new', 'v1beta1', { access: { kubeconfigSecret: { name: 't' } } });
    expect((await world.call('POST', NEW, { body: fresh })).status).to.equal(201);
    expect((await world.call('GET', `${OLD}/new`)).body.spec).to.deep.equal({
      definition: 'existing',
      default: false,
      kubeconfigSecret: { name: 't', namespace: 'default', key: 'kubeconfig' },
    });
  });

  it('is selected by the same field in either', async () => {
    for (const each of [OLD, NEW]) {
      const { body } = await world.call('GET', `${each}?fieldSelector=spec.definition=existing`);
      expect(body.items).to.have.length(2);
    }
  });

  it('knows who owns a field, whatever it is called', async () => {
    const apply = (version: string, manager: string, spec: object) =>
      world.call('PATCH', `${path(version)}/owned?fieldManager=${manager}`, {
        type: 'application/apply-patch+yaml',
        body: runtime('owned', version, spec),
      });
    await apply('v1alpha1', 'one', { default: true, kubeconfigSecret: { name: 's' } });
    const refused = await apply('v1beta1', 'two', { isDefault: false });
    expect(refused.status).to.equal(409);
    expect(refused.body.message).to.contain('conflict with "one"').and.contain('.spec.isDefault');
    // The owner takes it away through the other version.
    const changed = await apply('v1beta1', 'one', { access: { kubeconfigSecret: { name: 's' } } });
    expect(changed.status, JSON.stringify(changed.body)).to.equal(200);
    expect(changed.body.spec.isDefault, 'the default again').to.equal(false);
    const owners = changed.body.metadata.managedFields as {
      apiVersion: string;
      fieldsV1: object;
    }[];
    expect(owners.map(({ apiVersion }) => apiVersion)).to.deep.equal([
      'kubernetes.threeport.io/v1beta1',
    ]);
    expect(JSON.stringify(owners)).to.contain('f:access').and.not.contain('f:isDefault');
  });

  it('moves its stored objects when a release stores the other version', async () => {
    const before = (await world.call('GET', `${OLD}/old`)).body;
    await world.stop();
    world = await start(NEXT_RELEASE);
    const kind = NEXT_RELEASE.find((one) => one.plural === PLURAL && one.version === 'v1beta1');
    if (kind === undefined) throw new Error('there is no such kind');
    // Readable at once, in either, whether or not it was moved yet.
    expect((await world.call('GET', `${OLD}/old`)).body.spec).to.deep.equal(before.spec);
    await eventually('all are stored in the new version', async () => {
      const { items } = await world.store.list(kind, {});
      return items.every(({ json }) =>
        json.includes('"apiVersion":"kubernetes.threeport.io/v1beta1"'),
      );
    });
    const after = (await world.call('GET', `${OLD}/old`)).body;
    expect(after.spec).to.deep.equal(before.spec);
    expect(after.metadata.generation).to.equal(before.metadata.generation);
  });
});
