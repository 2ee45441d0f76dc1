import type { JournalEffect } from '../sdk/api/journal.js';
import type { RevisionOrigin } from '../sdk/api/origin.js';
import type {
  WhyAttempt,
  WhyCondition,
  WhyDependency,
  WhyObject,
  WhyRevision,
} from '../sdk/api/why.js';
import type { WakeReason } from '../sdk/api/work.js';

const WOKEN: Readonly<Record<WakeReason, string>> = {
  change: 'its change',
  dependency: 'a change of what it depends on',
  requeue: 'it asked for another look',
  backoff: 'trying again after a failure',
  resync: 'the slow round',
  heartbeat: 'its agent came or went',
  leaseExpired: 'the worker before it died',
};

const STATES: Readonly<Record<WhyDependency['state'], string>> = {
  ready: 'ready',
  notReady: 'not ready',
  present: 'there',
  terminating: 'being deleted',
  missing: 'missing',
};

/** How many columns the heads of effects take at most before their outcomes. */
const WIDEST_HEAD = 72;

/** What a user asked for: `admin apply from 10.0.0.7 (kubectl/v1.35.0)`. */
export function requestText(origin: RevisionOrigin | undefined): string {
  if (origin === undefined) return 'nobody knows who';
  const { user, impersonatedBy, verb, address, userAgent } = origin;
  return [
    user,
    impersonatedBy === undefined ? '' : `(impersonated by ${impersonatedBy})`,
    verb ?? '',
    address === undefined ? '' : `from ${address}`,
    userAgent === undefined ? '' : `(${userAgent})`,
  ]
    .filter((part) => part !== '')
    .join(' ');
}

/** What a revision did to `name`: `Workload web [42] spec.replicas, status Ready=True (Healthy)`. */
export function revisionText(
  { type, resourceVersion, changed = [], conditions = [] }: WhyRevision,
  name: string,
): string {
  const version = `[${resourceVersion}]`;
  if (type === 'ADDED') return `${name} created ${version}`;
  if (type === 'DELETED') return `${name} deleted ${version}`;
  const state = conditionsText(conditions);
  const parts = changed.map((path) =>
    path === 'status' && state !== '' ? `status ${state}` : path,
  );
  return `${name} ${version} ${parts.length === 0 ? 'changed' : parts.join(', ')}`;
}

/**
 * How an attempt came out. `isBelow` the revision that woke it, nothing need be said of that.
 */
export function attemptText(
  { outcome, durationMs = 0, cause, message, fence }: WhyAttempt,
  name: string,
  isBelow: boolean,
): string {
  if (outcome === undefined) return `${name} worked on; its end is not known (fence ${fence})`;
  const isPlain = cause?.reason === 'change' || cause?.reason === 'dependency';
  const why = cause === undefined || (isPlain && isBelow) ? '' : ` (${WOKEN[cause.reason]})`;
  const said = message === undefined ? '' : `: ${message}`;
  return `${name} reconciled in ${durationMs} ms${why}, ${outcome}${said}`;
}

/** `sandbox: apply v1 ConfigMap default/web`, then outcome and duration in columns. */
export function effectTexts(effects: readonly JournalEffect[]): string[] {
  const sorted = [...effects].sort((a, b) => a.sequence - b.sequence);
  const heads = sorted.map(
    ({ port, place, operation, target }) => `${place ?? port}: ${operation} ${target}`,
  );
  const width = Math.min(WIDEST_HEAD, Math.max(0, ...heads.map((head) => head.length)));
  return sorted.map(({ outcome, durationMs, message }, i) => {
    const took = durationMs === undefined ? '' : ` ${durationMs} ms`;
    const said = message === undefined ? '' : `: ${message}`;
    return `${(heads[i] ?? '').padEnd(width)}  ${outcome}${took}${said}`;
  });
}

export function objectText({ conditions = [], deleted }: WhyObject, name: string): string {
  const state = deleted === true ? 'deleted' : conditionsText(conditions);
  const faults = conditions.flatMap(({ type, status, message }) =>
    status === 'True' || message === undefined ? [] : [`${type}: ${message}`],
  );
  return [name, ...(state === '' ? [] : [state]), ...(deleted === true ? [] : faults)].join(': ');
}

export function stateText({ state, message }: WhyDependency): string {
  const isNews = message !== undefined && state !== 'ready';
  return isNews ? `${STATES[state]}: ${message}` : STATES[state];
}

/** `Workload default/web`. */
export function nameText({
  kind,
  namespace,
  name = '<any>',
}: Pick<WhyDependency, 'kind' | 'namespace' | 'name'>): string {
  return `${kind} ${namespace === undefined ? name : `${namespace}/${name}`}`;
}

function conditionsText(conditions: readonly WhyCondition[]): string {
  return conditions.map(({ type, status, reason }) => `${type}=${status} (${reason})`).join(', ');
}
