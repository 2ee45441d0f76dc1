import { expect } from 'chai';
import { StatusDraft } from './status-draft.js';

const OLD = '2026-01-01T00:00:00Z';
const NOW = '2026-02-03T04:05:06Z';
const ready = { type: 'Ready', status: 'True', reason: 'Works', message: 'all is well' } as const;
const written = {
  phase: 'Healthy',
  observedGeneration: 2,
  conditions: [{ ...ready, observedGeneration: 2, lastTransitionTime: OLD }],
};

describe('StatusDraft', () => {
  it('has nothing to write when everything is said again', () => {
    const draft = new StatusDraft({ status: written }, 2, () => NOW);
    draft.status['phase' as never] = 'Healthy' as never;
    draft.setCondition(ready);
    expect(draft.toShow()).to.equal(undefined);
  });

  it('keeps the time of a condition whose status stays, and moves it with the status', () => {
    const draft = new StatusDraft({ status: written }, 3, () => NOW);
    draft.setCondition({ ...ready, message: 'still' });
    expect(draft.toShow()).to.deep.equal({
      phase: 'Healthy',
      observedGeneration: 3,
      conditions: [{ ...ready, message: 'still', observedGeneration: 3, lastTransitionTime: OLD }],
    });
    draft.setCondition({ ...ready, status: 'False' });
    expect(draft.toShow()).to.have.nested.property('conditions[0].lastTransitionTime', NOW);
  });

  it('does not say that a generation was acted on before it was', () => {
    const draft = new StatusDraft({ status: written }, 3, () => NOW);
    expect(draft.toNote()).to.equal(undefined);
    expect(draft.toShow()).to.have.property('observedGeneration', 3);
  });

  it('takes fields set to undefined as absent', () => {
    const draft = new StatusDraft({ status: { a: 1, b: 2 } }, 1, () => NOW);
    draft.status['b'] = undefined;
    expect(draft.toNote()).to.deep.equal({ a: 1 });
  });

  it('goes on from the checkpoint of an attempt that died, and shows it in the end', () => {
    const draft = new StatusDraft(
      { status: written, checkpoint: { phase: 'Deploying' } },
      2,
      () => NOW,
    );
    expect(draft.status).to.deep.equal({ phase: 'Deploying' });
    expect(draft.toNote()).to.deep.equal({ phase: 'Deploying', observedGeneration: 2 });
    expect(draft.toShow()).to.deep.equal({ phase: 'Deploying', observedGeneration: 2 });
  });

  it('ends a checkpoint even when the object says everything already', () => {
    const draft = new StatusDraft({ status: { a: 1, observedGeneration: 2 } }, 2, () => NOW);
    draft.status['a'] = 2;
    const noted = draft.toNote();
    expect(noted).to.deep.equal({ a: 2, observedGeneration: 2 });
    draft.noted = noted;
    expect(draft.toNote(), 'noted already').to.equal(undefined);
    draft.status['a'] = 1;
    expect(draft.toShow()).to.deep.equal({ a: 1, observedGeneration: 2 });
  });

  it('leaves the object alone', () => {
    const status = Object.freeze({ list: Object.freeze([1]) });
    const draft = new StatusDraft({ status }, 1, () => NOW);
    (draft.status['list'] as number[]).push(2);
    expect(status).to.deep.equal({ list: [1] });
  });

  it('removes conditions, the last one with the list', () => {
    const draft = new StatusDraft({ status: written }, 2, () => NOW);
    draft.removeCondition('Ready');
    expect(draft.toShow()).to.deep.equal({ phase: 'Healthy', observedGeneration: 2 });
  });

  it('keeps Reconciled and Stalled for the runtime', () => {
    const draft = new StatusDraft({}, 1, () => NOW);
    expect(() => draft.setCondition({ ...ready, type: 'Reconciled' })).to.throw(
      'the runtime alone',
    );
  });
});
