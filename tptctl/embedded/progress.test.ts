import { expect } from 'chai';
import { Progress } from './progress.js';
import type { PartState, RunState } from './run-state.js';

function stateWith(parts: Partial<PartState>[], phase: RunState['phase'] = 'starting'): RunState {
  return {
    version: 1,
    supervisor: { pid: 1, identity: '' },
    phase,
    startedAt: '2026-01-01T00:00:00Z',
    ports: undefined,
    parts: parts.map((part) => ({ name: 'server', phase: 'ready', restarts: 0, ...part })),
    warnings: ['no nats'],
  };
}

describe('Progress', () => {
  let text: string;
  const output = { isTTY: false, write: (more: string) => (text += more) };

  beforeEach(() => {
    text = '';
  });

  it('prints each part once, when it is ready', () => {
    const progress = new Progress(output);
    progress.show(stateWith([{ phase: 'starting' }]));
    progress.show(stateWith([{ readyAfterMs: 1234 }, { name: 'agent', phase: 'waiting' }]));
    progress.show(stateWith([{ readyAfterMs: 1234 }], 'ready'));
    progress.stop();
    expect(text).to.equal('  warning: no nats\n  server       ready  1.2 s\n');
  });

  it('moves a line only on a terminal, and takes it away at the end', () => {
    const progress = new Progress({ ...output, isTTY: true });
    progress.show(stateWith([{ phase: 'starting' }]));
    expect(text).to.match(/ server$/);
    progress.stop();
    expect(text.endsWith('\r\u001b[K')).to.equal(true);
  });
});
