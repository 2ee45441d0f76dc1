import { createHash } from 'node:crypto';
import { isApiError } from '../../sdk/api/errors.js';
import type { OwnerReference, StoredApiObject } from '../../sdk/api/object.js';
import type { KindRegistry } from '../../sdk/api/registry.js';
import { errorChain } from '../../sdk/error-chain.js';
import type { Logger } from '../../sdk/logger.js';
import { serverUser } from '../request-user.js';
import type { ResourceService } from '../resource-service.js';
import { timestampOf } from '../timestamp.js';

const COMPONENT = 'garbage-collector-controller';
const REASON = 'OwnerRefInvalidNamespace';

/**
 * Tells, as a Warning event in Kubernetes' words, of an owner that is in another namespace, or is
 * namespaced while its dependent is not. Once for each such pair as long as the event lives. Never throws.
 */
export async function recordMisplacedOwner(
  options: {
    readonly registry: KindRegistry;
    readonly service: Pick<ResourceService, 'create'>;
    readonly logger: Logger;
    readonly nowMs: number;
  },
  { apiVersion, kind: involved, metadata }: StoredApiObject,
  owner: OwnerReference,
): Promise<void> {
  const { registry, service, logger, nowMs } = options;
  const events = registry.findKind('', 'Event');
  if (events === undefined) return;
  const { name, namespace: own = '', uid } = metadata;
  const namespace = own === '' ? 'default' : own;
  const now = timestampOf(nowMs);
  const id = createHash('sha256').update(`${uid} ${owner.uid}`).digest('hex').slice(0, 16);
  const event = {
    metadata: { name: `${name.slice(0, 236)}.${id}`, namespace },
    involvedObject: { apiVersion, kind: involved, name, uid, ...(own !== '' && { namespace }) },
    type: 'Warning',
    reason: REASON,
    message: `ownerRef [${owner.apiVersion}/${owner.kind}, namespace: ${own}, name: ${owner.name}, uid: ${owner.uid}] does not exist in namespace "${own}"`,
    source: { component: COMPONENT },
    firstTimestamp: now,
    lastTimestamp: now,
    count: 1,
  };
  try {
    await service.create({ kind: events, namespace, name: '' }, event, {
      user: serverUser('garbage-collector'),
      fieldManager: COMPONENT,
      fieldValidation: 'Ignore',
      dryRun: false,
    });
  } catch (error) {
    if (isApiError(error, 'AlreadyExists')) return;
    logger.debug('cannot record an event', { reason: REASON, error: errorChain(error) });
  }
}
