import type {
  AttemptOutcome,
  AttemptRecord,
  Intent,
  JournalEffect,
  JournalEntry,
} from '../../sdk/api/journal.js';
import { MAX_ATTEMPT_MESSAGE } from '../../sdk/api/journal.js';
import type { WakeCause, WakeReason } from '../../sdk/api/work.js';
import { isTraceparent } from '../request-origin.js';
import type { InputField } from './input-check.js';

/** Entries in one request. */
export const MAX_ENTRIES = 2_000;
/** Creates of one object whose end is open. */
export const MAX_INTENTS = 500;

const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
export const WAKE_REASONS: readonly WakeReason[] = [
  'change',
  'dependency',
  'requeue',
  'backoff',
  'resync',
  'heartbeat',
  'leaseExpired',
];
const ATTEMPT_OUTCOMES: readonly AttemptOutcome[] = [
  'done',
  'requeue',
  'waiting',
  'conflict',
  'terminal',
  'failed',
  'invalid',
  'released',
];
const LONGEST_MS = 31 * 24 * 3_600_000;

/** @throws ApiError BadRequest naming the field, as the others here do. */
export function checkJournalEntry(item: InputField): JournalEntry {
  const namespace = item.field('namespace').optional((field) => field.text());
  const cause = item.field('cause').optional(checkCause);
  return {
    ...checkEffect(item),
    resource: item.field('resource').text(),
    uid: item.field('uid').text(),
    ...(namespace !== undefined && { namespace }),
    name: item.field('name').text(),
    generation: item.field('generation').integer(0, Number.MAX_SAFE_INTEGER),
    foundVersion: item.field('foundVersion').version(),
    ...(cause !== undefined && { cause }),
    fence: item.field('fence').integer(0, Number.MAX_SAFE_INTEGER),
  };
}

export function checkIntent(item: InputField): Intent {
  return {
    ...checkEffect(item),
    fence: item.field('fence').integer(0, Number.MAX_SAFE_INTEGER),
    token: item.field('token').text(),
  };
}

function checkEffect(item: InputField): JournalEffect {
  const place = item.field('place').optional((field) => field.text());
  const token = item.field('token').optional((field) => field.text());
  const message = item.field('message').optional((field) => field.text());
  const durationMs = item.field('durationMs').optional((field) => field.integer(0, LONGEST_MS));
  return {
    sequence: item.field('sequence').integer(1, Number.MAX_SAFE_INTEGER),
    port: item.field('port').text(),
    ...(place !== undefined && { place }),
    nature: item.field('nature').oneOf(['create', 'update', 'delete']),
    operation: item.field('operation').text(),
    target: item.field('target').text(),
    ...(token !== undefined && { token }),
    outcome: item.field('outcome').oneOf(['begun', 'ok', 'failed']),
    ...(message !== undefined && { message }),
    startedAt: time(item.field('startedAt')),
    ...(durationMs !== undefined && { durationMs }),
  };
}

export function checkAttempt(item: InputField): AttemptRecord {
  const cause = item.field('cause').optional(checkCause);
  const message = item.field('message').optional((field) => field.text(MAX_ATTEMPT_MESSAGE));
  return {
    generation: item.field('generation').integer(0, Number.MAX_SAFE_INTEGER),
    foundVersion: item.field('foundVersion').version(),
    ...(cause !== undefined && { cause }),
    startedAt: time(item.field('startedAt')),
    durationMs: item.field('durationMs').integer(0, LONGEST_MS),
    outcome: item.field('outcome').oneOf(ATTEMPT_OUTCOMES),
    ...(message !== undefined && { message }),
  };
}

function checkCause(item: InputField): WakeCause {
  const resourceVersion = item.field('resourceVersion').optional((field) => field.version());
  const traceparent = item.field('traceparent').optional(checkTraceparent);
  return {
    reason: item.field('reason').oneOf(WAKE_REASONS),
    ...(resourceVersion !== undefined && { resourceVersion }),
    ...(traceparent !== undefined && { traceparent }),
  };
}

export function checkTraceparent(field: InputField): string {
  const text = field.text();
  if (!isTraceparent(text)) throw field.refuse('must be as W3C Trace Context has it');
  return text;
}

function time(field: InputField): string {
  const value = field.text();
  if (!RFC_3339.test(value)) throw field.refuse('must be a time as of RFC 3339');
  return value;
}
