import { readFile } from 'node:fs/promises';

import type { Client } from '../client/index.js';
import type { Logger } from '../sdk/logger.js';
import type { Part } from '../sdk/process.js';
import { ClusterAgent } from './cluster-agent.js';
import type { ClusterMode } from './config.js';
import { inClusterKubeconfig } from './in-cluster-kubeconfig.js';
import type { SenderTimes } from './report-sender.js';
import { RuntimeSlot } from './runtime-slot.js';

export interface SingleClusterAgentOptions {
  readonly client: Pick<Client, 'list' | 'watch' | 'report'>;
  readonly cluster: ClusterMode;
  readonly logger: Logger;
  readonly times?: Partial<SenderTimes>;
}

const REREAD_INTERVAL_MS = 30_000;

/** The agent of one cluster, whose credential is in files that may be replaced while it runs. */
export function createSingleClusterAgent(options: SingleClusterAgentOptions): Part {
  const { client, cluster, logger, times } = options;
  const { access, runtime } = cluster;
  const slot = new RuntimeSlot({
    logger,
    read: () =>
      'kubeconfigFile' in access
        ? readFile(access.kubeconfigFile, 'utf8')
        : inClusterKubeconfig(access),
    create: (kubeconfig) =>
      new ClusterAgent({
        runtime,
        kubeconfig,
        // Whoever runs this agent wrote the file.
        allowCredentialPlugins: true,
        client,
        logger,
        ...(times !== undefined && { times }),
      }),
  });
  let timer: NodeJS.Timeout | undefined;
  return {
    start: () => {
      slot.refresh();
      timer = setInterval(() => slot.refresh(), REREAD_INTERVAL_MS);
      return Promise.resolve();
    },
    stop: () => {
      clearInterval(timer);
      return slot.stop();
    },
  };
}
