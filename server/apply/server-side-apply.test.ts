import { expect } from 'chai';
import { isApiError, type ApiError } from '../../sdk/api/errors.js';
import type { ApiObject } from '../../sdk/api/object.js';
import { LAST_APPLIED_ANNOTATION } from './last-applied.js';
import { applyServerSide } from './server-side-apply.js';
import {
  applyWidget,
  ownersOf,
  timeOf,
  updateWidget,
  widget,
  WIDGET_API_VERSION,
  WIDGET_SCHEMA,
} from '../../test/support/widget-fixture.js';
import { apply, runSteps, update } from '../../test/support/widget-steps.js';

function errorOf(action: () => unknown): ApiError {
  try {
    action();
  } catch (error) {
    if (isApiError(error)) return error;
    throw error;
  }
  throw new Error('expected an ApiError');
}

describe('applyServerSide', () => {
  describe('conflicts', () => {
    it('says one in the words of Kubernetes, with its cause', () => {
      const live = runSteps([apply('a', { replicas: 1 })]);
      const updated = updateWidget({
        live,
        updated: { ...live, spec: { replicas: 2 } },
        manager: 'kubectl-client-side-apply',
      });
      const error = errorOf(() => applyWidget({ live: updated, applied: widget({ replicas: 3 }) }));
      expect(error.reason).to.equal('Conflict');
      expect(error.message).to.equal(
        'Apply failed with 1 conflict: conflict with "kubectl-client-side-apply" using test.io/v1: .spec.replicas',
      );
      expect(error.details?.causes).to.deep.equal([
        {
          reason: 'FieldManagerConflict',
          message: 'conflict with "kubectl-client-side-apply" using test.io/v1',
          field: '.spec.replicas',
        },
      ]);
    });

    it('lists several by manager and path', () => {
      const live = runSteps([
        apply('a', { replicas: 1, items: [{ name: 'i', value: 1 }] }),
        update('u', { replicas: 1, items: [{ name: 'i', value: 1 }], atomicMap: { x: 1 } }),
        update(
          's',
          { replicas: 1, items: [{ name: 'i', value: 1 }], atomicMap: { x: 1 } },
          { phase: 'Up' },
        ),
      ]);
      const applied = widget(
        { replicas: 2, items: [{ name: 'i', value: 2 }], atomicMap: {} },
        { status: { phase: 'Down' } },
      );
      const error = errorOf(() => applyWidget({ live, applied, manager: 'b' }));
      expect(error.message).to.equal(
        [
          'Apply failed with 4 conflicts: conflicts with "a":',
          '- .spec.replicas',
          '- .spec.items[name="i"].value',
          'conflicts with "s" with subresource "status" using test.io/v1:',
          '- .status.phase',
          'conflicts with "u" using test.io/v1:',
          '- .spec.atomicMap',
        ].join('\n'),
      );
    });

    it('leaves the inputs as they were', () => {
      const live = runSteps([apply('a', { replicas: 1, items: [{ name: 'i', value: 1 }] })]);
      const applied = widget({ items: [{ name: 'i', value: 2 }] });
      const before = structuredClone({ live, applied });
      errorOf(() => applyWidget({ live, applied, manager: 'b' }));
      applyWidget({ live, applied, manager: 'b', force: true });
      expect({ live, applied }).to.deep.equal(before);
    });
  });

  it('gives nothing to a manager that applies nothing, and takes what is there for older', () => {
    const created = applyWidget({ applied: widget(undefined) });
    expect(created.metadata.managedFields).to.equal(undefined);
    const defaulted = { ...created, spec: { replicas: 1 } };
    const applied = applyWidget({ live: defaulted, applied: widget({ image: 'x' }), step: 1 });
    expect(ownersOf(applied)).to.deep.equal({
      'a Apply': { 'f:spec': { 'f:image': {} } },
      'before-first-apply Update': { 'f:spec': { '.': {}, 'f:replicas': {} } },
    });
  });

  it('gives even the time of its deletion to what was there before the first apply', () => {
    const live = widget({ replicas: 1 }, { metadata: { deletionTimestamp: timeOf(0) } });
    const applied = applyWidget({ live, applied: widget({ image: 'x' }), step: 1 });
    expect(ownersOf(applied)['before-first-apply Update']).to.deep.equal({
      'f:metadata': { 'f:deletionTimestamp': {} },
      'f:spec': { '.': {}, 'f:replicas': {} },
    });
  });

  describe('bad configurations', () => {
    const cases = [
      {
        name: 'duplicate map key',
        given: { items: [{ name: 'i' }, { name: 'i', value: 1 }] },
        want: 'failed to create typed patch object (w; test.io/v1, Kind=Widget): .spec.items: duplicate entries for key [name="i"]',
      },
      {
        name: 'duplicate set value',
        given: { tags: ['x', 'x'] },
        want: 'failed to create typed patch object (w; test.io/v1, Kind=Widget): .spec.tags: duplicate entries for key [="x"]',
      },
      {
        name: 'missing key',
        given: { items: [{ value: 1 }] },
        want: `failed to create typed patch object (w; test.io/v1, Kind=Widget): .spec.items: element 0: associative list with keys has an element that omits key field "name" (and doesn't have default value)`,
      },
    ];
    for (const { name, given, want } of cases) {
      it(name, () => {
        const error = errorOf(() => applyWidget({ applied: widget(given) }));
        expect(error.reason).to.equal('Invalid');
        expect(error.message).to.equal(want);
      });
    }

    it('refuses managedFields, even none', () => {
      for (const managedFields of [[{ manager: 'x' }], []]) {
        const applied = widget({}, { metadata: { managedFields } });
        expect(errorOf(() => applyWidget({ applied })).reason).to.equal('BadRequest');
      }
    });
  });

  describe('metadata', () => {
    it('is never owned where the server writes it, and merges by its own rules', () => {
      const live = runSteps([
        apply(
          'a',
          {},
          {
            namespace: 'ns',
            uid: 'u',
            resourceVersion: '7',
            labels: { l: '1' },
            finalizers: ['a/b'],
            ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'o1' }],
          },
        ),
        apply('b', {}, { finalizers: ['b/c'], labels: { m: '2' } }),
      ]);
      expect(live.metadata.uid).to.equal(undefined);
      expect(live.metadata.finalizers).to.deep.equal(['a/b', 'b/c']);
      expect(ownersOf(live)).to.deep.equal({
        'a Apply': {
          'f:metadata': {
            'f:finalizers': { 'v:"a/b"': {} },
            'f:labels': { 'f:l': {} },
            'f:ownerReferences': { 'k:{"uid":"o1"}': {} },
          },
          'f:spec': {},
        },
        'b Apply': {
          'f:metadata': { 'f:finalizers': { 'v:"b/c"': {} }, 'f:labels': { 'f:m': {} } },
          'f:spec': {},
        },
      });
    });

    it('does not take server-written fields from the configuration', () => {
      const live = runSteps([apply('a', { replicas: 1 })]);
      const stored = { ...live, metadata: { ...live.metadata, uid: 'u', resourceVersion: '5' } };
      const applied = widget(
        { replicas: 1 },
        { metadata: { uid: 'other', resourceVersion: '4', creationTimestamp: null } },
      );
      expect(applyWidget({ live: stored, applied, step: 9 })).to.equal(stored);
    });
  });

  it('keeps the time of an entry that stays, and moves that of one that changes', () => {
    const live = runSteps([apply('a', { replicas: 1 }), apply('b', { image: 'x' })]);
    const times = (object: ApiObject) =>
      object.metadata.managedFields?.map((entry) => [entry.manager, entry.time]);
    expect(times(live)).to.deep.equal([
      ['a', timeOf(0)],
      ['b', timeOf(1)],
    ]);
    const next = applyWidget({ live, applied: widget({ replicas: 2 }), step: 2 });
    expect(times(next)).to.deep.equal([
      ['b', timeOf(1)],
      ['a', timeOf(2)],
    ]);
  });

  it('gives what was there before the first apply an owner', () => {
    const live = widget({ replicas: 1, image: 'x' });
    const error = errorOf(() => applyWidget({ live, applied: widget({ replicas: 2 }) }));
    expect(error.message).to.equal(
      'Apply failed with 1 conflict: conflict with "before-first-apply" using test.io/v1: .spec.replicas',
    );
    expect(
      ownersOf(applyWidget({ live, applied: widget({ replicas: 2 }), force: true })),
    ).to.deep.equal({
      'a Apply': { 'f:spec': { 'f:replicas': {} } },
      'before-first-apply Update': { 'f:spec': { '.': {}, 'f:image': {} } },
    });
  });

  it('leaves out ignored fields', () => {
    const applied = widget({ replicas: 1 }, { status: { phase: 'Up' } });
    const got = applyServerSide({
      live: undefined,
      applied,
      manager: 'a',
      force: false,
      schema: WIDGET_SCHEMA,
      apiVersion: WIDGET_API_VERSION,
      now: timeOf(0),
      ignoredFields: [['status']],
    });
    expect(got.status).to.equal(undefined);
    expect(ownersOf(got)).to.deep.equal({ 'a Apply': { 'f:spec': { 'f:replicas': {} } } });
  });

  describe('after client-side kubectl apply', () => {
    const lastApplied = JSON.stringify(widget({ replicas: 1 }));
    const created = updateWidget({
      updated: widget(
        { replicas: 1, image: 'x' },
        { metadata: { annotations: { [LAST_APPLIED_ANNOTATION]: lastApplied } } },
      ),
      manager: 'kubectl-client-side-apply',
    });

    it('lets kubectl take what it had applied, and writes the annotation again', () => {
      const applied = widget({ replicas: 5 });
      const got = applyWidget({ live: created, applied, manager: 'kubectl' });
      expect(got.spec).to.deep.equal({ replicas: 5, image: 'x' });
      expect(JSON.parse(got.metadata.annotations?.[LAST_APPLIED_ANNOTATION] ?? '')).to.deep.equal(
        applied,
      );
      expect(applyWidget({ live: got, applied, manager: 'kubectl', step: 3 })).to.equal(got);
    });

    it('but nothing else of the same owner', () => {
      const error = errorOf(() =>
        applyWidget({
          live: created,
          applied: widget({ replicas: 5, image: 'y' }),
          manager: 'kubectl',
        }),
      );
      expect(error.details?.causes?.map((cause) => cause.field)).to.deep.equal(['.spec.image']);
    });

    it('nor what it had applied in another version', () => {
      const text = lastApplied.replace('test.io/v1', 'test.io/v0');
      const annotations = { [LAST_APPLIED_ANNOTATION]: text };
      const live = { ...created, metadata: { ...created.metadata, annotations } };
      errorOf(() => applyWidget({ live, applied: widget({ replicas: 5 }), manager: 'kubectl' }));
    });

    it('nor anybody else', () => {
      errorOf(() => applyWidget({ live: created, applied: widget({ replicas: 5 }), manager: 'x' }));
    });
  });

  it('needs no schema: maps are granular, lists atomic', () => {
    const input = { force: false, schema: undefined, apiVersion: 'v1', now: timeOf(0) };
    const object = (data: object): ApiObject => ({
      apiVersion: 'v1',
      kind: 'Thing',
      metadata: { name: 't' },
      data,
    });
    const first = applyServerSide({
      ...input,
      live: undefined,
      applied: object({ a: { b: 1 }, list: [1] }),
      manager: 'a',
    });
    const second = applyServerSide({
      ...input,
      live: first,
      applied: object({ a: { c: 2 } }),
      manager: 'b',
    });
    const third = applyServerSide({
      ...input,
      live: second,
      applied: object({ list: [2] }),
      manager: 'a',
    });
    expect(third['data']).to.deep.equal({ a: { c: 2 }, list: [2] });
  });

  it('collapses ownership of a map that has become atomic', () => {
    const live = runSteps([apply('a', { map: { k: '1' } }), apply('b', { map: { l: '1' } })]);
    const schema = structuredClone(WIDGET_SCHEMA) as {
      properties: { spec: { properties: { map: Record<string, unknown> } } };
    };
    schema.properties.spec.properties.map['x-kubernetes-map-type'] = 'atomic';
    const got = applyServerSide({
      live,
      applied: widget({ map: { l: '2' } }),
      manager: 'b',
      force: true,
      schema,
      apiVersion: WIDGET_API_VERSION,
      now: timeOf(5),
    });
    expect(got.spec).to.deep.equal({ map: { l: '2' } });
    expect(ownersOf(got)).to.deep.equal({ 'b Apply': { 'f:spec': { 'f:map': {} } } });
  });

  it('treats __proto__ and constructor as data', () => {
    const applied = JSON.parse(
      '{"apiVersion":"test.io/v1","kind":"Widget","metadata":{"name":"w"},"spec":{"map":{"__proto__":"x","constructor":"y"}}}',
    ) as ApiObject;
    const live = runSteps([apply('a', { map: { k: 'v' } })]);
    const got = applyWidget({ live, applied, manager: 'b' });
    expect(JSON.stringify(got.spec)).to.equal(
      '{"map":{"k":"v","__proto__":"x","constructor":"y"}}',
    );
    expect(({} as Record<string, unknown>)['x']).to.equal(undefined);
    expect(
      JSON.stringify(applyWidget({ live: got, applied: widget({}), manager: 'b' }).spec),
    ).to.equal('{"map":{"k":"v"}}');
  });
});
