import type { KindRegistry } from '../../sdk/api/registry.js';
import type { Logger } from '../../sdk/logger.js';
import type { ObjectCodec } from '../resource/object-codec.js';
import type { SchemaValidator } from '../schema/schema-validator.js';
import type { ObjectStore } from '../store/object-store.js';

/** What the worker protocol needs of the server. */
export interface WorkContext {
  readonly registry: KindRegistry;
  readonly store: ObjectStore;
  /** The same as for GET: claimed objects are as readable as those. */
  readonly codec: ObjectCodec;
  readonly validator: SchemaValidator;
  readonly logger: Logger;
  /** Milliseconds since the epoch. */
  readonly nowMs: () => number;
  /** Serves a kind as another server does since a moment ago. Default: there is no other. */
  readonly catchUp?: (group: string, plural: string) => Promise<boolean>;
}

/** RFC 3339 in whole seconds, as Kubernetes writes times. */
export function timestamp(context: Pick<WorkContext, 'nowMs'>): string {
  return `${new Date(context.nowMs()).toISOString().slice(0, 19)}Z`;
}
