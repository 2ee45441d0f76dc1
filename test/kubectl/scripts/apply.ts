import type { KubectlScript } from '../kubectl-line.js';
import { configMap, definition } from './objects.js';

export const applyClientSide: KubectlScript = {
  title: 'apply client-side',
  lines: [
    {
      line: 'apply -f -',
      stdin: definition('web', '# one', { tier: 'front', old: 'yes' }),
      stdout: 'workloaddefinition.workload.threeport.io/web created\n',
    },
    {
      line: 'apply -f -',
      shows: 'nothing to do',
      stdin: definition('web', '# one', { tier: 'front', old: 'yes' }),
      stdout: 'workloaddefinition.workload.threeport.io/web unchanged\n',
      after: [['get workloaddefinition web -o jsonpath={.metadata.generation}', '1']],
    },
    {
      line: 'apply -f - --dry-run=server',
      stdin: definition('web', '# two'),
      stdout: 'workloaddefinition.workload.threeport.io/web configured (server dry run)\n',
      after: [['get workloaddefinition web -o jsonpath={.spec.yaml}', '# one']],
    },
    {
      line: 'apply -f - --dry-run=client',
      stdin: definition('web', '# two'),
      stdout: 'workloaddefinition.workload.threeport.io/web configured (dry run)\n',
    },
    {
      line: 'diff -f -',
      stdin: definition('web', '# two', { tier: 'front' }),
      code: 1,
      stdout: /^- {4}old: "yes"$[\s\S]*^- {2}yaml: '# one'\n\+ {2}yaml: '# two'$/m,
      ours: 'diff names temporary files',
    },
    {
      line: 'apply -f -',
      shows: 'a field that is no longer said goes',
      stdin: definition('web', '# two', { tier: 'front' }),
      stdout: 'workloaddefinition.workload.threeport.io/web configured\n',
      after: [
        ['get workloaddefinition web -o jsonpath={.metadata.labels}', '{"tier":"front"}'],
        ['get workloaddefinition web -o jsonpath={.spec.yaml}', '# two'],
      ],
    },
    {
      line: 'diff -f -',
      shows: 'no difference is exit code 0',
      stdin: definition('web', '# two', { tier: 'front' }),
      stdout: '',
    },
    {
      line: 'apply view-last-applied workloaddefinition web -o json',
      stdout: /"yaml": "# two"/,
    },
    {
      line: 'apply -f -',
      shows: 'a map merges, what others set stays',
      stdin: configMap('shared', { mine: '1' }),
      stdout: 'configmap/shared created\n',
    },
    {
      line: `patch cm shared -p '{"data":{"theirs":"2"}}'`,
      stdout: 'configmap/shared patched\n',
    },
    {
      line: 'apply -f -',
      stdin: configMap('shared', { mine: '3' }),
      stdout: 'configmap/shared configured\n',
      after: [['get cm shared -o jsonpath={.data}', '{"mine":"3","theirs":"2"}']],
    },
    {
      line: 'apply -f - -l app=picked',
      shows: 'only what the selector picks',
      stdin: [configMap('picked', {}, { app: 'picked' }), configMap('left', {}, { app: 'left' })],
      stdout: 'configmap/picked created\n',
    },
    {
      line: 'apply -f -',
      shows: 'an object made without apply is taken over with a warning',
      stdin: configMap('adopted', { a: '1' }),
      stdout: 'configmap/adopted created\n',
    },
    {
      line: 'apply set-last-applied -f - --create-annotation',
      stdin: configMap('adopted', { a: '1' }),
      stdout: 'configmap/adopted configured\n',
    },
  ],
};

