import { createClient } from '../client/index.js';
import { errorChain } from '../sdk/error-chain.js';
import { createLogger } from '../sdk/logger.js';
import { runProcess } from '../sdk/process.js';
import type { AgentConfig } from './config.js';
import { readConfig } from './config.js';
import { HostedAgent } from './hosted-agent.js';
import { createSingleClusterAgent } from './single-cluster-agent.js';

function main(config: AgentConfig): void {
  const { server, ca, token, cluster, heartbeatMs, heartbeatValidMs } = config;
  const logger = createLogger('agent', config.logLevel);
  const client = createClient({ server, token, ...(ca !== undefined && { ca }) });
  const times = { heartbeatMs, heartbeatValidMs };
  const agent =
    cluster.mode === 'hosted'
      ? new HostedAgent({
          client,
          logger,
          times,
          allowCredentialPlugins: cluster.allowCredentialPlugins,
        })
      : createSingleClusterAgent({ client, cluster, logger, times });
  runProcess(
    {
      start: (signal) => agent.start(signal),
      stop: async () => {
        await agent.stop();
        client.close();
      },
    },
    logger,
  );
}

try {
  main(readConfig(process.env));
} catch (error) {
  createLogger('agent').error('cannot start', { error: errorChain(error) });
  process.exitCode = 1;
}
