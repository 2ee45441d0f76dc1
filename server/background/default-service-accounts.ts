import { isAlreadyExists, isApiError } from '../../sdk/api/errors.js';
import type { ApiObject } from '../../sdk/api/object.js';
import { isBeingDeleted } from '../../sdk/api/object.js';
import type { KindRegistry } from '../../sdk/api/registry.js';
import type { Logger } from '../../sdk/logger.js';
import type { Part } from '../../sdk/process.js';
import { serverUser } from '../request-user.js';
import type { WriteOptions } from '../resource/write-request.js';
import type { ResourceService } from '../resource-service.js';
import { objectPages } from '../store/object-pages.js';
import type { ObjectStore, Revision } from '../store/object-store.js';
import { LogFollower } from './log-follower.js';

const NAME = 'default';
const PAGE = 500;
const WRITE_OPTIONS: WriteOptions = {
  user: serverUser('serviceaccounts-controller'),
  fieldManager: 'serviceaccounts-controller',
  fieldValidation: 'Ignore',
  dryRun: false,
};

export interface DefaultServiceAccountsOptions {
  readonly registry: KindRegistry;
  readonly store: ObjectStore;
  readonly service: Pick<ResourceService, 'create'>;
  readonly logger: Logger;
}

/**
 * Sees to it that every namespace has a ServiceAccount `default`, as in Kubernetes: makes it soon
 * after the namespace, and anew when it was deleted. Any number of servers may do this at once.
 * Nothing to do without both kinds.
 */
export class DefaultServiceAccounts implements Part {
  readonly #options: DefaultServiceAccountsOptions;
  readonly #follower: LogFollower;
  #isListed = false;

  constructor(options: DefaultServiceAccountsOptions) {
    this.#options = options;
    const { store, logger } = options;
    this.#follower = new LogFollower({
      store,
      logger,
      follower: 'default service accounts',
      handle: async (revisions) => {
        if (!this.#isListed) await this.#lookAtAll();
        await this.#make(revisions.flatMap(namespaceInNeed));
        return undefined;
      },
      resync: async () => void (this.#isListed = false),
    });
  }

  async start(signal: AbortSignal): Promise<void> {
    const { registry } = this.#options;
    if (registry.findResource('namespaces') === undefined) return;
    if (registry.findResource('serviceaccounts') === undefined) return;
    await this.#follower.start(signal);
  }

  stop(): Promise<void> {
    return this.#follower.stop();
  }

  /** What a restart, or a log that was cut off, may have hidden. */
  async #lookAtAll(): Promise<void> {
    const { registry, store } = this.#options;
    const fields = [{ path: 'metadata.name', operator: '=', value: NAME }] as const;
    const served = new Set<string>();
    const accounts = registry.resource('serviceaccounts');
    for await (const { items } of objectPages(store, accounts, { fields, limit: PAGE })) {
      for (const { namespace } of items) served.add(namespace);
    }
    const namespaces = registry.resource('namespaces');
    for await (const { items } of objectPages(store, namespaces, { limit: PAGE })) {
      await this.#make(items.filter(({ name }) => !served.has(name)).flatMap(nameIfAlive));
    }
    this.#isListed = true;
  }

  async #make(namespaces: readonly string[]): Promise<void> {
    await Promise.all([...new Set(namespaces)].map((namespace) => this.#makeIn(namespace)));
  }

  async #makeIn(namespace: string): Promise<void> {
    const { registry, service } = this.#options;
    const target = { kind: registry.resource('serviceaccounts'), namespace, name: '' };
    try {
      await service.create(target, { metadata: { name: NAME, namespace } }, WRITE_OPTIONS);
    } catch (error) {
      // There already; or the namespace is gone, or going.
      if (isAlreadyExists(error) || isApiError(error, 'NotFound')) return;
      if (!isApiError(error, 'Forbidden')) throw error;
    }
  }
}

/** The namespace that an entry of the log shows to be without its account, if it does. */
function namespaceInNeed({ type, object }: Revision): readonly string[] {
  if (object.resource === 'namespaces') return type === 'ADDED' ? nameIfAlive(object) : [];
  const isLost =
    object.resource === 'serviceaccounts' && object.name === NAME && type === 'DELETED';
  return isLost ? [object.namespace] : [];
}

function nameIfAlive({ name, json }: Revision['object']): readonly string[] {
  return isBeingDeleted(JSON.parse(json) as ApiObject) ? [] : [name];
}
