import { createClient } from '../../client/index.js';
import { KindRegistry } from '../../sdk/api/registry.js';
import { kinds } from '../../sdk/api/zz_generated.kinds.js';
import { nopLogger } from '../../sdk/logger.js';
import { watchEventLoop } from '../../sdk/watchdog/watch-event-loop.js';
import { systemClock } from '../../sdk/ports/client-api-port.js';
import { InProcessQueue } from '../../sdk/queue/in-process-queue.js';
import type { Reconciler } from '../../sdk/runtime/reconciler.js';
import { done } from '../../sdk/runtime/reconciler.js';
import { createWorker } from '../../sdk/runtime/worker.js';
import { noPorts } from './work-plane.js';

/**
 * A process of its own that works on Workloads over the server in its first argument. The object
 * `loops` never lets go of the thread, the object `dies` ends the process.
 */
const server = process.argv[2] ?? '';
const resource = 'workloads.workload.threeport.io';
const reconciler: Reconciler = {
  resource,
  async reconcile({ metadata: { name } }) {
    // Those that are under way as the process ends lose their attempt as well.
    await new Promise((resolve) => setTimeout(resolve, 50));
    if (name === 'dies') process.kill(process.pid, 'SIGKILL');
    if (name === 'loops') for (;;);
    return done;
  },
};
const worker = createWorker({
  controllers: [
    { reconciler, kind: new KindRegistry(kinds).resource(resource), ports: () => noPorts },
  ],
  api: createClient({ server }),
  queue: new InProcessQueue(),
  clock: systemClock,
  logger: nopLogger,
  leaseMs: 1_000,
  sweepMs: 100,
});
watchEventLoop({ part: 'test', stuckMs: 1_000 });
await worker.start(new AbortController().signal);
