/**
 * Kubernetes' own objects, as far as the sandbox's admission and controllers read or write them.
 * Fields not named here pass through untouched.
 */
import type { ApiObject, StoredApiObject } from '../sdk/api/object.js';

export interface LabelSelector {
  matchLabels?: Record<string, string>;
  matchExpressions?: { key: string; operator: string; values?: string[] }[];
}

export interface Probe {
  periodSeconds?: number;
  timeoutSeconds?: number;
  successThreshold?: number;
  failureThreshold?: number;
  httpGet?: { path?: string; scheme?: string; port?: number | string };
  grpc?: { service?: string };
}

export interface ContainerPort {
  name?: string;
  containerPort?: number;
  hostPort?: number;
  protocol?: string;
}

export interface EnvVar {
  name?: string;
  valueFrom?: {
    fieldRef?: { apiVersion?: string };
    configMapKeyRef?: { name?: string; key?: string; optional?: boolean };
    secretKeyRef?: { name?: string; key?: string; optional?: boolean };
  };
}

export interface Container {
  name?: string;
  image?: string;
  imagePullPolicy?: string;
  terminationMessagePath?: string;
  terminationMessagePolicy?: string;
  ports?: ContainerPort[];
  env?: EnvVar[];
  envFrom?: {
    configMapRef?: { name?: string; optional?: boolean };
    secretRef?: { name?: string; optional?: boolean };
  }[];
  volumeMounts?: { name?: string; mountPath?: string }[];
  resources?: { limits?: Record<string, unknown>; requests?: Record<string, unknown> };
  livenessProbe?: Probe;
  readinessProbe?: Probe;
  startupProbe?: Probe;
}

export interface Volume {
  name?: string;
  configMap?: { name?: string; optional?: boolean; defaultMode?: number };
  secret?: { secretName?: string; optional?: boolean; defaultMode?: number };
  persistentVolumeClaim?: { claimName?: string };
  downwardAPI?: { defaultMode?: number };
  projected?: { defaultMode?: number };
  hostPath?: { type?: string };
  emptyDir?: { sizeLimit?: unknown };
}

export interface PodSpec {
  containers?: Container[];
  initContainers?: Container[];
  volumes?: Volume[];
  restartPolicy?: string;
  terminationGracePeriodSeconds?: number;
  dnsPolicy?: string;
  schedulerName?: string;
  securityContext?: Record<string, unknown>;
  serviceAccount?: string;
  serviceAccountName?: string;
  enableServiceLinks?: boolean;
  nodeName?: string;
  hostname?: string;
  subdomain?: string;
  activeDeadlineSeconds?: number;
  tolerations?: unknown[];
  priority?: number;
  preemptionPolicy?: string;
  nodeSelector?: Record<string, string>;
}

export interface PodTemplate {
  metadata?: { labels?: Record<string, string>; annotations?: Record<string, string> };
  spec?: PodSpec;
}

export interface ContainerState {
  waiting?: { reason: string; message?: string };
  running?: { startedAt: string };
  terminated?: { exitCode: number; reason: string; startedAt: string; finishedAt: string };
}

export interface ContainerStatus {
  name: string;
  image: string;
  imageID: string;
  containerID?: string;
  ready: boolean;
  started: boolean;
  restartCount: number;
  state: ContainerState;
  lastState: ContainerState;
}

/** A condition as Pods, Deployments and Jobs carry it: reason and message may be missing. */
export interface KubeCondition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
  lastTransitionTime?: string;
  lastUpdateTime?: string;
  lastProbeTime?: string | null;
}

export interface PodStatus {
  phase?: string;
  reason?: string;
  message?: string;
  conditions?: KubeCondition[];
  containerStatuses?: ContainerStatus[];
  initContainerStatuses?: ContainerStatus[];
  hostIP?: string;
  podIP?: string;
  podIPs?: { ip: string }[];
  startTime?: string;
  qosClass?: string;
}

export type Pod = StoredApiObject<PodSpec, PodStatus>;

export interface IntOrStringRange {
  maxSurge?: number | string;
  maxUnavailable?: number | string;
  partition?: number;
}

