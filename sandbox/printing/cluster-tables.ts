import type { ComputedTable } from '../../server/table/table.js';
import type { Claim, Node, PersistentVolume } from '../kubernetes-types.js';
import { age, column, wide } from '../../server/table/cells.js';
import { NONE } from './cell-text.js';

const ROLE_LABEL = 'node-role.kubernetes.io/';
const ACCESS_MODES: Readonly<Record<string, string>> = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
};

/** `kubectl get nodes`. */
export const nodeTable: ComputedTable = {
  columns: [
    column('Status'),
    column('Roles'),
    column('Age'),
    column('Version'),
    wide('Internal-IP'),
    wide('External-IP'),
    wide('OS-Image'),
    wide('Kernel-Version'),
    wide('Container-Runtime'),
  ],
  cells(object, nowMs) {
    const { metadata, spec, status } = object as Node;
    const ready = status?.conditions?.find(({ type }) => type === 'Ready')?.status;
    const condition = ready === 'True' ? 'Ready' : ready === undefined ? 'Unknown' : 'NotReady';
    const roles = Object.keys(metadata.labels ?? {})
      .filter((label) => label.startsWith(ROLE_LABEL))
      .map((label) => label.slice(ROLE_LABEL.length));
    const addressOf = (type: string): string =>
      status?.addresses?.find((one) => one.type === type)?.address ?? NONE;
    const info = status?.nodeInfo;
    return [
      spec?.unschedulable === true ? `${condition},SchedulingDisabled` : condition,
      roles.length === 0 ? NONE : roles.toSorted().join(','),
      age(object, nowMs),
      info?.['kubeletVersion'] ?? '',
      addressOf('InternalIP'),
      addressOf('ExternalIP'),
      info?.['osImage'] ?? '<unknown>',
      info?.['kernelVersion'] ?? '<unknown>',
      info?.['containerRuntimeVersion'] ?? '<unknown>',
    ];
  },
};

/** `kubectl get persistentvolumeclaims`. */
export const claimTable: ComputedTable = {
  columns: [
    column('Status'),
    column('Volume'),
    column('Capacity'),
    column('Access Modes'),
    column('StorageClass'),
    column('VolumeAttributesClass'),
    column('Age'),
    wide('VolumeMode'),
  ],
  cells(object, nowMs) {
    const { metadata, spec, status } = object as Claim;
    const isEnding = metadata.deletionTimestamp !== undefined;
    const isBound = (spec?.volumeName ?? '') !== '';
    return [
      isEnding ? 'Terminating' : (status?.phase ?? ''),
      spec?.volumeName ?? '',
      isBound ? String(status?.capacity?.['storage'] ?? '') : '',
      isBound ? modesOf(status?.accessModes) : '',
      spec?.storageClassName ?? '',
      '<unset>',
      age(object, nowMs),
      spec?.volumeMode ?? '<unset>',
    ];
  },
};

/** `kubectl get persistentvolumes`. */
export const volumeTable: ComputedTable = {
  columns: [
    column('Capacity'),
    column('Access Modes'),
    column('Reclaim Policy'),
    column('Status'),
    column('Claim'),
    column('StorageClass'),
    column('VolumeAttributesClass'),
    column('Reason'),
    column('Age'),
    wide('VolumeMode'),
  ],
  cells(object, nowMs) {
    const { metadata, spec, status } = object as PersistentVolume;
    const claim = spec?.claimRef;
    return [
      String(spec?.capacity?.['storage'] ?? ''),
      modesOf(spec?.accessModes),
      spec?.persistentVolumeReclaimPolicy ?? '',
      metadata.deletionTimestamp === undefined ? (status?.phase ?? '') : 'Terminating',
      claim === undefined ? '' : `${claim.namespace ?? ''}/${claim.name ?? ''}`,
      spec?.storageClassName ?? '',
      '<unset>',
      status?.reason ?? '',
      age(object, nowMs),
      spec?.volumeMode ?? '<unset>',
    ];
  },
};

function modesOf(modes: readonly string[] | undefined): string {
  return [...new Set(modes ?? [])].map((mode) => ACCESS_MODES[mode] ?? mode).join(',');
}
