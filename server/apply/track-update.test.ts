import { expect } from 'chai';
import type { ApiObject, ManagedFieldsEntry } from '../../sdk/api/object.js';
import { trackUpdate } from './track-update.js';
import {
  applyWidget,
  ownersOf,
  timeOf,
  updateWidget,
  widget,
  WIDGET_API_VERSION,
  WIDGET_SCHEMA,
} from '../../test/support/widget-fixture.js';

const withSpec = (object: ApiObject, spec: unknown): ApiObject => ({ ...object, spec });

describe('trackUpdate', () => {
  const cases: { name: string; reason: string; given: unknown[]; want: Record<string, unknown> }[] =
    [
      {
        name: 'create',
        reason: 'new maps and lists are members themselves',
        given: [{ replicas: 1, struct: { a: '1' }, tags: ['t'], items: [{ name: 'i' }], map: {} }],
        want: {
          'm0 Update': {
            'f:spec': {
              '.': {},
              'f:items': { '.': {}, 'k:{"name":"i"}': { '.': {}, 'f:name': {} } },
              'f:map': {},
              'f:replicas': {},
              'f:struct': { '.': {}, 'f:a': {} },
              'f:tags': { '.': {}, 'v:"t"': {} },
            },
          },
        },
      },
      {
        name: 'change',
        reason: 'a changed field changes hands, an added one is the newcomer’s',
        given: [
          { replicas: 1, image: 'x' },
          { replicas: 2, image: 'x', map: { k: 'v' } },
        ],
        want: {
          'm0 Update': { 'f:spec': { '.': {}, 'f:image': {} } },
          'm1 Update': { 'f:spec': { 'f:map': { '.': {}, 'f:k': {} }, 'f:replicas': {} } },
        },
      },
      {
        name: 'removal',
        reason: 'what is gone is nobody’s; a manager left with nothing has no entry',
        given: [{ replicas: 1 }, { replicas: 1, image: 'x', tags: ['t'] }, { replicas: 1 }],
        want: { 'm0 Update': { 'f:spec': { '.': {}, 'f:replicas': {} } } },
      },
      {
        name: 'list items',
        reason: 'a reordered list is no change, a field in an item is',
        given: [
          { items: [{ name: 'i', value: 1 }, { name: 'j' }] },
          { items: [{ name: 'j' }, { name: 'i', value: 2 }] },
        ],
        want: {
          'm0 Update': {
            'f:spec': {
              '.': {},
              'f:items': {
                '.': {},
                'k:{"name":"i"}': { '.': {}, 'f:name': {} },
                'k:{"name":"j"}': { '.': {}, 'f:name': {} },
              },
            },
          },
          'm1 Update': { 'f:spec': { 'f:items': { 'k:{"name":"i"}': { 'f:value': {} } } } },
        },
      },
      {
        name: 'another shape',
        reason: 'a map that becomes a scalar takes its fields out of every set',
        given: [{ free: { a: { b: 1 } } }, { free: { a: 'x' } }],
        want: {
          'm0 Update': { 'f:spec': { '.': {}, 'f:free': {} } },
          'm1 Update': { 'f:spec': { 'f:free': { 'f:a': {} } } },
        },
      },
    ];
  for (const { shape, before } of [
    { shape: 'scalar', before: 'x' },
    { shape: 'list', before: ['x'] },
  ]) {
    cases.push({
      name: `a ${shape} becomes a map`,
      reason: 'the place has another value, and so another owner, with all that is in it',
      given: [{ free: { a: before } }, { free: { a: { b: 1 } } }],
      want: {
        'm0 Update': { 'f:spec': { '.': {}, 'f:free': {} } },
        'm1 Update': { 'f:spec': { 'f:free': { 'f:a': { '.': {}, 'f:b': {} } } } },
      },
    });
  }
  for (const { name, reason, given, want } of cases) {
    it(`${name}: ${reason}`, () => {
      let live: ApiObject | undefined;
      for (const [step, spec] of given.entries()) {
        const updated = live === undefined ? widget(spec) : withSpec(live, spec);
        live = updateWidget({ live, updated, manager: `m${step}`, step });
      }
      expect(ownersOf(live ?? widget({}))).to.deep.equal(want);
    });
  }

  it('takes fields from an Apply entry, too', () => {
    const live = applyWidget({ applied: widget({ replicas: 1, image: 'x' }) });
    const updated = updateWidget({ live, updated: withSpec(live, { replicas: 2, image: 'x' }) });
    expect(ownersOf(updated)).to.deep.equal({
      'a Apply': { 'f:spec': { 'f:image': {} } },
      'u Update': { 'f:spec': { 'f:replicas': {} } },
    });
  });

  it('gives back the update itself when nothing changed', () => {
    const live = updateWidget({ updated: widget({ replicas: 1 }) });
    const updated = { ...live, metadata: { ...live.metadata, resourceVersion: '9' } };
    expect(updateWidget({ live, updated, manager: 'x', step: 5 })).to.equal(updated);
    const without = widget({ replicas: 1 });
    expect(
      updateWidget({ live, updated: without, manager: 'x', step: 5 }).metadata.managedFields,
    ).to.deep.equal(live.metadata.managedFields);
  });

  it('moves the time when the manager gains fields, not when it only removes', () => {
    const live = updateWidget({ updated: widget({ replicas: 1, image: 'x' }), step: 0 });
    const removed = updateWidget({ live, updated: withSpec(live, { replicas: 1 }), step: 1 });
    expect(removed.metadata.managedFields?.[0]?.time).to.equal(timeOf(0));
    const gained = updateWidget({
      live: removed,
      updated: withSpec(live, { replicas: 2 }),
      step: 2,
    });
    expect(gained.metadata.managedFields?.[0]?.time).to.equal(timeOf(2));
  });

  it('does not start to track what is not tracked', () => {
    const live = widget({ replicas: 1 });
    const updated = widget({ replicas: 2 });
    expect(updateWidget({ live, updated })).to.equal(updated);
  });

  it('lets a request write managedFields, but not through a subresource', () => {
    const live = updateWidget({ updated: widget({ replicas: 1 }) });
    const entry = (manager: string, change: object = {}): ManagedFieldsEntry => ({
      manager,
      operation: 'Apply',
      apiVersion: WIDGET_API_VERSION,
      fieldsType: 'FieldsV1',
      fieldsV1: { 'f:spec': { 'f:replicas': {} } },
      ...change,
    });
    const asking = (managedFields: unknown[]): ApiObject => ({
      ...live,
      metadata: { ...live.metadata, managedFields: managedFields as ManagedFieldsEntry[] },
    });
    const owners = (managedFields: unknown[], subresource?: string) =>
      Object.keys(
        ownersOf(
          updateWidget({
            live,
            updated: asking(managedFields),
            ...(subresource !== undefined && { subresource }),
          }),
        ),
      );
    expect(owners([entry('x')])).to.deep.equal(['x Apply']);
    expect(owners([{}])).to.deep.equal([]);
    expect(owners([])).to.deep.equal(['u Update']);
    expect(owners([entry('x')], 'status')).to.deep.equal(['u Update']);
    // One that cannot be read takes the others with it.
    for (const unreadable of [
      {},
      entry('y', { operation: 'Create' }),
      entry('y', { apiVersion: '' }),
      entry('y', { fieldsType: undefined }),
      entry('y', { fieldsV1: { 'f:spec': 3 } }),
    ]) {
      expect(owners([entry('x'), unreadable])).to.deep.equal(['u Update']);
    }
    const later = entry('x', { fieldsV1: { 'f:spec': { 'f:image': {} } } });
    expect(
      ownersOf(updateWidget({ live, updated: asking([entry('x'), later]) })),
      'of two entries of one owner the last one counts',
    ).to.deep.equal({ 'x Apply': { 'f:spec': { 'f:image': {} } } });
  });

  it('drops the entries of versions that are not served', () => {
    const live = updateWidget({ updated: widget({ replicas: 1 }), manager: 'old' });
    const input = { live, manager: 'u', schema: WIDGET_SCHEMA, apiVersion: 'test.io/v2' };
    const got = trackUpdate({
      ...input,
      updated: withSpec(live, { replicas: 1, image: 'x' }),
      isServed: (apiVersion) => apiVersion !== WIDGET_API_VERSION,
      now: timeOf(1),
    });
    expect(ownersOf(got)).to.deep.equal({ 'u Update': { 'f:spec': { 'f:image': {} } } });
  });

  it('takes a blank object as what was there before a create', () => {
    const got = trackUpdate({
      live: undefined,
      updated: widget({ struct: { a: '1' } }, { status: {} }),
      manager: 'u',
      schema: WIDGET_SCHEMA,
      apiVersion: WIDGET_API_VERSION,
      now: timeOf(0),
      blank: { spec: { struct: {} }, status: {} },
    });
    expect(ownersOf(got)).to.deep.equal({
      'u Update': { 'f:spec': { 'f:struct': { 'f:a': {} } } },
    });
  });

  it('joins the oldest entries when there are more than ten', () => {
    let live: ApiObject | undefined;
    const map: Record<string, string> = {};
    for (let step = 0; step < 13; step += 1) {
      map[`k${step}`] = 'v';
      const updated =
        live === undefined ? widget({ map: { ...map } }) : withSpec(live, { map: { ...map } });
      live = updateWidget({ live, updated, manager: `m${step}`, step });
    }
    const entries = live?.metadata.managedFields ?? [];
    expect(entries).to.have.length(10);
    expect(entries[0]).to.include({ manager: 'ancient-changes', time: timeOf(3) });
    expect(entries[0]?.fieldsV1).to.deep.equal({
      'f:spec': { '.': {}, 'f:map': { '.': {}, 'f:k0': {}, 'f:k1': {}, 'f:k2': {}, 'f:k3': {} } },
    });
  });

  it('does not join entries to make room for one that has just lost its last field', () => {
    const map: Record<string, string> = {};
    let live = updateWidget({ updated: widget({ replicas: 1 }) });
    for (let step = 1; step < 10; step += 1) {
      map[`k${step}`] = 'v';
      const updated = withSpec(live, { replicas: 1, map: { ...map } });
      live = updateWidget({ live, updated, manager: `m${step}`, step });
    }
    const updated = withSpec(live, { replicas: 1, map: { ...map, k9: 'w' } });
    const owners = ownersOf(updateWidget({ live, updated, manager: 'n', step: 10 }));
    expect(owners).to.include.keys('u Update', 'm1 Update', 'n Update');
    expect(owners).not.to.include.keys('m9 Update', 'ancient-changes Update');
  });

  it('stands duplicates in a stored list', () => {
    const live = updateWidget({ updated: widget({ tags: ['x', 'x'], items: [{ value: 1 }] }) });
    const got = updateWidget({ live, updated: withSpec(live, { tags: ['x'] }), manager: 'v' });
    expect(ownersOf(got)['v Update']).to.deep.equal({ 'f:spec': { 'f:tags': { 'v:"x"': {} } } });
  });
});
