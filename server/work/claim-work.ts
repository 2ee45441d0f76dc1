import type { KindDefinition } from '../../sdk/api/kind.js';
import type { ApiObject } from '../../sdk/api/object.js';
import type { ClaimedObject, ClaimRequest } from '../../sdk/api/work.js';
import type { ObjectCodec } from '../resource/object-codec.js';
import type { StoredObject, WorkClaim } from '../store/object-store.js';
import { reconciledKinds } from './reconciled-kinds.js';
import type { WorkContext } from './work-context.js';
import { decodeNote } from './work-note.js';

/** Answers a claim: the body of a ClaimResponse as JSON text, stored objects put in as they are. */
export async function claimWork(context: WorkContext, request: ClaimRequest): Promise<string> {
  const { worker, leaseMs, keys = [], due = [] } = request;
  const asked = [...keys, ...due].map(({ resource }) => resource);
  const kinds = await reconciledKinds(context, asked);
  const uidsByResource = new Map<string, Set<string>>();
  for (const { resource, uid } of keys) {
    const uids = uidsByResource.get(resource) ?? new Set();
    uidsByResource.set(resource, uids.add(uid));
  }
  const hinted = [...uidsByResource].map(([resource, uids]) => ({
    resource,
    limit: uids.size,
    uids: [...uids],
  }));
  const groups = await Promise.all(
    [...hinted, ...due].map(async ({ resource, ...what }) => {
      const kind = kinds.get(resource);
      if (kind === undefined) return [];
      const claims = await context.store.claim(kind, { worker, leaseMs, ...what });
      return claims.map((claim) => encodeClaim(context, kind, resource, claim));
    }),
  );
  const unserved = [...new Set(asked)].filter((resource) => !kinds.has(resource));
  const rest = unserved.length === 0 ? '' : `,"unserved":${JSON.stringify(unserved)}`;
  return `{"claimed":[${groups.flat().join(',')}]${rest}}`;
}

function encodeClaim(
  { codec }: WorkContext,
  kind: KindDefinition,
  resource: string,
  { object, fence, failures, urgent, lostAttempts, alive, cause, checkpoint, dueForMs }: WorkClaim,
): string {
  const fields: Omit<ClaimedObject, 'object'> = {
    resource,
    fence,
    failures,
    urgent,
    ...(lostAttempts > 0 && { lostAttempts }),
    dueForMs,
    ...(cause !== undefined && { cause }),
    ...(kind.reconciled?.heartbeat === true && { alive }),
    ...(checkpoint !== undefined && readNote(codec, kind, object, checkpoint)),
  };
  return `${JSON.stringify(fields).slice(0, -1)},"object":${codec.readable(kind, object).json}}`;
}

/** What the last holder noted down; the status decrypted with the object that it belongs to. */
function readNote(
  codec: ObjectCodec,
  kind: KindDefinition,
  stored: StoredObject,
  text: string,
): Pick<ClaimedObject, 'checkpoint' | 'intents'> {
  const { status: encoded, intents } = decodeNote(text);
  const open = intents.length === 0 ? {} : { intents };
  if (encoded === undefined) return open;
  const noted = { ...(JSON.parse(stored.json) as ApiObject), status: encoded };
  const { status } = codec.decode(kind, { ...stored, json: JSON.stringify(noted) });
  return { checkpoint: status as Record<string, unknown>, ...open };
}
