import { ApiError, isAlreadyExists, isConflict, isNotFound } from '../../sdk/api/errors.js';
import type { KindDefinition } from '../../sdk/api/kind.js';
import type { ApiObject, OwnerReference, StoredApiObject } from '../../sdk/api/object.js';
import type { RevisionOrigin } from '../../sdk/api/origin.js';
import { apiVersionOf } from '../../sdk/api/object.js';
import type { ReportedWorkload, ReportRequest, ReportResponse } from '../../sdk/api/work.js';
import { failpoint } from '../../sdk/failpoint.js';
import { deepEqual } from '../apply/deep-equal.js';
import { originOf } from '../request-origin.js';
import type { RequestUser } from '../request-user.js';
import { newObject } from '../resource/object-transitions.js';
import { ownStatus, withStatus } from './status-write.js';
import type { WorkContext } from './work-context.js';
import { timestamp } from './work-context.js';

const RUNTIMES = 'kubernetesruntimeinstances.kubernetes.threeport.io';
const INSTANCES = 'workloadinstances.workload.threeport.io';
const REPORTS = 'workloadreports.workload.threeport.io';
const STATUS_MANAGER = 'threeport-agent';
const MAX_TRIES = 5;

/**
 * Takes an agent's report: a WorkloadReport for each instance that it saw something new of, then a
 * heartbeat for its runtime. What equals the last report is not written. In this order, for the
 * heartbeat wakes those who then read the reports: an agent that returns must not make old ones look
 * fresh.
 *
 * @throws ApiError NotFound when there is no such runtime.
 */
export async function reportWorkloads(
  context: WorkContext,
  { runtime, heartbeatMs, reports }: ReportRequest,
  user: RequestUser,
): Promise<ReportResponse> {
  const { store, registry } = context;
  const origin = originOf(user);
  const messages = await Promise.all(
    reports.map((report) => storeReport(context, runtime, report, origin)),
  );
  failpoint('after-report-before-heartbeat');
  if (!(await store.heartbeat(registry.resource(RUNTIMES), runtime, heartbeatMs))) {
    throw new ApiError('NotFound', `there is no KubernetesRuntimeInstance "${runtime}"`);
  }
  return {
    refused: messages.flatMap((message, index) =>
      message === undefined ? [] : [{ index, message }],
    ),
  };
}

/** Why the report is refused; undefined when it is stored. */
async function storeReport(
  context: WorkContext,
  runtime: string,
  report: ReportedWorkload,
  origin: RevisionOrigin,
): Promise<string | undefined> {
  const { store, registry } = context;
  const instanceKind = registry.resource(INSTANCES);
  const stored = await store.get(instanceKind, report.namespace, report.name);
  const name = `WorkloadInstance ${report.namespace}/${report.name}`;
  if (stored === undefined || stored.uid !== report.owner.uid) return `${name} is gone`;
  const instance = JSON.parse(stored.json) as StoredApiObject<{ runtime?: string }>;
  if (instance.spec?.runtime !== runtime) return `${name} is not on runtime "${runtime}"`;
  const owner: OwnerReference = {
    apiVersion: apiVersionOf(instanceKind),
    kind: instanceKind.kind,
    name: report.name,
    uid: stored.uid,
    controller: true,
  };
  for (let tries = 1; ; tries++) {
    try {
      await writeReport(context, runtime, report, { owner, origin });
      return undefined;
    } catch (error) {
      const retry = isConflict(error) || isAlreadyExists(error) || isNotFound(error);
      if (retry && tries < MAX_TRIES) continue;
      if (error instanceof ApiError && error.reason === 'Invalid') return error.message;
      throw error;
    }
  }
}

async function writeReport(
  context: WorkContext,
  runtime: string,
  report: ReportedWorkload,
  { owner, origin }: { readonly owner: OwnerReference; readonly origin: RevisionOrigin },
): Promise<void> {
  const { store, registry, codec } = context;
  const kind = registry.resource(REPORTS);
  const stored = await store.get(kind, report.namespace, report.name);
  if (stored === undefined) {
    const object = await withStatus(
      context,
      kind,
      { object: created(context, kind, runtime, report, owner) },
      report.status,
    );
    await store.write({ type: 'create', kind, object: codec.encode(kind, object), origin });
    return;
  }
  const live = codec.decode(kind, stored);
  const updated = await withStatus(
    context,
    kind,
    { object: placed(live, runtime, owner), old: live },
    report.status,
  );
  if (deepEqual(live, updated)) return;
  const object = codec.encode(kind, ownStatus(context, kind, { live, updated }, STATUS_MANAGER));
  await store.write({
    type: 'update',
    kind,
    object,
    expectedResourceVersion: stored.resourceVersion,
    origin,
  });
}

function created(
  context: WorkContext,
  kind: KindDefinition,
  runtime: string,
  { namespace, name }: ReportedWorkload,
  owner: OwnerReference,
): ApiObject {
  const object: ApiObject = {
    apiVersion: apiVersionOf(kind),
    kind: kind.kind,
    metadata: { name, namespace, ownerReferences: [owner] },
    spec: { runtime },
  };
  return newObject(kind, object, timestamp(context));
}

/** The same report under this owner: an instance deleted and made again keeps the name. */
function placed(live: StoredApiObject, runtime: string, owner: OwnerReference): ApiObject {
  return {
    ...live,
    metadata: { ...live.metadata, ownerReferences: [owner] },
    spec: { runtime },
  };
}
