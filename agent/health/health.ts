import type { KeptObject } from '../kept-object.js';

/**
 * Healthy: works. Progressing: on its way. Degraded: will not work as it is. Suspended: stopped on
 * purpose. Missing: not in the cluster. Unknown: nobody can say.
 */
export type HealthStatus =
  'Healthy' | 'Progressing' | 'Degraded' | 'Suspended' | 'Missing' | 'Unknown';

/** `message` says why a resource is not healthy, in the cluster's own words; absent when it is. */
export interface Assessment {
  readonly health: HealthStatus;
  readonly message?: string;
}

/** How the health of one kind is told. */
export interface KindHealth<Spec = object, Status = object> {
  /** The fields that `assess` reads; the agent keeps no others. */
  readonly spec: readonly (keyof Spec & string)[];
  readonly status: readonly (keyof Status & string)[];
  /**
   * A pure function of the object and the pods that its selector finds. It is not asked about
   * objects that are being deleted, or whose controller has not seen the newest generation.
   */
  assess(object: KeptObject<Spec, Status>, pods: readonly KeptObject[]): Assessment;
}

const MAX_MESSAGE_LENGTH = 1000;

export const healthy: Assessment = { health: 'Healthy' };

export function progressing(message: string): Assessment {
  return { health: 'Progressing', message: clip(message) };
}

export function degraded(message: string): Assessment {
  return { health: 'Degraded', message: clip(message) };
}

export function suspended(message: string): Assessment {
  return { health: 'Suspended', message: clip(message) };
}

/** A message of bounded length: a cluster may say a lot. */
export function clip(message: string): string {
  return message.length > MAX_MESSAGE_LENGTH
    ? `${message.slice(0, MAX_MESSAGE_LENGTH - 1)}…`
    : message;
}

/** `reason: message`, with whichever is there; the reason is not said twice. */
export function words(reason: string | undefined, message: string | undefined): string {
  if (reason === undefined || reason === '') return message ?? '';
  if (message === undefined || message === '') return reason;
  return message.startsWith(`${reason}:`) ? message : `${reason}: ${message}`;
}