export const applyServerSide: KubectlScript = {
  title: 'apply server-side',
  lines: [
    {
      line: 'apply --server-side -f -',
      stdin: configMap('owned', { a: '1', b: '1' }),
      stdout: 'configmap/owned serverside-applied\n',
    },
    {
      line: 'apply --server-side --field-manager=other -f -',
      shows: 'a conflict names field and manager',
      stdin: configMap('owned', { a: '2' }),
      code: 1,
      stderr:
        /Apply failed with 1 conflict: conflict with "kubectl"(?: using v1)?: \.data\.a\n[\s\S]*--force-conflicts/,
      after: [['get cm owned -o jsonpath={.data.a}', '1']],
    },
    {
      line: 'apply --server-side --field-manager=other --force-conflicts -f -',
      stdin: configMap('owned', { a: '2' }),
      stdout: 'configmap/owned serverside-applied\n',
      after: [['get cm owned -o jsonpath={.data}', '{"a":"2","b":"1"}']],
    },
    {
      line: 'apply --server-side -f -',
      shows: 'what only I owned and no longer say goes',
      stdin: configMap('owned', {}),
      stdout: 'configmap/owned serverside-applied\n',
      after: [['get cm owned -o jsonpath={.data}', '{"a":"2"}']],
    },
    {
      line: 'apply --server-side --dry-run=server -f -',
      stdin: configMap('owned', { c: '3' }),
      stdout: 'configmap/owned serverside-applied (server dry run)\n',
      after: [['get cm owned -o jsonpath={.data}', '{"a":"2"}']],
    },
    {
      line: 'diff --server-side -f -',
      stdin: configMap('owned', { c: '3' }),
      code: 1,
      stdout: /^\+  c: "3"$/m,
      ours: 'diff names temporary files',
    },
    {
      line: 'apply -f -',
      shows: 'an object applied client-side …',
      stdin: definition('migrated', '# one', { old: 'yes' }),
      stdout: 'workloaddefinition.workload.threeport.io/migrated created\n',
    },
    {
      line: 'apply --server-side -f -',
      shows: '… migrates: what it no longer says goes',
      stdin: definition('migrated', '# two'),
      stdout: 'workloaddefinition.workload.threeport.io/migrated serverside-applied\n',
      after: [
        ['get workloaddefinition migrated -o jsonpath={.metadata.labels}{.spec.yaml}', '# two'],
      ],
      ours: 'v1.20 leaves the label',
    },
  ],
};

export const prune: KubectlScript = {
  title: 'prune',
  lines: [
    {
      line: 'apply -f - --prune --applyset=shop -n prune',
      stdin: [configMap('kept', { v: '1' }), configMap('dropped', {}), definition('gone', '# x')],
      stdout:
        /configmap\/kept created\nconfigmap\/dropped created\nworkloaddefinition\.workload\.threeport\.io\/gone created\n/,
      after: [
        [
          `get secret shop -o jsonpath={.metadata.annotations.applyset\\.kubernetes\\.io/contains-group-kinds}`,
          'ConfigMap,WorkloadDefinition.workload.threeport.io',
        ],
      ],
    },
    { line: 'create configmap not-in-the-set', stdout: /created/ },
    {
      line: 'apply -f - --prune --applyset=shop -n prune',
      stdin: configMap('kept', { v: '2' }),
      stdout:
        /configmap\/kept configured\n(?=[\s\S]*configmap\/dropped pruned\n)(?=[\s\S]*workloaddefinition\.workload\.threeport\.io\/gone pruned\n)/,
      ours: 'the order of what is pruned is chance',
      after: [
        ['get cm -o name -l applyset.kubernetes.io/part-of', 'configmap/kept\n'],
        ['get cm not-in-the-set -o name', 'configmap/not-in-the-set\n'],
        ['get workloaddefinitions', 'No resources found in prune namespace.\n'],
      ],
    },
    {
      line: 'apply -f - --server-side --prune --applyset=configmaps/side -n prune',
      shows: 'another parent, server-side',
      stdin: configMap('aside', {}),
      stdout: 'configmap/aside serverside-applied\n',
      after: [
        ['get cm side -o jsonpath={.metadata.labels.applyset\\.kubernetes\\.io/id}', /^applyset-/],
      ],
    },
  ],
};
