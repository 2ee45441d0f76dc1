/** How one field of a protobuf message is read. A name in capitals is another message. */
export interface ProtobufField {
  readonly name: string;
  readonly type:
    | 'string'
    | 'bytes'
    | 'int'
    | 'bool'
    | 'time'
    | 'microTime'
    | 'intOrString'
    | 'map'
    | 'bytesMap'
    | 'json'
    | 'message';
  /** Name of the message, for type `message`. */
  readonly message?: string;
  readonly repeated?: boolean;
  /** A pointer in Kubernetes' types: a zero is said on purpose. */
  readonly optional?: boolean;
}

export type ProtobufMessage = Readonly<Record<number, ProtobufField>>;

const text = (name: string): ProtobufField => ({ name, type: 'string' });
const optionalText = (name: string): ProtobufField => ({ name, type: 'string', optional: true });
const texts = (name: string): ProtobufField => ({ name, type: 'string', repeated: true });
const int = (name: string): ProtobufField => ({ name, type: 'int' });
const optionalInt = (name: string): ProtobufField => ({ name, type: 'int', optional: true });
const optionalBool = (name: string): ProtobufField => ({ name, type: 'bool', optional: true });
const time = (name: string): ProtobufField => ({ name, type: 'time' });
const microTime = (name: string): ProtobufField => ({ name, type: 'microTime' });
const map = (name: string): ProtobufField => ({ name, type: 'map' });
const message = (name: string, type: string): ProtobufField => ({
  name,
  type: 'message',
  message: type,
});
const messages = (name: string, type: string): ProtobufField => ({
  ...message(name, type),
  repeated: true,
});

const METADATA = message('metadata', 'ObjectMeta');
const ACCESS_REVIEW: ProtobufMessage = {
  1: METADATA,
  2: message('spec', 'AccessReviewSpec'),
  3: message('status', 'Empty'),
};

/**
 * The messages that Go clients send of Kubernetes' own kinds, and those of kubectl's `create <kind>`
 * commands as far as these fill them. Field numbers are those of Kubernetes' `generated.proto`.
 * Top-level ones are named `group/Kind`.
 */
