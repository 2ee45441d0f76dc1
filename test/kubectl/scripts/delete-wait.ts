import type { KubectlScript } from '../kubectl-line.js';
import { configMap, definition, report } from './objects.js';

const owned = (name: string) => configMap(name, {}, { app: name });

export const deleteAndWait: KubectlScript = {
  title: 'delete and wait',
  lines: [
    {
      line: 'create -f -',
      stdin: [
        definition('a', '#'),
        definition('b', '#'),
        definition('c', '#'),
        report('seen'),
        owned('one'),
        owned('two'),
        owned('three'),
        owned('four'),
        owned('five'),
      ],
      stdout: /created/,
    },
    {
      line: 'wait --for=jsonpath={.status.phase}=Active ns/delete-and-wait',
      stdout: 'namespace/delete-and-wait condition met\n',
    },
    {
      line: 'wait --for=jsonpath={.spec.runtime} workloadreport/seen',
      stdout: 'workloadreport.workload.threeport.io/seen condition met\n',
    },
    {
      line: 'wait --for=jsonpath={.spec.runtime}=never workloadreport/seen --timeout=300ms',
      code: 1,
      stderr: /timed out waiting for the condition on workloadreports\/seen/,
    },
    { line: 'wait --for=create cm/one --timeout=5s', stdout: 'configmap/one condition met\n' },
    { line: 'wait --for=delete cm/nope', stdout: '' },
    {
      line: 'get runtime sandbox -o name',
      stdout: 'kubernetesruntimeinstance.kubernetes.threeport.io/sandbox\n',
      ours: 'a kind with a reconciler',
    },
    {
      line: 'wait --for=condition=Ready runtime/sandbox --timeout=20s',
      stdout: 'kubernetesruntimeinstance.kubernetes.threeport.io/sandbox condition met\n',
      ours: 'a kind with a reconciler',
    },
    {
      line: 'wait --for=condition=Ready=false runtime/sandbox --timeout=300ms',
      code: 1,
      stderr: /timed out/,
      ours: 'a kind with a reconciler',
    },
    {
      line: 'delete workloaddefinition a --dry-run=server',
      stdout: 'workloaddefinition.workload.threeport.io "a" deleted (server dry run)\n',
      after: [['get workloaddefinition a -o name', 'workloaddefinition.workload.threeport.io/a\n']],
    },
    {
      line: 'delete workloaddefinition a',
      stdout: 'workloaddefinition.workload.threeport.io "a" deleted\n',
      after: [['get workloaddefinition a --ignore-not-found', '']],
    },
    {
      line: 'delete workloaddefinition a',
      code: 1,
      stderr:
        'Error from server (NotFound): workloaddefinitions.workload.threeport.io "a" not found\n',
    },
    { line: 'delete workloaddefinition a --ignore-not-found', stdout: '' },
    {
      line: 'delete -f - --cascade=background',
      stdin: definition('b', '#'),
      stdout: 'workloaddefinition.workload.threeport.io "b" deleted\n',
    },
    {
      line: 'delete cm one --cascade=orphan --wait=false',
      stdout: 'configmap "one" deleted\n',
      after: [['wait --for=delete cm/one', '']],
    },
    {
      line: 'delete cm two --cascade=foreground',
      stdout: 'configmap "two" deleted\n',
      after: [['get cm two --ignore-not-found', '']],
    },
    {
      line: 'delete cm three --grace-period=5',
      stdout: 'configmap "three" deleted\n',
      after: [['get cm three --ignore-not-found', '']],
    },
    { line: 'delete cm four --now', stdout: 'configmap "four" deleted\n' },
    {
      line: 'delete cm five --grace-period=0 --force',
      stdout: 'configmap "five" force deleted\n',
      stderr: /Immediate deletion/,
    },
    {
      line: 'create -f -',
      stdin: [
        configMap('l1', {}, { gone: 'soon' }),
        configMap('l2', {}, { gone: 'soon' }),
        configMap('stays', {}),
      ],
      stdout: /created/,
    },
    {
      line: 'delete cm -l gone=soon',
      stdout: 'configmap "l1" deleted\nconfigmap "l2" deleted\n',
      after: [['get cm stays -o name', 'configmap/stays\n']],
    },
    {
      line: 'delete cm --field-selector=metadata.name=stays',
      stdout: 'configmap "stays" deleted\n',
    },
    {
      line: 'delete workloaddefinitions,workloadreports --all',
      stdout:
        'workloaddefinition.workload.threeport.io "c" deleted\nworkloadreport.workload.threeport.io "seen" deleted\n',
    },
    {
      line: 'delete --raw /api/v1/namespaces/delete-and-wait/configmaps/nope',
      code: 1,
      stderr: 'Error from server (NotFound): configmaps "nope" not found\n',
    },
    {
      line: 'create -f -',
      stdin: {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'held', finalizers: ['example.com/hold'] },
      },
      stdout: 'configmap/held created\n',
    },
    { line: 'delete cm held --wait=false', stdout: 'configmap "held" deleted\n' },
    {
      line: 'delete cm held --timeout=300ms',
      shows: 'a finalizer holds it',
      code: 1,
      stderr: /timed out waiting for the condition on configmaps\/held/,
    },
    {
      line: `patch cm held --type=merge -p '{"metadata":{"finalizers":null}}'`,
      stdout: 'configmap/held patched\n',
      after: [['wait --for=delete cm/held --timeout=5s', '']],
    },
    { line: 'create namespace ending', stdout: 'namespace/ending created\n' },
    { line: 'create cm inside -n ending', stdout: 'configmap/inside created\n' },
    {
      line: 'delete ns ending',
      stdout: 'namespace "ending" deleted\n',
      after: [['get cm -A --field-selector=metadata.namespace=ending', 'No resources found\n']],
    },
    {
      line: 'delete ns default',
      code: 1,
      stderr: /Forbidden.*namespaces "default" is forbidden: this namespace may not be deleted/,
    },
  ],
};
