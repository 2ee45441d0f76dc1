import type { KubectlScript } from '../kubectl-line.js';
import { configMap, definition, report } from './objects.js';

export const change: KubectlScript = {
  title: 'change',
  lines: [
    {
      line: 'create -f -',
      stdin: [definition('web', '# one'), configMap('conf', { a: '1' }), report('seen')],
      stdout: /created/,
    },
    {
      line: 'edit workloaddefinition web',
      env: { EDIT_FROM: '# one', EDIT_TO: '# edited' },
      stdout: 'workloaddefinition.workload.threeport.io/web edited\n',
      after: [['get workloaddefinition web -o jsonpath={.spec.yaml}', '# edited']],
    },
    {
      line: 'edit cm conf',
      shows: 'nothing changed',
      env: { EDIT_FROM: 'nowhere', EDIT_TO: 'x' },
      stdout: '',
      stderr: 'Edit cancelled, no changes made.\n',
    },
    {
      line: 'edit cm conf -o json',
      env: { EDIT_FROM: '"a": "1"', EDIT_TO: '"a": "2"' },
      stdout: /"a": "2"/,
      ours: 'counts the generation of kinds without a spec too',
      after: [['get cm conf -o jsonpath={.data.a}', '2']],
    },
    {
      line: `patch workloaddefinition web --type=merge -p '{"spec":{"yaml":"# merged"}}'`,
      stdout: 'workloaddefinition.workload.threeport.io/web patched\n',
      after: [['get workloaddefinition web -o jsonpath={.spec.yaml}', '# merged']],
    },
    {
      line: `patch workloaddefinition web --type=merge -p '{"spec":{"yaml":"# merged"}}'`,
      shows: 'nothing to do',
      stdout: 'workloaddefinition.workload.threeport.io/web patched (no change)\n',
      ours: 'v1.20 writes the time into managedFields',
    },
    {
      line: `patch workloaddefinition web --type=json -p '[{"op":"test","path":"/spec/yaml","value":"# merged"},{"op":"replace","path":"/spec/yaml","value":"# json"}]'`,
      stdout: 'workloaddefinition.workload.threeport.io/web patched\n',
      after: [['get workloaddefinition web -o jsonpath={.spec.yaml}', '# json']],
    },
    {
      line: `patch workloaddefinition web --type=json -p '[{"op":"test","path":"/spec/yaml","value":"other"}]'`,
      shows: 'a test that fails',
      code: 1,
      stderr: /^The request is invalid/,
    },
    {
      line: `patch cm conf -p '{"data":{"b":"1","a":null}}'`,
      shows: 'strategic merge',
      stdout: 'configmap/conf patched\n',
      after: [['get cm conf -o jsonpath={.data}', '{"b":"1"}']],
    },
    {
      line: `patch workloaddefinition web -p '{"spec":{"yaml":"# x"}}'`,
      shows: "strategic merge of a kind that is not Kubernetes' own",
      stdout: 'workloaddefinition.workload.threeport.io/web patched\n',
      ours: 'Kubernetes takes it for its own kinds only',
    },
    {
      line: `patch workloadreport seen --subresource=status --type=merge -p '{"status":{"warnings":[{"resource":"Pod/x","reason":"Odd","message":"m"}]},"spec":{"runtime":"other"}}'`,
      shows: 'only the status',
      stdout: 'workloadreport.workload.threeport.io/seen patched\n',
      after: [
        [
          'get workloadreport seen -o jsonpath={.spec.runtime}{.status.warnings[0].reason}',
          'noneOdd',
        ],
      ],
    },
    {
      line: `patch workloadreport seen --type=merge -p '{"status":{"warnings":[]}}'`,
      shows: 'not the status',
      stdout: 'workloadreport.workload.threeport.io/seen patched (no change)\n',
      ours: 'v1.20 writes the time into managedFields',
    },
    {
      line: 'get workloadreport seen --subresource=status -o jsonpath={.status.warnings[0].reason}',
      stdout: 'Odd',
    },
    {
      line: 'label workloaddefinition web tier=front',
      stdout: 'workloaddefinition.workload.threeport.io/web labeled\n',
    },
    {
      line: 'label workloaddefinition web tier=back',
      code: 1,
      stderr: /'tier' already has a value \(front\), and --overwrite is false/,
    },
    {
      line: 'label workloaddefinition web tier=back --overwrite',
      stdout: 'workloaddefinition.workload.threeport.io/web labeled\n',
      after: [['get workloaddefinition web -o jsonpath={.metadata.labels}', '{"tier":"back"}']],
    },
    {
      line: 'label cm/conf workloaddefinition/web all=yes',
      stdout:
        /configmap\/conf labeled\n[\s\S]*workloaddefinition\.workload\.threeport\.io\/web labeled\n/,
    },
    {
      line: 'label workloaddefinition web tier-',
      stdout: 'workloaddefinition.workload.threeport.io/web unlabeled\n',
      after: [['get workloaddefinition web -o jsonpath={.metadata.labels}', '{"all":"yes"}']],
    },
    { line: 'label workloaddefinition web --list', stdout: 'all=yes\n' },
    {
      line: `label workloaddefinition web 'a=b c'`,
      code: 1,
      stderr: /a valid label must be|must consist of/,
    },
    {
      line: 'annotate workloaddefinition web note=hello',
      stdout: 'workloaddefinition.workload.threeport.io/web annotated\n',
      after: [['get workloaddefinition web -o jsonpath={.metadata.annotations.note}', 'hello']],
    },
    {
      line: 'annotate workloaddefinition web note=bye --overwrite --resource-version=1',
      shows: 'a version that moved on',
      code: 1,
      stderr:
        /Conflict.*the object has been modified; please apply your changes to the latest version and try again/,
    },
    {
      line: 'annotate workloaddefinition web note-',
      stdout: 'workloaddefinition.workload.threeport.io/web annotated\n',
    },
    {
      line: 'replace -f -',
      shows: 'without a version the newest one is replaced',
      stdin: definition('web', '# replaced'),
      stdout: 'workloaddefinition.workload.threeport.io/web replaced\n',
      ours: 'Kubernetes wants a version of custom resources',
    },
    {
      line: 'replace -f -',
      shows: 'a version that moved on',
      stdin: {
        apiVersion: 'workload.threeport.io/v1alpha1',
        kind: 'WorkloadDefinition',
        metadata: { name: 'web', resourceVersion: '1' },
        spec: { yaml: '# old' },
      },
      code: 1,
      stderr: /Conflict.*"web": the object has been modified/,
    },
    {
      line: 'replace -f -',
      stdin: configMap('conf', { only: '1' }),
      stdout: 'configmap/conf replaced\n',
      after: [['get cm conf -o jsonpath={.data}', '{"only":"1"}']],
    },
    {
      line: 'replace -f -',
      shows: 'what is not there',
      stdin: configMap('nope', {}),
      code: 1,
      stderr: /NotFound/,
    },
    {
      line: 'replace --force -f -',
      stdin: definition('web', '# forced'),
      stdout:
        'workloaddefinition.workload.threeport.io "web" deleted\nworkloaddefinition.workload.threeport.io/web replaced\n',
      after: [
        ['get workloaddefinition web -o jsonpath={.spec.yaml}{.metadata.generation}', '# forced1'],
      ],
    },
    {
      line: 'rollout status workloaddefinition/web',
      shows: 'there is nothing to roll out',
      code: 1,
      stderr: /no kind "WorkloadDefinition" is registered/,
    },
    {
      line: 'scale workloaddefinition web --replicas=2',
      shows: 'there is nothing to scale',
      code: 1,
      stderr: /.+/,
    },
    {
      line: 'set env workloaddefinition/web A=1',
      shows: 'needs a pod template',
      code: 1,
      stderr: /.+/,
    },
  ],
};
