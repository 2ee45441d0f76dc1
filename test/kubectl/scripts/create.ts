import type { KubectlScript } from '../kubectl-line.js';
import { configMap, definition } from './objects.js';

export const create: KubectlScript = {
  title: 'create',
  lines: [
    {
      line: 'create -f -',
      shows: 'several documents of several kinds',
      stdin: [definition('web', '# one'), configMap('from-file', { key: 'value' })],
      stdout: 'workloaddefinition.workload.threeport.io/web created\nconfigmap/from-file created\n',
      after: [['get workloaddefinition web -o jsonpath={.spec.yaml}', '# one']],
    },
    {
      line: 'create -f -',
      shows: 'a name that is taken',
      stdin: definition('web', '# two'),
      code: 1,
      stderr:
        'Error from server (AlreadyExists): error when creating "STDIN": workloaddefinitions.workload.threeport.io "web" already exists\n',
      after: [['get workloaddefinition web -o jsonpath={.spec.yaml}', '# one']],
    },
    {
      line: 'create -f - --dry-run=client -o name',
      stdin: definition('imagined', '# one'),
      stdout: 'workloaddefinition.workload.threeport.io/imagined\n',
      after: [['get workloaddefinition imagined --ignore-not-found', '']],
    },
    {
      line: 'create -f - --dry-run=server -o jsonpath={.metadata.generation}',
      shows: 'the server fills in what it would',
      stdin: definition('imagined', '# one'),
      stdout: '1',
      after: [['get workloaddefinition imagined --ignore-not-found', '']],
    },
    {
      line: 'create -f - --dry-run=server',
      shows: 'a dry run finds a name that is taken',
      stdin: definition('web', '# one'),
      code: 1,
      stderr: /AlreadyExists/,
    },
    {
      line: 'create -f - -o jsonpath={.metadata.generateName}',
      shows: 'a generated name',
      stdin: {
        apiVersion: 'workload.threeport.io/v1alpha1',
        kind: 'WorkloadDefinition',
        metadata: { generateName: 'made-' },
        spec: { yaml: '# x' },
      },
      stdout: 'made-',
      after: [['get workloaddefinitions -o name', /\/made-[bcdfghjklmnpqrstvwxz2456789]{5}\n/]],
    },
    {
      line: 'create configmap literal --from-literal=a=1 --from-literal=b=2',
      stdout: 'configmap/literal created\n',
      after: [['get cm literal -o jsonpath={.data}', '{"a":"1","b":"2"}']],
    },
    {
      line: 'create secret generic pw --from-literal=password=hunter2',
      stdout: 'secret/pw created\n',
      after: [
        ['get secret pw -o jsonpath={.data.password}', 'aHVudGVyMg=='],
        ['get secret pw -o jsonpath={.type}', 'Opaque'],
      ],
    },
    {
      line: 'create namespace create-other',
      stdout: 'namespace/create-other created\n',
      after: [['get ns create-other -o jsonpath={.status.phase}', 'Active']],
    },
    { line: 'create namespace create-other', code: 1, stderr: /AlreadyExists.*"create-other"/ },
    {
      line: 'create configmap there -n create-other -o name',
      stdout: 'configmap/there\n',
      after: [['get cm there --ignore-not-found', '']],
    },
    {
      line: 'create -f - -n create-nowhere',
      shows: 'a namespace that is not there',
      stdin: configMap('lost', {}),
      code: 1,
      stderr: /NotFound.*namespaces "create-nowhere" not found/,
    },
    {
      line: 'create -f - --validate=strict',
      shows: 'an unknown field, with the near one',
      stdin: {
        apiVersion: 'workload.threeport.io/v1alpha1',
        kind: 'WorkloadDefinition',
        metadata: { name: 'typo' },
        spec: { manifest: [] },
      },
      code: 1,
      stderr: /strict decoding error: unknown field "spec\.manifest"/,
      ours: 'v1.20 leaves unknown fields to the client',
    },
    {
      line: 'create -f - --validate=warn',
      shows: 'the warning reaches the user, the object is made',
      stdin: {
        apiVersion: 'workload.threeport.io/v1alpha1',
        kind: 'WorkloadDefinition',
        metadata: { name: 'typo' },
        spec: { yaml: '# x', manifest: [] },
      },
      stdout: 'workloaddefinition.workload.threeport.io/typo created\n',
      stderr: /^Warning: unknown field "spec\.manifest"/,
      ours: 'v1.20 leaves unknown fields to the client',
      after: [['get workloaddefinition typo -o jsonpath={.spec}', '{"yaml":"# x"}']],
    },
    {
      line: 'create -f - --validate=ignore',
      stdin: {
        apiVersion: 'workload.threeport.io/v1alpha1',
        kind: 'WorkloadDefinition',
        metadata: { name: 'ignored' },
        spec: { yaml: '# x', manifest: [] },
      },
      stdout: 'workloaddefinition.workload.threeport.io/ignored created\n',
      after: [['get workloaddefinition ignored -o jsonpath={.spec}', '{"yaml":"# x"}']],
    },
    {
      line: 'create -f -',
      shows: 'a field of the wrong type',
      stdin: {
        apiVersion: 'kubernetes.threeport.io/v1alpha1',
        kind: 'KubernetesRuntimeDefinition',
        metadata: { name: 'mistyped' },
        spec: { provider: 'moon' },
      },
      code: 1,
      stderr:
        /^The KubernetesRuntimeDefinition "mistyped" is invalid: spec\.provider: Unsupported value: "moon": supported values: "sandbox", "existing"\n$/,
    },
    {
      line: 'create -f -',
      shows: 'a rule of the kind, with what to do',
      stdin: {
        apiVersion: 'workload.threeport.io/v1alpha1',
        kind: 'Workload',
        metadata: { name: 'empty' },
        spec: {},
      },
      code: 1,
      stderr:
        'The Workload "empty" is invalid: spec.manifests: Required value: there is nothing to run: set manifests, or yaml to the same as text\n',
      ours: 'another kind',
    },
    {
      line: 'create -f -',
      shows: 'a kind that is not there',
      stdin: {
        apiVersion: 'workload.threeport.io/v1alpha1',
        kind: 'Wrkload',
        metadata: { name: 'x' },
      },
      code: 1,
      stderr: /no matches for kind "Wrkload" in version "workload\.threeport\.io\/v1alpha1"/,
    },
  ],
};
