import type { KindDefinition } from '../../sdk/api/kind.js';
import type { ApiObject } from '../../sdk/api/object.js';
import type { ClaimedObject } from '../../sdk/api/work.js';
import type { ObjectCodec } from '../resource/object-codec.js';
import type { StoredObject, WorkClaim } from '../store/object-store.js';
import { reconciledKinds } from './reconciled-kinds.js';
import type { WorkContext } from './work-context.js';
import type { CheckedClaim } from './work-input.js';

/** Answers a claim: the body of a ClaimResponse as JSON text, stored objects put in as they are. */
export async function claimWork(context: WorkContext, request: CheckedClaim): Promise<string> {
  const asked = request.keys?.map(({ resource }) => resource) ?? request.resources ?? [];
  const kinds = await reconciledKinds(context, asked);
  const groups =
    request.keys === undefined
      ? await claimDue(context, request, kinds)
      : await claimKeys(context, request, kinds, request.keys);
  const claimed = groups.flatMap(({ kind, resource, claims }) =>
    claims.map((claim) => encodeClaim(context, kind, resource, claim)),
  );
  const unserved = [...new Set(asked)].filter((resource) => !kinds.has(resource));
  const rest = unserved.length === 0 ? '' : `,"unserved":${JSON.stringify(unserved)}`;
  return `{"claimed":[${claimed.join(',')}]${rest}}`;
}

type ReconciledKinds = ReadonlyMap<string, KindDefinition>;

interface ClaimGroup {
  readonly kind: KindDefinition;
  readonly resource: string;
  readonly claims: readonly WorkClaim[];
}

async function claimKeys(
  { store }: WorkContext,
  { worker, leaseMs, limit }: CheckedClaim,
  kinds: ReconciledKinds,
  keys: NonNullable<CheckedClaim['keys']>,
): Promise<ClaimGroup[]> {
  const uidsByResource = new Map<string, Set<string>>();
  for (const { resource, uid } of keys.slice(0, limit)) {
    const uids = uidsByResource.get(resource) ?? new Set();
    uidsByResource.set(resource, uids.add(uid));
  }
  return Promise.all(
    [...kinds].map(async ([resource, kind]) => {
      const uids = [...(uidsByResource.get(resource) ?? [])];
      const options = { worker, leaseMs, limit: uids.length, uids };
      return { kind, resource, claims: await store.claim(kind, options) };
    }),
  );
}

/** One kind after the other, beginning with another each time: none is starved by those before it. */
async function claimDue(
  { store, nowMs }: WorkContext,
  { worker, leaseMs, limit }: CheckedClaim,
  kinds: ReconciledKinds,
): Promise<ClaimGroup[]> {
  const all = [...kinds];
  const first = all.length === 0 ? 0 : nowMs() % all.length;
  const groups: ClaimGroup[] = [];
  let left = limit;
  for (const [resource, kind] of [...all.slice(first), ...all.slice(0, first)]) {
    if (left === 0) break;
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