export const PROTOBUF_MESSAGES: Readonly<Record<string, ProtobufMessage>> = {
  ObjectMeta: {
    1: text('name'),
    2: text('generateName'),
    3: text('namespace'),
    4: text('selfLink'),
    5: text('uid'),
    6: text('resourceVersion'),
    7: int('generation'),
    8: time('creationTimestamp'),
    9: time('deletionTimestamp'),
    10: optionalInt('deletionGracePeriodSeconds'),
    11: map('labels'),
    12: map('annotations'),
    13: messages('ownerReferences', 'OwnerReference'),
    14: texts('finalizers'),
    17: messages('managedFields', 'ManagedFieldsEntry'),
  },
  ManagedFieldsEntry: {
    1: text('manager'),
    2: text('operation'),
    3: text('apiVersion'),
    4: time('time'),
    6: text('fieldsType'),
    7: { name: 'fieldsV1', type: 'json' },
    8: text('subresource'),
  },
  '/DeleteOptions': {
    1: optionalInt('gracePeriodSeconds'),
    2: message('preconditions', 'Preconditions'),
    3: optionalBool('orphanDependents'),
    4: optionalText('propagationPolicy'),
    5: texts('dryRun'),
  },
  Preconditions: { 1: optionalText('uid'), 2: optionalText('resourceVersion') },
  OwnerReference: {
    1: text('kind'),
    3: text('name'),
    4: text('uid'),
    5: text('apiVersion'),
    6: optionalBool('controller'),
    7: optionalBool('blockOwnerDeletion'),
  },
  '/Namespace': {
    1: METADATA,
    2: message('spec', 'NamespaceSpec'),
    3: message('status', 'NamespaceStatus'),
  },
  NamespaceStatus: { 1: text('phase'), 2: messages('conditions', 'NamespaceCondition') },
  NamespaceCondition: {
    1: text('type'),
    2: text('status'),
    4: time('lastTransitionTime'),
    5: text('reason'),
    6: text('message'),
  },
  NamespaceSpec: { 1: texts('finalizers') },
  Empty: {},
  '/ConfigMap': {
    1: METADATA,
    2: map('data'),
    3: { name: 'binaryData', type: 'bytesMap' },
    4: optionalBool('immutable'),
  },
  '/Secret': {
    1: METADATA,
    2: { name: 'data', type: 'bytesMap' },
    3: text('type'),
    4: map('stringData'),
    5: optionalBool('immutable'),
  },
  '/ServiceAccount': {
    1: METADATA,
    2: messages('secrets', 'ObjectReference'),
    3: messages('imagePullSecrets', 'LocalObjectReference'),
    4: optionalBool('automountServiceAccountToken'),
  },
  LocalObjectReference: { 1: text('name') },
  ObjectReference: {
    1: text('kind'),
    2: text('namespace'),
    3: text('name'),
    4: text('uid'),
    5: text('apiVersion'),
    6: text('resourceVersion'),
    7: text('fieldPath'),
  },
  '/Event': {
    1: METADATA,
    2: message('involvedObject', 'ObjectReference'),
    3: text('reason'),
    4: text('message'),
    5: message('source', 'EventSource'),
    6: time('firstTimestamp'),
    7: time('lastTimestamp'),
    8: int('count'),
    9: text('type'),
    10: microTime('eventTime'),
    11: message('series', 'EventSeries'),
    12: text('action'),
    13: message('related', 'ObjectReference'),
    14: text('reportingComponent'),
    15: text('reportingInstance'),
  },
  'events.k8s.io/Event': {
    1: METADATA,
    2: microTime('eventTime'),
    3: message('series', 'EventSeries'),
    4: text('reportingController'),
    5: text('reportingInstance'),
    6: text('action'),
    7: text('reason'),
    8: message('regarding', 'ObjectReference'),
    9: message('related', 'ObjectReference'),
    10: text('note'),
    11: text('type'),
    12: message('deprecatedSource', 'EventSource'),
    13: time('deprecatedFirstTimestamp'),
    14: time('deprecatedLastTimestamp'),
    15: int('deprecatedCount'),
  },
  EventSource: { 1: text('component'), 2: text('host') },
  EventSeries: { 1: int('count'), 2: microTime('lastObservedTime') },
  'coordination.k8s.io/Lease': { 1: METADATA, 2: message('spec', 'LeaseSpec') },
  LeaseSpec: {
    1: optionalText('holderIdentity'),
    2: optionalInt('leaseDurationSeconds'),
    3: microTime('acquireTime'),
    4: microTime('renewTime'),
    5: optionalInt('leaseTransitions'),
    6: optionalText('strategy'),
    7: optionalText('preferredHolder'),
  },
  'authentication.k8s.io/SelfSubjectReview': { 1: METADATA, 2: message('status', 'WhoAmI') },
  WhoAmI: { 1: message('userInfo', 'UserInfo') },
  UserInfo: { 1: text('username'), 2: text('uid'), 3: texts('groups') },
  'authentication.k8s.io/TokenReview': {
    1: METADATA,
    2: message('spec', 'TokenReviewSpec'),
    3: message('status', 'TokenReviewStatus'),
  },
  TokenReviewSpec: { 1: text('token'), 2: texts('audiences') },
  TokenReviewStatus: { 2: message('user', 'UserInfo') },
  'authorization.k8s.io/SelfSubjectAccessReview': ACCESS_REVIEW,
  'authorization.k8s.io/SubjectAccessReview': ACCESS_REVIEW,
  'authorization.k8s.io/LocalSubjectAccessReview': ACCESS_REVIEW,
  AccessReviewSpec: {
    1: message('resourceAttributes', 'ResourceAttributes'),
    2: message('nonResourceAttributes', 'NonResourceAttributes'),
    3: text('user'),
    4: texts('groups'),
    6: text('uid'),
  },
  ResourceAttributes: {
    1: text('namespace'),
    2: text('verb'),
    3: text('group'),
    4: text('version'),
    5: text('resource'),
    6: text('subresource'),
    7: text('name'),
  },
  NonResourceAttributes: { 1: text('path'), 2: text('verb') },
  'authorization.k8s.io/SelfSubjectRulesReview': {
    1: METADATA,
    2: message('spec', 'RulesReviewSpec'),
    3: message('status', 'Empty'),
  },
  RulesReviewSpec: { 1: text('namespace') },
  '/Service': { 1: METADATA, 2: message('spec', 'ServiceSpec'), 3: message('status', 'Empty') },
  ServiceSpec: {
    1: messages('ports', 'ServicePort'),
    2: map('selector'),
    3: text('clusterIP'),
    4: text('type'),
    5: texts('externalIPs'),
    7: text('sessionAffinity'),
    8: text('loadBalancerIP'),
    10: text('externalName'),
  },
  ServicePort: {
    1: text('name'),
    2: text('protocol'),
    3: int('port'),
    4: { name: 'targetPort', type: 'intOrString' },
    5: int('nodePort'),
  },
  'apps/Deployment': {
    1: METADATA,
    2: message('spec', 'DeploymentSpec'),
    3: message('status', 'Empty'),
  },
  DeploymentSpec: {
    1: optionalInt('replicas'),
    2: message('selector', 'LabelSelector'),
    3: message('template', 'PodTemplateSpec'),
    4: message('strategy', 'DeploymentStrategy'),
  },
  DeploymentStrategy: { 1: text('type') },
  'batch/Job': { 1: METADATA, 2: message('spec', 'JobSpec'), 3: message('status', 'Empty') },
  JobSpec: {
    1: optionalInt('parallelism'),
    2: optionalInt('completions'),
    6: message('template', 'PodTemplateSpec'),
    7: optionalInt('backoffLimit'),
  },
  LabelSelector: { 1: map('matchLabels') },
  PodTemplateSpec: { 1: METADATA, 2: message('spec', 'PodSpec') },
  PodSpec: {
    2: messages('containers', 'Container'),
    3: text('restartPolicy'),
    20: messages('initContainers', 'Container'),
  },
  Container: {
    1: text('name'),
    2: text('image'),
    3: texts('command'),
    4: texts('args'),
    5: text('workingDir'),
    6: messages('ports', 'ContainerPort'),
    7: messages('env', 'EnvVar'),
    8: message('resources', 'Empty'),
    14: text('imagePullPolicy'),
  },
  ContainerPort: {
    1: text('name'),
    3: int('containerPort'),
    4: text('protocol'),
  },
  EnvVar: { 1: text('name'), 2: text('value') },
};
