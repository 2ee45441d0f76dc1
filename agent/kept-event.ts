import type { ApiObject } from '../sdk/api/object.js';

/** What an event is about. */
export interface InvolvedObject {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** What the agent keeps of an Event. */
export interface KeptEvent {
  readonly involved: InvolvedObject;
  readonly isWarning: boolean;
  readonly reason: string;
  readonly message: string;
  readonly count: number;
  /** Milliseconds since the epoch; 0 when the event does not say. */
  readonly lastSeenMs: number;
}

interface EventFields {
  readonly type?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly count?: number;
  readonly firstTimestamp?: string | null;
  readonly lastTimestamp?: string | null;
  readonly eventTime?: string | null;
  readonly series?: { readonly count?: number; readonly lastObservedTime?: string } | null;
  readonly involvedObject?: Partial<InvolvedObject>;
}

const MAX_MESSAGE_LENGTH = 500;

/** Cuts a core/v1 Event down, of either of the two ways in which clusters count repetitions. */
export function keepEvent(object: ApiObject): KeptEvent {
  const event = object as EventFields;
  const { kind = '', namespace = '', name = '', uid = '' } = event.involvedObject ?? {};
  const lastSeen =
    event.series?.lastObservedTime ??
    event.lastTimestamp ??
    event.eventTime ??
    event.firstTimestamp ??
    object.metadata.creationTimestamp;
  return {
    involved: { kind, namespace, name, uid },
    isWarning: event.type === 'Warning',
    reason: event.reason ?? '',
    message: (event.message ?? '').slice(0, MAX_MESSAGE_LENGTH),
    count: Math.max(1, event.series?.count ?? event.count ?? 1),
    lastSeenMs: Date.parse(lastSeen ?? '') || 0,
  };
}
