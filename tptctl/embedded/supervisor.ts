import { dirname, join } from 'node:path';
import { registerSandbox, sandboxReady, type BootstrapOptions } from './bootstrap.js';
import { ensureCredentials } from './credentials.js';
import { explainFailure } from './embedded-error.js';
import type { HomePaths } from './home-paths.js';
import { ensureKubeconfig, kubeconfigText, type KubeconfigEntry } from './kubeconfig.js';
import { stopLeftovers } from './leftovers.js';
import { findNatsServer } from './nats-server.js';
import { sandboxUrl, serverUrl, type NodePartName } from './part-environment.js';
import { embeddedParts, partScripts } from './parts.js';
import { choosePorts } from './ports.js';
import { preparePostgresPlace } from './postgres-place.js';
import { identityOf } from './process-table.js';
import { readRunState, type PartState, type RunState } from './run-state.js';
import { readSettings, writeSettings, type Ports } from './settings.js';
import { SupervisedPart } from './supervised-part.js';
import { ensureTlsFiles } from './tls-files.js';

/** What `up` asks of the supervisor. */
export interface SupervisorOptions {
  readonly home: string;
  /** Ports given by flags; 0 means any free one. */
  readonly ports: Partial<Ports>;
  readonly logLevel: string;
  /** PATH's form: where nats-server and postgres are looked for. */
  readonly searchPath: string;
  /** The folder nats-server is looked for last. Default `.tools/usr/sbin` of the package. */
  readonly toolsDir?: string;
  /** Other programs in place of the parts' own: for tests. */
  readonly scripts?: Partial<Record<NodePartName, string>>;
}