export interface WorkloadSpec {
  replicas?: number;
  selector?: LabelSelector;
  template?: PodTemplate;
  minReadySeconds?: number;
  revisionHistoryLimit?: number;
  progressDeadlineSeconds?: number;
  paused?: boolean;
  strategy?: { type?: string; rollingUpdate?: IntOrStringRange };
  updateStrategy?: { type?: string; rollingUpdate?: IntOrStringRange };
  serviceName?: string;
  podManagementPolicy?: string;
  volumeClaimTemplates?: ApiObject<ClaimSpec>[];
}

export interface WorkloadStatus {
  observedGeneration?: number;
  replicas?: number;
  readyReplicas?: number;
  availableReplicas?: number;
  updatedReplicas?: number;
  unavailableReplicas?: number;
  fullyLabeledReplicas?: number;
  currentReplicas?: number;
  currentRevision?: string;
  updateRevision?: string;
  collisionCount?: number;
  conditions?: KubeCondition[];
}

export type Deployment = StoredApiObject<WorkloadSpec, WorkloadStatus>;
export type ReplicaSet = StoredApiObject<WorkloadSpec, WorkloadStatus>;
export type StatefulSet = StoredApiObject<WorkloadSpec, WorkloadStatus>;

export type DaemonSet = StoredApiObject<WorkloadSpec, Record<string, number>>;

export interface JobSpec {
  completions?: number;
  parallelism?: number;
  backoffLimit?: number;
  completionMode?: string;
  suspend?: boolean;
  ttlSecondsAfterFinished?: number;
  manualSelector?: boolean;
  selector?: LabelSelector;
  template?: PodTemplate;
}

export interface JobStatus {
  active?: number;
  succeeded?: number;
  failed?: number;
  ready?: number;
  startTime?: string;
  completionTime?: string;
  conditions?: KubeCondition[];
}

export type Job = StoredApiObject<JobSpec, JobStatus>;

export interface ServicePort {
  name?: string;
  port?: number;
  protocol?: string;
  targetPort?: number | string;
  nodePort?: number;
}

export interface ServiceSpec {
  type?: string;
  clusterIP?: string;
  clusterIPs?: string[];
  ipFamilies?: string[];
  ipFamilyPolicy?: string;
  internalTrafficPolicy?: string;
  externalTrafficPolicy?: string;
  allocateLoadBalancerNodePorts?: boolean;
  sessionAffinity?: string;
  externalName?: string;
  externalIPs?: string[];
  selector?: Record<string, string>;
  publishNotReadyAddresses?: boolean;
  ports?: ServicePort[];
}

export type Service = StoredApiObject<
  ServiceSpec,
  { loadBalancer?: { ingress?: { ip: string }[] } }
>;

export interface ClaimSpec {
  accessModes?: string[];
  resources?: { requests?: Record<string, unknown>; limits?: Record<string, unknown> };
  storageClassName?: string;
  volumeMode?: string;
  volumeName?: string;
}

export type Claim = StoredApiObject<
  ClaimSpec,
  { phase?: string; accessModes?: string[]; capacity?: Record<string, unknown> }
>;

export type CronJob = StoredApiObject<
  { schedule?: string; timeZone?: string; suspend?: boolean; jobTemplate?: { spec?: JobSpec } },
  { active?: unknown[]; lastScheduleTime?: string }
>;

export type Ingress = StoredApiObject<
  { ingressClassName?: string; rules?: { host?: string }[]; tls?: unknown[] },
  { loadBalancer?: { ingress?: { ip?: string; hostname?: string }[] } }
>;

export type Endpoints = StoredApiObject & {
  subsets?: { addresses?: { ip: string }[]; ports?: { port: number }[] }[];
};

export type Node = StoredApiObject<
  { unschedulable?: boolean },
  {
    conditions?: KubeCondition[];
    addresses?: { type: string; address: string }[];
    nodeInfo?: Record<string, string>;
  }
>;

export type PersistentVolume = StoredApiObject<
  {
    capacity?: Record<string, unknown>;
    accessModes?: string[];
    persistentVolumeReclaimPolicy?: string;
    claimRef?: { namespace?: string; name?: string };
    storageClassName?: string;
    volumeMode?: string;
  },
  { phase?: string; reason?: string }
>;

/** A core/v1 Event. */
export type ClusterEvent = StoredApiObject & {
  involvedObject?: { kind?: string; name?: string; uid?: string; fieldPath?: string };
  type?: string;
  reason?: string;
  message?: string;
  count?: number;
  firstTimestamp?: string | null;
  lastTimestamp?: string | null;
  eventTime?: string | null;
  source?: { component?: string; host?: string };
};
