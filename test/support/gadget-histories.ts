import * as fc from 'fast-check';
import { gadgetMetadata, gadgetSpec, gadgetStatus, toConfiguration } from './gadget-bodies.js';
import type { GadgetStep, GadgetVerb } from './gadget-steps.js';

/**
 * Owned from the first step on, so that nobody abandons all of the spec: v1.20 then leaves what nobody
 * owns in it, the defaults; newer servers remove it, as we do.
 */
const ANCHOR = { anchor: 'x' };
const MAX_STEPS = 8;

const applier = fc.constantFrom('a', 'b', 'kubectl');
const updater = fc.constantFrom('a', 'b', 'kubectl-client-side-apply', undefined);
// v1.20 has no subresource in managedFields: nobody writes both the object and its status.
const reporter = fc.constantFrom('s', 't');

const version = fc.oneof(
  { weight: 4, arbitrary: fc.constant('v1' as const) },
  fc.constant('v1beta1' as const),
);

const body = fc.record({ metadata: gadgetMetadata, spec: gadgetSpec });
const whole = body.map(({ metadata, spec }) => ({ metadata, spec: { ...spec, ...ANCHOR } }));
const configuration = fc
  .oneof(
    { weight: 9, arbitrary: body },
    gadgetMetadata.map((metadata) => ({ metadata })),
  )
  .map(toConfiguration);
const status = gadgetStatus.map((fields) => ({ status: fields }));

const PLACES = [
  '/spec/count',
  '/spec/title',
  '/spec/missing/x',
  '/spec/pair/a',
  '/spec/limits',
  '/spec/limits/k',
  '/spec/atomicList',
  '/spec/atomicList/0',
  '/spec/atomicList/1',
  '/spec/atomicList/x',
  '/spec/atomicPairs/0/a',
  '/spec/half/a~1b',
  '/spec/half/more/a',
  '/metadata/labels',
  '/metadata/labels/k',
  '/metadata/annotations/n',
];
/** To add to only: v1.20 panics when other operations count from the end. */
const END_PLACES = ['/spec/atomicList/-', '/spec/atomicList/-1', '/spec/atomicList/-2'];
/** To write only: the order of their items is not compared. */
const GRANULAR_PLACES = [
  '/spec/tags',
  '/spec/tags/-',
  '/spec/parts',
  '/spec/parts/-',
  '/metadata/finalizers/-',
];
/** Always there: v1.20 replaces and copies what is missing, newer servers refuse it, as we do. */
const DEFAULTED_PLACES = ['/spec/mode', '/spec/note', '/spec/defaulted'];
const VALUES = [1, 'x', 'y', null, {}, [], ['x'], { k: 'x' }, { name: 'i' }, 'test.io/a'];

const place = fc.constantFrom(...PLACES);
const target = fc.constantFrom(...PLACES, ...GRANULAR_PLACES, ...END_PLACES);
const defaulted = fc.constantFrom(...DEFAULTED_PLACES);
const value = fc.constantFrom<unknown>(...VALUES);
const operation = fc.oneof(
  fc.record({ op: fc.constant('add'), path: target, value }),
  fc.record({ op: fc.constant('replace'), path: defaulted, value }),
  fc.record({ op: fc.constant('test'), path: place, value }),
  fc.record({ op: fc.constant('move'), path: target, from: place }),
  fc.record({ op: fc.constant('copy'), path: target, from: defaulted }),
  fc.record({ op: fc.constant('remove'), path: place }),
);

const steps: readonly fc.WeightedArbitrary<GadgetStep>[] = [
  { weight: 1, arbitrary: step('create', applier, whole) },
  { weight: 1, arbitrary: step('delete', fc.constant(undefined), fc.constant(undefined)) },
  { weight: 8, arbitrary: step('apply', applier, configuration) },
  { weight: 4, arbitrary: step('force', applier, configuration) },
  { weight: 4, arbitrary: step('put', updater, whole) },
  { weight: 3, arbitrary: step('edit', updater, body) },
  { weight: 3, arbitrary: step('merge', updater, body) },
  {
    weight: 1,
    arbitrary: step('merge', updater, fc.constant({ metadata: { managedFields: [{}] } })),
  },
  { weight: 2, arbitrary: step('client-apply', fc.constant('kubectl-client-side-apply'), body) },
  {
    weight: 4,
    arbitrary: step('json', updater, fc.array(operation, { minLength: 1, maxLength: 3 })),
  },
  { weight: 1, arbitrary: step('put status', reporter, status) },
  { weight: 1, arbitrary: step('merge status', reporter, status) },
  { weight: 1, arbitrary: step('apply status', reporter, status.map(toConfiguration)) },
  { weight: 1, arbitrary: step('force status', reporter, status.map(toConfiguration)) },
];

function step(
  verb: GadgetVerb,
  manager: fc.Arbitrary<string | undefined>,
  given: fc.Arbitrary<unknown>,
): fc.Arbitrary<GadgetStep> {
  return fc.record({ verb: fc.constant(verb), version, manager, body: given });
}

/** What may happen to one object, from its creation on. */
export const gadgetHistory: fc.Arbitrary<GadgetStep[]> = fc
  .tuple(
    fc.oneof(
      step('create', applier, whole),
      step('apply', fc.constant('first'), fc.constant({ spec: ANCHOR })),
    ),
    fc.array(fc.oneof(...steps), { maxLength: MAX_STEPS }),
  )
  .map(([first, others]) => [first, ...others]);
