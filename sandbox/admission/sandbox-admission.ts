import type { ApiObject } from '../../sdk/api/object.js';
import { formatKey, objectKeyOf } from '../../sdk/api/object.js';
import { invalidObject } from '../../server/api-errors.js';
import type { FieldError } from '../../server/api-errors.js';
import type { AdmissionHook, AdmissionRequest } from '../../server/resource/admission.js';
import { servedSchema } from '../../server/schema/served-schema.js';
import type { Clock } from '../clock.js';
import type { ClusterCache } from '../cluster-cache.js';
import type {
  ClaimSpec,
  JobSpec,
  PodSpec,
  Service,
  ServiceSpec,
  WorkloadSpec,
} from '../kubernetes-types.js';
import { AddressAllocator } from './address-allocator.js';
import { checkFault } from './fault-rules.js';
import { FieldErrors } from './field-errors.js';
import { hasSchemaShape } from '../../server/schema/has-schema-shape.js';
import type { IngressSpec } from './other-rules.js';
import { checkDataKeys, checkIngress, checkPod } from './other-rules.js';
import { completePod, defaultPod } from './pod-defaults.js';
import { checkQuotas } from './resource-quota.js';
import { completeService, defaultService, keepAddresses } from './service-defaults.js';
import { checkService } from './service-rules.js';
import {
  defaultClaim,
  defaultCronJob,
  defaultDaemonSet,
  defaultDeployment,
  defaultJob,
  defaultReplicaSet,
  defaultStatefulSet,
  selectJobPods,
} from './workload-defaults.js';
import { checkClaim, checkJob, checkWorkload } from './workload-rules.js';

const DEFAULT_CLASS_ANNOTATION = 'storageclass.kubernetes.io/is-default-class';

/**
 * Kubernetes' defaults, rules and quotas of its own kinds, as a hook of the API server. Writes
 * through subresources pass: they are the controllers'.
 */
export class SandboxAdmission implements AdmissionHook {
  readonly #cache: ClusterCache;
  readonly #clock: Clock;
  readonly #addresses = new AddressAllocator();
  /** Objects whose types were checked in `setDefaults`: what follows may rely on them. */
  readonly #wellTyped = new WeakSet<ApiObject>();

  constructor(cache: ClusterCache, clock: Clock) {
    this.#cache = cache;
    this.#clock = clock;
  }

  setDefaults({ kind, object, old, subresource }: AdmissionRequest): void {
    if (subresource === 'status') return;
    const schema = servedSchema(kind);
    // What has the wrong types gets no defaults: the schema's own errors say what is wrong.
    if (!hasSchemaShape(object, schema, schema)) return;
    this.#wellTyped.add(object);
    setDefaults(object, old);
  }

  mutate({ object, old }: AdmissionRequest): void {
    if (!this.#wellTyped.has(object)) return;
    switch (`${object.apiVersion}/${object.kind}`) {
      case 'v1/Pod':
        return completePod((object.spec ??= {}) as PodSpec);
      case 'batch/v1/Job':
        return selectJobPods(object as ApiObject<JobSpec>);
      case 'v1/Service':
        return this.#placeService(object, old?.spec as ServiceSpec | undefined);
      case 'v1/PersistentVolumeClaim':
        return this.#placeClaim(
          (object.spec ??= {}) as ClaimSpec,
          old?.spec as ClaimSpec | undefined,
        );
      default:
        return undefined;
    }
  }

  validate(request: AdmissionRequest): readonly FieldError[] | undefined {
    const { kind, object, old, operation, subresource } = request;
    if (subresource === 'status' || !this.#wellTyped.has(object)) return undefined;
    const errors = new FieldErrors();
    check(object, old, errors);
    checkFault(object, old, errors);
    if (errors.list.length > 0 || operation === 'update') return errors.list;
    if (kind.namespaced) checkQuotas(this.#cache, kind, object);
    return undefined;
  }

  #placeClaim(spec: ClaimSpec, old: ClaimSpec | undefined): void {
    if (old !== undefined) {
      if (old.storageClassName !== undefined) spec.storageClassName ??= old.storageClassName;
      if (old.volumeName !== undefined) spec.volumeName ??= old.volumeName;
      return;
    }
    const standard = this.#cache
      .list('storageclasses.storage.k8s.io')
      .find(({ metadata }) => metadata.annotations?.[DEFAULT_CLASS_ANNOTATION] === 'true');
    if (standard !== undefined) spec.storageClassName ??= standard.metadata.name;
  }

  #placeService(object: ApiObject, old: ServiceSpec | undefined): void {
    const spec = (object.spec ??= {}) as ServiceSpec;
    keepAddresses(spec, old);
    const owner = formatKey(objectKeyOf(object));
    const others = this.#cache
      .list<Service>('services')
      .filter((service) => formatKey(objectKeyOf(service)) !== owner)
      .flatMap(({ spec: other }) => [
        other?.clusterIP ?? '',
        ...(other?.ports ?? []).map((port) => port.nodePort ?? 0),
      ]);
    const conflicts = this.#addresses.allocate(spec, owner, new Set(others), this.#clock.nowMs());
    completeService(spec);
    if (conflicts.length === 0) return;
    const errors = new FieldErrors();
    for (const [field, message] of conflicts) errors.invalidText(field, message);
    throw invalidObject({ group: '', kind: 'Service' }, object.metadata.name, errors.list);
  }
}