/** Starts the parts, in the order of their needs and otherwise at once, and keeps them running. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #paths: HomePaths;
  readonly #env: NodeJS.ProcessEnv;
  readonly #publish: (state: RunState) => void;
  readonly #stopping = new AbortController();
  readonly #startedAt = new Date().toISOString();
  readonly #warnings: string[] = [];
  #phase: RunState['phase'] = 'starting';
  #ports: Ports | undefined;
  #parts: SupervisedPart[] = [];
  #runtime: PartState = { name: 'runtime', phase: 'waiting', restarts: 0 };
  #error: string | undefined;

  constructor(
    options: SupervisorOptions,
    paths: HomePaths,
    env: NodeJS.ProcessEnv,
    publish: (state: RunState) => void,
  ) {
    this.#options = options;
    this.#paths = paths;
    this.#env = env;
    this.#publish = publish;
  }

  /**
   * Resolves when every part is ready and the sandbox is registered. Rejects with an
   * `EmbeddedError` if anything fails; everything is stopped then, and the kubeconfig is as it was.
   */
  async start(): Promise<void> {
    try {
      await this.#start();
      this.#become('ready');
    } catch (error) {
      const interrupted = this.#stopping.signal.aborted;
      if (!interrupted) this.#error = explainFailure(error, this.#paths.home);
      await this.#stopParts();
      this.#become(interrupted ? 'stopped' : 'failed');
      throw error;
    }
  }

  /** Stops the parts in the reverse order of their start. Ends a start that is under way. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error('the supervisor was asked to stop'));
    this.#become('stopping');
    await this.#stopParts();
    this.#become('stopped');
  }

  async #start(): Promise<void> {
    const { searchPath, scripts } = this.#options;
    const packageRoot = dirname(dirname(dirname(import.meta.dirname)));
    const settings = readSettings(this.#paths);
    await stopLeftovers(this.#paths, readRunState(this.#paths), settings);

    const toolsDir = this.#options.toolsDir ?? join(packageRoot, '.tools/usr/sbin');
    const natsBinary = findNatsServer(searchPath, toolsDir);
    if (natsBinary === undefined) this.#warnings.push(NO_NATS);
    const ports = await choosePorts(
      this.#options.ports,
      settings.ports,
      natsBinary === undefined ? ['api', 'sandbox'] : ['api', 'sandbox', 'nats'],
    );
    this.#ports = ports;
    const [place, tls] = await Promise.all([
      preparePostgresPlace({ homeDir: this.#paths.home, searchPath }),
      ensureTlsFiles(this.#paths.tlsDir),
    ]);
    const outsideDirs = [...new Set([...settings.outsideDirs, ...place.outsideDirs])];
    // Before anything is written there, so that a purge always finds it.
    if (outsideDirs.length > 0) writeSettings(this.#paths, { ...settings, outsideDirs });
    const credentials = ensureCredentials(this.#paths);

    const parts = embeddedParts({
      paths: this.#paths,
      place,
      ports,
      tls,
      credentials,
      natsBinary,
      logLevel: this.#options.logLevel,
      env: this.#env,
      scripts: { ...partScripts(join(packageRoot, 'dist')), ...scripts },
    });
    this.#parts = parts.map(
      (part) => new SupervisedPart(part, this.#paths.logFile(part.name), () => this.#changed()),
    );
    this.#changed();

    const entries: [KubeconfigEntry, KubeconfigEntry] = [
      { name: 'threeport', server: serverUrl(ports), ca: tls.ca, token: credentials.tokens.admin },
      {
        name: 'sandbox',
        server: sandboxUrl(ports),
        ca: tls.ca,
        token: credentials.tokens.sandboxAdmin,
      },
    ];
    await this.#startParts({
      server: serverUrl(ports),
      ca: tls.ca,
      token: credentials.tokens.admin,
      sandboxKubeconfig: kubeconfigText([entries[1]]),
      signal: this.#stopping.signal,
    });
    await ensureKubeconfig(this.#paths, entries);
    writeSettings(this.#paths, { version: 1, ports, outsideDirs });
  }

  async #startParts(bootstrap: BootstrapOptions): Promise<void> {
    const ready = new Map<string, Promise<void>>();
    for (const part of this.#parts) {
      const needs = part.after.map((name) => ready.get(name));
      ready.set(
        part.name,
        Promise.all(needs).then(() => this.#startPart(part)),
      );
    }
    const registered = (ready.get('server') ?? Promise.resolve()).then(() =>
      registerSandbox(bootstrap),
    );
    await Promise.all([...ready.values(), registered]);
    const startedAt = performance.now();
    this.#runtime = { ...this.#runtime, phase: 'starting' };
    this.#changed();
    await sandboxReady(bootstrap);
    this.#runtime = {
      ...this.#runtime,
      phase: 'ready',
      readyAfterMs: Math.round(performance.now() - startedAt),
    };
    this.#changed();
  }

  async #startPart(part: SupervisedPart): Promise<void> {
    this.#stopping.signal.throwIfAborted();
    await part.start();
  }

  async #stopParts(): Promise<void> {
    // Parts that still wait for others must not start any more.
    this.#stopping.abort(new Error('stopping'));
    const gone = new Map<string, Promise<void>>();
    for (const part of this.#parts.toReversed()) {
      const dependants = this.#parts.filter((other) => other.after.includes(part.name));
      const first = Promise.all(dependants.map((other) => gone.get(other.name)));
      gone.set(
        part.name,
        first.then(() => part.stop()),
      );
    }
    await Promise.all(gone.values());
  }

  #become(phase: RunState['phase']): void {
    this.#phase = phase;
    this.#changed();
  }

  #changed(): void {
    this.#publish({
      version: 1,
      supervisor: { pid: process.pid, identity: identityOf(process.pid) ?? '' },
      phase: this.#phase,
      startedAt: this.#startedAt,
      ports: this.#ports,
      parts: [...this.#parts.map((part) => part.state), this.#runtime],
      warnings: this.#warnings,
      error: this.#error,
    });
  }
}

const NO_NATS =
  'nats-server not found: changes are found by the sweep, about a second later; apt-get install nats-server';
