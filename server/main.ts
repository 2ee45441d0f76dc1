import { KindRegistry } from '../sdk/api/registry.js';
import { kinds } from '../sdk/api/zz_generated.kinds.js';
import { errorChain } from '../sdk/error-chain.js';
import { createLogger } from '../sdk/logger.js';
import { runProcess } from '../sdk/process.js';
import { InProcessQueue } from '../sdk/queue/in-process-queue.js';
import { JetStreamQueue } from '../sdk/queue/jetstream-queue.js';
import { loadTracer } from '../sdk/tracing/load-tracer.js';
import type { Tracer } from '../sdk/tracing/tracer.js';
import { createTokenAuthenticator, readTokensFile } from './auth/token-authenticator.js';
import type { ServerConfig } from './config.js';
import { readConfig } from './config.js';
import type { ControlPlane } from './control-plane.js';
import { createControlPlane } from './control-plane.js';
import { createFieldCipher, readKeyFile } from './crypto/field-cipher.js';
import { SqlObjectStore } from './store/sql/sql-object-store.js';
import { VERSION } from './version.js';

function loadConfig(): ServerConfig {
  try {
    return readConfig(process.env);
  } catch (error) {
    createLogger('server').error('cannot start', { error: errorChain(error) });
    process.exit(1);
  }
}

const config = loadConfig();
const logger = createLogger('server', config.logLevel);
let controlPlane: ControlPlane | undefined;
let tracer: Tracer | undefined;

runProcess(
  {
    async start(signal) {
      const authenticator = createTokenAuthenticator(await readTokensFile(config.tokensFile));
      const cipher = createFieldCipher(await readKeyFile(config.encryptionKeyFile));
      const registry = new KindRegistry(kinds);
      tracer = await loadTracer(process.env, 'threeport-server');
      controlPlane = createControlPlane({
        registry,
        store: new SqlObjectStore({ connectionString: config.databaseUrl, kinds }),
        queue:
          config.natsUrl === undefined
            ? new InProcessQueue()
            : new JetStreamQueue({ url: config.natsUrl, name: 'server', logger }),
        authenticator,
        cipher,
        logger,
        ...(tracer !== undefined && { tracer }),
        version: VERSION,
        listen: config.listen,
        journal: config.journal,
      });
      await controlPlane.start(signal);
      logger.info('listening', { address: controlPlane.address });
    },
    async stop() {
      await controlPlane?.stop();
      await tracer?.stop();
    },
  },
  logger,
);