/** Kubernetes' defaults of the kind, in place. Idempotent. */
function setDefaults(object: ApiObject, old: ApiObject | undefined): void {
  const { spec } = object;
  switch (`${object.apiVersion}/${object.kind}`) {
    case 'v1/Pod':
      return defaultPod((object.spec ??= {}) as PodSpec);
    case 'apps/v1/Deployment':
      return defaultDeployment((object.spec ??= {}) as WorkloadSpec);
    case 'apps/v1/ReplicaSet':
      return defaultReplicaSet((object.spec ??= {}) as WorkloadSpec);
    case 'apps/v1/StatefulSet':
      return defaultStatefulSet((object.spec ??= {}) as WorkloadSpec);
    case 'apps/v1/DaemonSet':
      return defaultDaemonSet((object.spec ??= {}) as WorkloadSpec);
    case 'batch/v1/Job':
      return defaultJob(object as ApiObject<JobSpec>);
    case 'batch/v1/CronJob':
      return defaultCronJob((object.spec ??= {}) as object);
    case 'v1/Service':
      return defaultService((object.spec ??= {}) as ServiceSpec);
    case 'v1/PersistentVolumeClaim':
      return defaultClaim((object.spec ??= {}) as ClaimSpec);
    case 'v1/Secret':
      // The type cannot change: an update that does not say it keeps it.
      object['type'] ??= old?.['type'] ?? 'Opaque';
      return undefined;
    case 'storage.k8s.io/v1/StorageClass':
      object['reclaimPolicy'] ??= 'Delete';
      object['volumeBindingMode'] ??= 'Immediate';
      return undefined;
    case 'autoscaling/v1/HorizontalPodAutoscaler':
      if (typeof spec === 'object') Object.assign(spec as object, { minReplicas: 1, ...spec });
      return undefined;
    case 'networking.k8s.io/v1/NetworkPolicy':
      return fillNetworkPolicy((object.spec ??= {}) as NetworkPolicySpec);
    default:
      return undefined;
  }
}

function check(object: ApiObject, old: ApiObject | undefined, errors: FieldErrors): void {
  const { spec, kind } = object;
  switch (`${object.apiVersion}/${kind}`) {
    case 'v1/Pod':
      return checkPod(spec as PodSpec, old?.spec as PodSpec | undefined, errors);
    case 'apps/v1/Deployment':
    case 'apps/v1/ReplicaSet':
    case 'apps/v1/StatefulSet':
    case 'apps/v1/DaemonSet':
      return checkWorkload(
        kind,
        spec as WorkloadSpec,
        old?.spec as WorkloadSpec | undefined,
        errors,
      );
    case 'batch/v1/Job':
      return checkJob(spec as JobSpec, old?.spec as JobSpec | undefined, errors);
    case 'v1/Service':
      return checkService(
        object.metadata.name,
        spec as ServiceSpec,
        old?.spec as ServiceSpec | undefined,
        errors,
      );
    case 'v1/PersistentVolumeClaim':
      return checkClaim(spec as ClaimSpec, old?.spec as ClaimSpec | undefined, errors);
    case 'v1/ConfigMap':
    case 'v1/Secret':
      return checkDataKeys(object, errors);
    case 'networking.k8s.io/v1/Ingress':
      return checkIngress(spec as IngressSpec, errors);
    default:
      return undefined;
  }
}

interface NetworkPolicySpec {
  policyTypes?: string[];
  egress?: unknown[];
}

function fillNetworkPolicy(spec: NetworkPolicySpec): void {
  spec.policyTypes ??= spec.egress === undefined ? ['Ingress'] : ['Ingress', 'Egress'];
}
