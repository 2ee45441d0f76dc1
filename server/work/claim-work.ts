import type { KindDefinition } from '../../sdk/api/kind.js';
import type { ApiObject } from '../../sdk/api/object.js';
import type { ClaimedObject } from '../../sdk/api/work.js';
import type { ObjectCodec } from '../resource/object-codec.js';
import type { StoredObject, WorkClaim } from '../store/object-store.js';
import type { WorkContext } from './work-context.js';
import type { CheckedClaim } from './work-input.js';

/** Answers a claim: the body of a ClaimResponse as JSON text, stored objects put in as they are. */
export async function claimWork(context: WorkContext, request: CheckedClaim): Promise<string> {
  const groups =
    request.keys === undefined
      ? await claimDue(context, request, request.resources ?? [])
      : await claimKeys(context, request, request.keys);
  const claimed = groups.flatMap(({ kind, resource, claims }) =>
    claims.map((claim) => encodeClaim(context, kind, resource, claim)),
  );
  return `{"claimed":[${claimed.join(',')}]}`;
}

interface ClaimGroup {
  readonly kind: KindDefinition;
  readonly resource: string;
  readonly claims: readonly WorkClaim[];
}

async function claimKeys(
  { registry, store }: WorkContext,
  { worker, leaseMs, limit }: CheckedClaim,
  keys: NonNullable<CheckedClaim['keys']>,
): Promise<ClaimGroup[]> {
  const uidsByResource = new Map<string, Set<string>>();
  for (const { resource, uid } of keys.slice(0, limit)) {
    const uids = uidsByResource.get(resource) ?? new Set();
    uidsByResource.set(resource, uids.add(uid));
  }
  return Promise.all(
    [...uidsByResource].map(async ([resource, uids]) => {
      const kind = registry.resource(resource);
      const options = { worker, leaseMs, limit: uids.size, uids: [...uids] };
      return { kind, resource, claims: await store.claim(kind, options) };
    }),
  );
}

/** One kind after the other, beginning with another each time: none is starved by those before it. */
async function claimDue(
  { registry, store, nowMs }: WorkContext,
  { worker, leaseMs, limit }: CheckedClaim,
  resources: readonly string[],
): Promise<ClaimGroup[]> {
  const names = [...new Set(resources)];
  const first = names.length === 0 ? 0 : nowMs() % names.length;
  const groups: ClaimGroup[] = [];
  let left = limit;
  for (const resource of [...names.slice(first), ...names.slice(0, first)]) {
    if (left === 0) break;
    const kind = registry.resource(resource);
    const claims = await store.claim(kind, { worker, leaseMs, limit: left });
    left -= claims.length;
    groups.push({ kind, resource, claims });
  }
  return groups;
}

function encodeClaim(
  { codec }: WorkContext,
  kind: KindDefinition,
  resource: string,
  { object, fence, failures, alive, cause, checkpoint, dueForMs }: WorkClaim,
): string {
  const fields: Omit<ClaimedObject, 'object'> = {
    resource,
    fence,
    failures,
    dueForMs,
    ...(cause !== undefined && { cause }),
    ...(kind.reconciled?.heartbeat === true && { alive }),
    ...(checkpoint !== undefined && {
      checkpoint: readCheckpoint(codec, kind, object, checkpoint),
    }),
  };
  return `${JSON.stringify(fields).slice(0, -1)},"object":${codec.readable(kind, object).json}}`;
}

/** The status in a checkpoint, decrypted with the object that it belongs to. */
function readCheckpoint(
  codec: ObjectCodec,
  kind: KindDefinition,
  stored: StoredObject,
  checkpoint: string,
): Record<string, unknown> {
  const noted = { ...(JSON.parse(stored.json) as ApiObject), status: JSON.parse(checkpoint) };
  const { status } = codec.decode(kind, { ...stored, json: JSON.stringify(noted) });
  return status as Record<string, unknown>;
}
