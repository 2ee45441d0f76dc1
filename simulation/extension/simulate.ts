import { KindRegistry } from '../../sdk/api/registry.js';
import { kinds } from '../../sdk/api/zz_generated.kinds.js';
import { nopLogger } from '../../sdk/logger.js';
import { loadKinds, reconciledKind } from '../../sdk/run/load-kinds.js';
import { createReconcilerPart } from '../../sdk/run/reconciler-part.js';
import { Scheduler } from '../kernel/scheduler.js';
import { SeededRandom } from '../kernel/seeded-random.js';
import { Trace } from '../kernel/trace.js';
import { VirtualGlobals } from '../kernel/virtual-globals.js';
import { Misfortune } from '../plane/misfortune.js';
import { SimWorld, type ExtensionHost } from '../plane/sim-world.js';
import { scenarioOf } from '../scenario/scenario-of-seed.js';
import { declarationOf, type Declaration, type Extension } from './extension.js';
import { ExtensionStory } from './extension-story.js';

export interface SimulatedSeed {
  readonly seed: number;
  /** Empty: everything came about as it should. */
  readonly violations: readonly string[];
  /** The same for the same seed, always, or the reconciler has time, chance or state of its own. */
  readonly digest: string;
  /** What happened, one line each, when it was asked for. */
  readonly trace: readonly string[];
}

/**
 * Plays one story of an author's kind in virtual time, with the real server, worker and runtime: people
 * put, change, spoil and remove objects while processes die, calls fail, clusters hang, hints are lost.
 * Then all is calm, and every object must be reconciled and the cluster as `complaints` wants it; then
 * for a time nobody may write anything; then everything is deleted, and nothing may be left.
 */
export async function simulateSeed(
  extension: Extension,
  seed: number,
  options: { readonly keepsTrace?: boolean } = {},
): Promise<SimulatedSeed> {
  const declaration = declarationOf(extension);
  const scenario = scenarioOf(seed);
  const random = new SeededRandom(seed);
  const scheduler = new Scheduler(random.fork());
  const trace = new Trace(options.keepsTrace ?? false);
  const globals = VirtualGlobals.install(scheduler, random.fork());
  try {
    const misfortune = new Misfortune(random.int(2 ** 32), scenario.weather, scenario.strikes);
    const world = new SimWorld({
      random: random.fork(),
      scheduler,
      trace,
      misfortune,
      servers: scenario.servers,
      workers: scenario.workers,
      resyncs: scenario.resyncs,
      kinds: declaration.kinds,
      extension: (host) => partOf(extension, declaration, host),
    });
    const scripts = scenario.scripts.filter(({ subject }) => subject === 'workload');
    const violations = await new ExtensionStory({
      extension,
      declaration,
      scripts,
      world,
      misfortune,
      scheduler,
    }).play();
    return { seed, violations, digest: trace.digest(), trace: trace.lines };
  } finally {
    globals.restore();
  }
}

/** As `runReconcilers` does it: the kind is taken from the server. */
function partOf({ reconciler }: Extension, declaration: Declaration, host: ExtensionHost) {
  const registry = new KindRegistry(kinds);
  const client = host.client(registry);
  let stop: () => Promise<void> = () => Promise.resolve();
  return {
    async start(signal: AbortSignal) {
      await loadKinds(client, registry, [reconciler.resource]);
      const { queue, kube, worker } = host;
      const part = createReconcilerPart({
        reconcilers: [{ reconciler, kind: reconciledKind(registry, reconciler.resource) }],
        client,
        queue,
        kube,
        fieldManager: declaration.kind.plural,
        logger: nopLogger,
        worker,
      });
      stop = () => part.stop();
      await part.start(signal);
    },
    stop: () => stop(),
  };
}
