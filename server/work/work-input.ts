import type { OwnerReference } from '../../sdk/api/object.js';
import type { KindRegistry } from '../../sdk/api/registry.js';
import type {
  ClaimRequest,
  CompleteRequest,
  Completion,
  ReadRequest,
  RenewRequest,
  ReportedWorkload,
  ReportRequest,
} from '../../sdk/api/work.js';
import { InputField } from './input-check.js';
import {
  checkAttempt,
  checkIntent,
  checkJournalEntry,
  checkTraceparent,
  MAX_ENTRIES,
  MAX_INTENTS,
  WAKE_REASONS,
} from './journal-input.js';

const MAX_OBJECTS = 500;
const MAX_REPORTS = 1_000;
const LONGEST_REQUEUE_MS = 31 * 24 * 3_600_000;
const FINALIZER = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?\/[A-Za-z0-9]([-\w.]*[A-Za-z0-9])?$/;

/** @throws ApiError BadRequest naming the field, as the others here do. */
export function checkClaim(body: unknown): ClaimRequest {
  const input = new InputField(body);
  const keys = input.field('keys').optional((field) =>
    field.list(MAX_OBJECTS).map((item) => ({
      resource: item.field('resource').text(),
      uid: item.field('uid').text(),
    })),
  );
  const due = input.field('due').optional((field) =>
    field.list(MAX_OBJECTS).map((item) => ({
      resource: item.field('resource').text(),
      limit: item.field('limit').integer(1, MAX_OBJECTS),
    })),
  );
  if (keys === undefined && due === undefined) {
    throw input.field('keys').refuse('or due must be given');
  }
  const asked = (due ?? []).reduce((sum, { limit }) => sum + limit, keys?.length ?? 0);
  if (asked > MAX_OBJECTS) throw input.refuse(`must ask for at most ${MAX_OBJECTS} objects`);
  return {
    worker: input.field('worker').text(),
    leaseMs: input.field('leaseMs').integer(1_000, 600_000),
    ...(keys !== undefined && { keys }),
    ...(due !== undefined && { due }),
  };
}

export function checkComplete(body: unknown): CompleteRequest {
  const input = new InputField(body);
  const journal = input
    .field('journal')
    .optional((field) => field.list(MAX_ENTRIES).map(checkJournalEntry));
  return {
    worker: input.field('worker').text(),
    completions: input.field('completions').list(MAX_OBJECTS).map(checkCompletion),
    ...(journal !== undefined && { journal }),
  };
}

export function checkRenew(body: unknown): RenewRequest {
  const input = new InputField(body);
  return {
    worker: input.field('worker').text(),
    leaseMs: input.field('leaseMs').integer(1_000, 600_000),
    leases: input
      .field('leases')
      .list(10_000)
      .map((item) => ({
        resource: item.field('resource').text(),
        uid: item.field('uid').text(),
        fence: item.field('fence').integer(0, Number.MAX_SAFE_INTEGER),
      })),
  };
}

export function checkRead(body: unknown, registry: KindRegistry): ReadRequest {
  const keys = new InputField(body).field('keys');
  const items = keys.list(MAX_OBJECTS);
  if (items.length === 0) throw keys.refuse('must have at least one item');
  return {
    keys: items.map((item) => {
      const namespace = item.field('namespace').optional((field) => field.text());
      return {
        resource: knownResource(item.field('resource'), registry),
        name: item.field('name').text(),
        ...(namespace !== undefined && { namespace }),
      };
    }),
  };
}

export function checkReport(body: unknown): ReportRequest {
  const input = new InputField(body);
  return {
    runtime: input.field('runtime').text(),
    heartbeatMs: input.field('heartbeatMs').integer(5_000, 300_000),
    reports: input.field('reports').list(MAX_REPORTS).map(checkReported),
  };
}

function checkCompletion(item: InputField): Completion {
  const generation = item
    .field('generation')
    .optional((field) => field.integer(0, Number.MAX_SAFE_INTEGER));
  const requeueAfterMs = item
    .field('requeueAfterMs')
    .optional((field) => field.integer(0, LONGEST_REQUEUE_MS));
  const requeueReason = item.field('requeueReason').optional((field) => field.oneOf(WAKE_REASONS));
  const status = item.field('status').optional((field) => field.object());
  const addFinalizer = item.field('addFinalizer').optional(finalizer);
  const removeFinalizer = item.field('removeFinalizer').optional(finalizer);
  const keepLease = item.field('keepLease').optional((field) => field.flag());
  const checkpoint = item.field('checkpoint').optional((field) => field.object());
  const attempt = item.field('attempt').optional(checkAttempt);
  const traceparent = item.field('traceparent').optional(checkTraceparent);
  const intents = item
    .field('intents')
    .optional((field) => field.list(MAX_INTENTS).map(checkIntent));
  const changes = status ?? addFinalizer ?? removeFinalizer;
  if (checkpoint !== undefined && changes !== undefined) {
    throw item.field('checkpoint').refuse('must not come with a change of the object');
  }
  return {
    resource: item.field('resource').text(),
    uid: item.field('uid').text(),
    fence: item.field('fence').integer(0, Number.MAX_SAFE_INTEGER),
    failures: item.field('failures').integer(0, 1_000_000),
    ...(generation !== undefined && { generation }),
    ...(requeueAfterMs !== undefined && { requeueAfterMs }),
    ...(requeueReason !== undefined && { requeueReason }),
    ...(status !== undefined && { status }),
    ...(addFinalizer !== undefined && { addFinalizer }),
    ...(removeFinalizer !== undefined && { removeFinalizer }),
    ...(keepLease !== undefined && { keepLease }),
    ...(checkpoint !== undefined && { checkpoint }),
    ...(attempt !== undefined && { attempt }),
    ...(traceparent !== undefined && { traceparent }),
    ...(intents !== undefined && { intents }),
  };
}

function checkReported(item: InputField): ReportedWorkload {
  const owner = item.field('owner');
  const reference: OwnerReference = {
    apiVersion: owner.field('apiVersion').text(),
    kind: owner.field('kind').text(),
    name: owner.field('name').text(),
    uid: owner.field('uid').text(),
  };
  return {
    namespace: item.field('namespace').text(),
    name: item.field('name').text(),
    owner: reference,
    status: item.field('status').object(),
  };
}

function knownResource(field: InputField, registry: KindRegistry): string {
  const resource = field.text();
  if (registry.findResource(resource) === undefined) {
    throw field.refuse(`must be a resource of this server; "${resource}" is none`);
  }
  return resource;
}

function finalizer(field: InputField): string {
  const name = field.text();
  if (!FINALIZER.test(name)) throw field.refuse('must be a finalizer such as example.com/name');
  return name;
}
