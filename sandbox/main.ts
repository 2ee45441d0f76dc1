import { errorChain } from '../sdk/error-chain.js';
import { createLogger } from '../sdk/logger.js';
import { runProcess } from '../sdk/process.js';
import { createTokenAuthenticator, readTokensFile } from '../server/auth/token-authenticator.js';
import { MemoryObjectStore } from '../server/store/memory/memory-object-store.js';
import { SqlObjectStore } from '../server/store/sql/sql-object-store.js';
import type { SandboxConfig } from './config.js';
import { readConfig } from './config.js';
import { kubernetesKinds } from './kinds.js';
import { createSandbox } from './sandbox.js';
import type { Sandbox } from './sandbox.js';

function loadConfig(): SandboxConfig {
  try {
    return readConfig(process.env);
  } catch (error) {
    createLogger('sandbox').error('cannot start', { error: errorChain(error) });
    process.exit(1);
  }
}

const config = loadConfig();
const logger = createLogger('sandbox', config.logLevel);
let sandbox: Sandbox | undefined;

runProcess(
  {
    async start(signal) {
      const authenticator = createTokenAuthenticator(await readTokensFile(config.tokensFile));
      const store =
        config.databaseUrl === undefined
          ? new MemoryObjectStore()
          : new SqlObjectStore({ connectionString: config.databaseUrl, kinds: kubernetesKinds() });
      sandbox = createSandbox({ store, authenticator, listen: config.listen, logger });
      await sandbox.start(signal);
      logger.info('listening', { address: sandbox.address });
    },
    async stop() {
      await sandbox?.stop();
    },
  },
  logger,
);
