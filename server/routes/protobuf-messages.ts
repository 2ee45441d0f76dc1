/** How one field of a protobuf message is read. A name in capitals is another message. */
export interface ProtobufField {
  readonly name: string;
  readonly type:
    'string' | 'bytes' | 'int' | 'bool' | 'time' | 'intOrString' | 'map' | 'bytesMap' | 'message';
  /** Name of the message, for type `message`. */
  readonly message?: string;
  readonly repeated?: boolean;
  /** A pointer in Kubernetes' types: a zero is said on purpose. */
  readonly optional?: boolean;
}

export type ProtobufMessage = Readonly<Record<number, ProtobufField>>;

const text = (name: string): ProtobufField => ({ name, type: 'string' });
const texts = (name: string): ProtobufField => ({ name, type: 'string', repeated: true });
const int = (name: string): ProtobufField => ({ name, type: 'int' });
const optionalInt = (name: string): ProtobufField => ({ name, type: 'int', optional: true });
const optionalBool = (name: string): ProtobufField => ({ name, type: 'bool', optional: true });
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

/**
 * The messages that kubectl's `create <kind>` commands send, as far as those fill them: field
 * numbers are those of Kubernetes' `generated.proto`. Top-level ones are named `group/Kind`.
 */
export const PROTOBUF_MESSAGES: Readonly<Record<string, ProtobufMessage>> = {
  ObjectMeta: {
    1: text('name'),
    2: text('generateName'),
    3: text('namespace'),
    5: text('uid'),
    6: text('resourceVersion'),
    8: { name: 'creationTimestamp', type: 'time' },
    11: map('labels'),
    12: map('annotations'),
    13: messages('ownerReferences', 'OwnerReference'),
    14: texts('finalizers'),
  },
  OwnerReference: {
    1: text('kind'),
    3: text('name'),
    4: text('uid'),
    5: text('apiVersion'),
    6: optionalBool('controller'),
    7: optionalBool('blockOwnerDeletion'),
  },
  '/Namespace': { 1: METADATA, 2: message('spec', 'NamespaceSpec'), 3: message('status', 'Empty') },
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
  '/ServiceAccount': { 1: METADATA, 4: optionalBool('automountServiceAccountToken') },
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
