import { expect } from 'chai';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import { EmbeddedError } from '../../tptctl/embedded/embedded-error.js';
import type { RunState } from '../../tptctl/embedded/run-state.js';
import { homePaths } from '../../tptctl/embedded/home-paths.js';
import { inspectControlPlane, type StartOptions } from '../../tptctl/embedded/control-plane.js';
import { alive, embeddedHome, pidsOf, type EmbeddedHome } from '../support/embedded-home.js';

const FAILING_PART = join(import.meta.dirname, '../support/failing-part.js');

describe('an embedded control plane that cannot start', function () {
  this.timeout(60_000);
  let home: EmbeddedHome;
  let seen: RunState[];

  beforeEach(async () => {
    home = await embeddedHome();
    seen = [];
  });
  afterEach(() => home.remove());

  async function failure(changes: Partial<StartOptions>): Promise<string> {
    try {
      await home.up({ onState: (state) => seen.push(state), ...changes });
    } catch (error) {
      expect(error).to.be.instanceOf(EmbeddedError);
      return (error as EmbeddedError).format();
    }
    throw new Error('it started');
  }

  function expectNothingLeft(): void {
    expect(alive(seen.flatMap(pidsOf))).to.deep.equal([]);
    expect(inspectControlPlane(home.dir).running).to.equal(false);
    expect(existsSync(homePaths(home.dir).kubeconfig)).to.equal(false);
  }

  it('names the port in use, who wants it, who has it, and the flag', async () => {
    const holder = await listenAnywhere();
    const { port } = holder.address() as AddressInfo;
    try {
      const message = await failure({ ports: { api: 0, sandbox: port, nats: 0 } });
      expect(message).to.include(`port ${port}`).and.include('which sandbox wants');
      expect(message).to.include('--sandbox-port');
      if (process.platform === 'linux') expect(message).to.include(`pid ${process.pid} (`);
      expectNothingLeft();
    } finally {
      holder.close();
    }
  });

  it('shows the log of a part that dies at its start, and stops the others', async () => {
    const scripts = { ...home.options.scripts, server: FAILING_PART };
    const message = await failure({ scripts });
    expect(message).to.match(/^server ended before it was ready \(exit code 7\)/);
    expect(message).to.include('cannot read the moon').and.include('server.log');
    expectNothingLeft();
  });

  it('names a settings file that is damaged', async () => {
    const { settings } = homePaths(home.dir);
    writeFileSync(settings, '{"version":1,');
    expect(await failure({}))
      .to.include(`${settings} is damaged`)
      .and.include('what to do: remove');
    expectNothingLeft();
  });

  it('names a state file that is damaged, and down repairs it', async () => {
    const { runDir, state } = homePaths(home.dir);
    mkdirSync(runDir, { recursive: true });
    writeFileSync(state, 'null');
    expect(await failure({}))
      .to.include(`${state} is damaged`)
      .and.include('tptctl down');
    await home.down();
    expect((await home.up()).state.phase).to.equal('ready');
  });

  it('names a home that cannot be made', async () => {
    const file = join(home.dir, 'file');
    writeFileSync(file, '');
    const message = await failure({ home: join(file, 'home') });
    expect(message).to.include(join(file, 'home')).and.include('--home');
  });

  it('stops what was started when it is interrupted', async () => {
    const interrupt = new AbortController();
    const starting = home.up({
      signal: interrupt.signal,
      onState: (state) => {
        seen.push(state);
        if (state.parts.some((part) => part.process !== undefined)) interrupt.abort();
      },
    });
    await starting.then(
      () => expect.fail('it started'),
      (error: unknown) => expect(error).to.equal(interrupt.signal.reason),
    );
    expectNothingLeft();
    expect((await home.up()).state.phase).to.equal('ready');
  });
});

function listenAnywhere(): Promise<Server> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen({ host: '127.0.0.1', port: 0 }, () => resolve(server));
  });
}
