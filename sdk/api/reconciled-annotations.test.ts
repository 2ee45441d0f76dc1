import { expect } from 'chai';
import { readReconciledAnnotations, reconciledAnnotations } from './reconciled-annotations.js';

const RUNTIME = { group: 'kubernetes.threeport.io', kind: 'KubernetesRuntimeInstance' };
const references = (list: unknown): Record<string, string> => ({
  'threeport.io/references': typeof list === 'string' ? list : JSON.stringify(list),
});

describe('annotations of a CustomResourceDefinition', () => {
  const read: { name: string; reason: string; given?: Record<string, string>; want: object }[] = [
    {
      name: 'None',
      reason: 'a kind of Kubernetes is as it was',
      want: { references: [], problems: [] },
    },
    {
      name: 'Reconciled',
      reason: 'there is nothing to clean up',
      given: { 'threeport.io/reconciled': 'true' },
      want: { reconciled: {}, references: [], problems: [] },
    },
    {
      name: 'NotReconciled',
      reason: 'said in as many words; the finalizer waits',
      given: { 'threeport.io/reconciled': 'false', 'threeport.io/finalizer': 'a.example.com/b' },
      want: { references: [], problems: [] },
    },
    {
      name: 'Finalizer',
      reason: 'the runtime puts it on and takes it away',
      given: { 'threeport.io/reconciled': 'true', 'threeport.io/finalizer': 'a.example.com/b' },
      want: { reconciled: { finalizer: 'a.example.com/b' }, references: [], problems: [] },
    },
    {
      name: 'Reference',
      reason: 'whoever names an object is woken by it, and does nothing more to it by default',
      given: references([{ jsonPath: '.spec.runtime', ...RUNTIME }]),
      want: {
        references: [{ path: 'spec.runtime', ...RUNTIME, onDelete: 'orphan' }],
        problems: [],
      },
    },
    {
      name: 'ReferenceInFull',
      reason: 'what built-in kinds can say',
      given: references([
        {
          jsonPath: '.spec.secret.name',
          namespaceJsonPath: '.spec.secret.namespace',
          group: '',
          kind: 'Secret',
          onDelete: 'block',
          anyWhenAbsent: true,
        },
      ]),
      want: {
        references: [
          {
            path: 'spec.secret.name',
            namespacePath: 'spec.secret.namespace',
            group: '',
            kind: 'Secret',
            onDelete: 'block',
            anyWhenAbsent: true,
          },
        ],
        problems: [],
      },
    },
    {
      name: 'Selector',
      reason: 'whatever it selects wakes it',
      given: references([
        { jsonPath: '.spec.selector', ...RUNTIME, selector: true },
        { jsonPath: '.spec.runtime', ...RUNTIME },
      ]),
      want: {
        references: [{ path: 'spec.runtime', ...RUNTIME, onDelete: 'orphan' }],
        selectors: [{ path: 'spec.selector', ...RUNTIME }],
        problems: [],
      },
    },
  ];
  for (const { name, reason, given, want } of read) {
    it(`${name}: ${reason}`, () => {
      expect(readReconciledAnnotations(given)).to.deep.equal(want);
    });
  }

  const refused: { name: string; given: Record<string, string>; want: string }[] = [
    {
      name: 'AnotherWord',
      given: { 'threeport.io/reconciled': 'yes' },
      want: 'must be "true" or "false"',
    },
    {
      name: 'PlainFinalizer',
      given: { 'threeport.io/reconciled': 'true', 'threeport.io/finalizer': 'cleanup' },
      want: 'must be a finalizer such as',
    },
    { name: 'NoJson', given: references('- a: b'), want: 'must be JSON' },
    { name: 'NoList', given: references({}), want: 'must be a list of at most 16' },
    {
      name: 'TooMany',
      given: references(
        Array.from({ length: 17 }, () => ({ jsonPath: '.spec.runtime', ...RUNTIME })),
      ),
      want: 'must be a list of at most 16',
    },
    { name: 'NoObject', given: references(['x']), want: 'item 0: must be an object' },
    {
      name: 'UnknownField',
      given: references([{ path: 'spec.runtime', ...RUNTIME }]),
      want: 'item 0: unknown field "path"',
    },
    {
      name: 'OutsideSpec',
      given: references([{ jsonPath: '.status.runtime', ...RUNTIME }]),
      want: 'item 0: jsonPath must be a path such as .spec.runtime',
    },
    {
      name: 'InAList',
      given: references([{ jsonPath: '.spec.runtimes[0]', ...RUNTIME }]),
      want: 'item 0: jsonPath must be a path',
    },
    {
      name: 'NoKind',
      given: references([{ jsonPath: '.spec.runtime', group: '' }]),
      want: 'item 0: kind must be',
    },
    {
      name: 'UnknownEffect',
      given: references([{ jsonPath: '.spec.runtime', ...RUNTIME, onDelete: 'explode' }]),
      want: 'item 0: onDelete must be block, cascade or orphan',
    },
    {
      name: 'SelectorWithEffect',
      given: references([
        { jsonPath: '.spec.selector', ...RUNTIME, selector: true, onDelete: 'block' },
      ]),
      want: 'item 0: a selector has neither onDelete nor anyWhenAbsent',
    },
    {
      name: 'PerhapsSelector',
      given: references([{ jsonPath: '.spec.selector', ...RUNTIME, selector: 'yes' }]),
      want: 'item 0: selector must be true or false',
    },
  ];
  for (const { name, given, want } of refused) {
    it(`refuses ${name}, and takes nothing from it`, () => {
      const { problems, references: taken, reconciled } = readReconciledAnnotations(given);
      expect(problems.map(({ detail }) => detail).join()).to.include(want);
      expect({ taken, reconciled }).to.deep.equal({ taken: [], reconciled: undefined });
    });
  }

  it('are told from those of others', () => {
    const mine = { 'threeport.io/reconciled': 'true' };
    expect(reconciledAnnotations({ ...mine, other: 'x' })).to.deep.equal(mine);
  });
});
