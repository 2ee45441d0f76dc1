import type { ApiObject } from '../../sdk/api/object.js';
import type { KeptObject } from '../kept-object.js';
import { keepObject } from '../kept-object.js';
import { keptFieldsOf } from './index.js';

/** Parts of an object that a test case cares about; the rest is filled in. */
export interface ObjectParts {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata?: Partial<ApiObject['metadata']>;
  readonly spec?: object;
  readonly status?: object;
}

/** An object as the agent's cache has it, so that a test sees no field that is not kept. */
export function kept(parts: ObjectParts): KeptObject {
  const { apiVersion, kind } = parts;
  const object = {
    ...parts,
    metadata: { name: 'web', namespace: 'shop', uid: 'uid-web', generation: 1, ...parts.metadata },
  };
  return keepObject(object, { apiVersion, kind }, keptFieldsOf(apiVersion, kind));
}

/** A pod labelled `app=web` with this status. */
export function keptPod(status: object, metadata: Partial<ApiObject['metadata']> = {}): KeptObject {
  return kept({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web-1', uid: 'uid-web-1', labels: { app: 'web' }, ...metadata },
    status,
  });
}

/** The status of a pod with one container, `app`, in this state. */
export function waiting(reason: string, message?: string, more: object = {}): object {
  return {
    phase: 'Pending',
    containerStatuses: [
      {
        name: 'app',
        image: 'shop/web:2',
        ready: false,
        restartCount: 0,
        state: { waiting: { reason, ...(message !== undefined && { message }) } },
        ...more,
      },
    ],
  };
}
