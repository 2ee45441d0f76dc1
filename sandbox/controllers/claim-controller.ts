import { isBeingDeleted, objectKeyOf } from '../../sdk/api/object.js';
import type { ApiObject, ObjectKey, StoredApiObject } from '../../sdk/api/object.js';
import type { ClusterCache, ObjectChange } from '../cluster-cache.js';
import type { Claim } from '../kubernetes-types.js';
import type { Controller, ControllerContext } from './controller.js';
import type { EventText } from './event-recorder.js';

const RESOURCE = 'persistentvolumeclaims';
const VOLUMES = 'persistentvolumes';
const CLASSES = 'storageclasses.storage.k8s.io';
const COMPONENT = 'persistentvolume-controller';

type Volume = StoredApiObject<
  { claimRef?: { namespace: string; name: string; uid: string } },
  { phase?: string }
>;

/** Makes a volume for each claim, binds the two, and drops the volume when the claim is gone. */
export const claimController: Controller = { name: 'claim', keysFor, reconcile };

function keysFor({ resource, object }: ObjectChange, cache: ClusterCache): readonly ObjectKey[] {
  if (resource === RESOURCE) return [objectKeyOf(object)];
  if (resource === VOLUMES) {
    const claim = (object as Volume).spec?.claimRef;
    return claim === undefined ? [] : [{ namespace: claim.namespace, name: claim.name }];
  }
  return resource === CLASSES ? cache.list(RESOURCE).map(objectKeyOf) : [];
}

async function reconcile(key: ObjectKey, context: ControllerContext): Promise<undefined> {
  const { cache, client } = context;
  const claim = cache.get<Claim>(RESOURCE, key.namespace, key.name);
  await dropVolumes(key, claim?.metadata.uid, context);
  if (claim === undefined || isBeingDeleted(claim) || claim.status?.phase === 'Bound')
    return undefined;
  const className = claim.spec?.storageClassName;
  if (
    className === undefined ||
    className === '' ||
    cache.get(CLASSES, '', className) === undefined
  ) {
    await wait(claim, className, context);
    return undefined;
  }
  const name = `pvc-${claim.metadata.uid}`;
  const volume =
    cache.get<Volume>(VOLUMES, '', name) ??
    ((await client.create(volumeFor(claim, name))) as Volume);
  await client.updateStatus(volume, { phase: 'Bound' });
  const bound = await client.update({ ...claim, spec: { ...claim.spec, volumeName: name } });
  await client.updateStatus(bound, {
    phase: 'Bound',
    accessModes: claim.spec?.accessModes ?? [],
    capacity: { storage: claim.spec?.resources?.requests?.['storage'] },
  });
  await context.events.record(claim, COMPONENT, {
    type: 'Normal',
    reason: 'ProvisioningSucceeded',
    message: `Successfully provisioned volume ${name}`,
  });
  return undefined;
}

/** Reclaims volumes whose claim is gone, or is another one by now. */
async function dropVolumes(
  key: ObjectKey,
  uid: string | undefined,
  { cache, client }: ControllerContext,
): Promise<void> {
  for (const volume of cache.list<Volume>(VOLUMES)) {
    const claim = volume.spec?.claimRef;
    if (claim?.namespace !== key.namespace || claim.name !== key.name || claim.uid === uid)
      continue;
    if (!volume.metadata.name.startsWith('pvc-')) continue;
    const { name } = volume.metadata;
    await client.delete({ resource: VOLUMES, namespace: '', name, uid: volume.metadata.uid });
  }
}

async function wait(
  claim: Claim,
  className: string | undefined,
  { client, events }: ControllerContext,
): Promise<void> {
  if (claim.status?.phase === 'Pending') return;
  await client.updateStatus(claim, { phase: 'Pending' });
  const event: EventText =
    className === undefined || className === ''
      ? {
          type: 'Normal',
          reason: 'FailedBinding',
          message: 'no persistent volumes available for this claim and no storage class is set',
        }
      : {
          type: 'Warning',
          reason: 'ProvisioningFailed',
          message: `storageclass.storage.k8s.io "${className}" not found`,
        };
  await events.record(claim, COMPONENT, event);
}

function volumeFor(claim: Claim, name: string): ApiObject {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name },
    spec: {
      accessModes: claim.spec?.accessModes ?? [],
      capacity: { storage: claim.spec?.resources?.requests?.['storage'] },
      claimRef: {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        namespace: claim.metadata.namespace,
        name: claim.metadata.name,
        uid: claim.metadata.uid,
      },
      hostPath: { path: `/var/sandbox/volumes/${name}`, type: '' },
      persistentVolumeReclaimPolicy: 'Delete',
      storageClassName: claim.spec?.storageClassName,
      volumeMode: claim.spec?.volumeMode ?? 'Filesystem',
    },
  };
}
