import type { KubectlScript } from '../kubectl-line.js';
import { configMap, definition } from './objects.js';

export const get: KubectlScript = {
  title: 'get',
  lines: [
    {
      line: 'create -f -',
      stdin: [
        configMap('b', { size: '2' }, { app: 'web', tier: 'back' }),
        configMap('a', { size: '3' }, { app: 'web' }),
        configMap('c', { size: '1' }, { app: 'db' }),
        definition('web', '# one', { app: 'web' }),
      ],
      stdout: /created/,
    },
    { line: 'get cm -l app', stdout: /^NAME +DATA +AGE\na +1 +\d+s\nb +1 +\d+s\nc +1 +\d+s\n$/ },
    { line: 'get workloaddefinitions', stdout: /^NAME +AGE\nweb +\d+s\n$/ },
    {
      line: 'get cm,workloaddefinitions -l app=web',
      stdout: /^NAME[\s\S]*\nworkloaddefinition\.workload\.threeport\.io\/web +\d+s\n$/,
    },
    { line: 'get workloaddefinitions -o wide', stdout: /^NAME +AGE\nweb/ },
    { line: 'get cm a -o wide', stdout: /^NAME +DATA +AGE\na +1/ },
    {
      line: 'get workloaddefinition web -o yaml',
      stdout:
        /^apiVersion: workload\.threeport\.io\/v1alpha1\nkind: WorkloadDefinition\nmetadata:\n[\s\S]*\nspec:\n {2}yaml: '# one'\n$/,
    },
    { line: 'get workloaddefinition/web -o json', stdout: /"kind": "WorkloadDefinition"/ },
    {
      line: 'get cm -l app -o json',
      stdout: /"kind": "List"/,
      ours: 'counts the generation of kinds without a spec too',
    },
    { line: 'get cm -l app -o name', stdout: 'configmap/a\nconfigmap/b\nconfigmap/c\n' },
    { line: `get cm a -o jsonpath='{.metadata.name} {.data.size}'`, stdout: 'a 3' },
    {
      line: `get cm -l app -o jsonpath='{range .items[*]}{.metadata.name}={.data.size} {end}'`,
      stdout: 'a=3 b=2 c=1 ',
    },
    { line: `get cm -l app -o jsonpath-as-json='{.items[*].data.size}'`, stdout: /"3",\n/ },
    {
      line: 'get cm -l app -o custom-columns=N:.metadata.name,S:.data.size',
      stdout: 'N     S\na     3\nb     2\nc     1\n',
    },
    { line: 'get cm -l app --no-headers -o custom-columns=:metadata.name', stdout: 'a\nb\nc\n' },
    { line: `get cm a -o go-template='{{.metadata.name}}/{{index .data "size"}}'`, stdout: 'a/3' },
    {
      line: `get cm -l app -o template --template='{{range .items}}{{.metadata.name}};{{end}}'`,
      stdout: 'a;b;c;',
    },
    {
      line: 'get cm -l app --sort-by=.data.size -o name',
      stdout: 'configmap/c\nconfigmap/b\nconfigmap/a\n',
    },
    {
      line: 'get cm -l app --sort-by={.metadata.name}',
      stdout: /^NAME +DATA +AGE\na [\s\S]*\nb [\s\S]*\nc /,
    },
    { line: 'get cm -l app=web -o name', stdout: 'configmap/a\nconfigmap/b\n' },
    {
      line: `get cm -l 'app in (web,db),tier notin (back)' -o name`,
      stdout: 'configmap/a\nconfigmap/c\n',
    },
    { line: `get cm -l 'app,!tier,app!=db' -o name`, stdout: 'configmap/a\n' },
    { line: 'get cm -l app==db -o name', stdout: 'configmap/c\n' },
    { line: 'get cm --field-selector=metadata.name=b -o name', stdout: 'configmap/b\n' },
    {
      line: 'get cm -l app --field-selector=metadata.name!=b -o name',
      stdout: 'configmap/a\nconfigmap/c\n',
    },
    {
      line: 'get workloaddefinitions --field-selector=spec.yaml=x',
      code: 1,
      stderr: /^Error from server \(BadRequest\): .* field label not supported: spec\.yaml/,
    },
    {
      line: 'get cm -A --field-selector=metadata.namespace=get -l app -o name',
      stdout: 'configmap/a\nconfigmap/b\nconfigmap/c\n',
    },
    { line: 'get cm -A -l app=db', stdout: /^NAMESPACE +NAME +DATA +AGE\nget +c +1/ },
    {
      line: 'get cm -l app --chunk-size=1 -o name',
      stdout: 'configmap/a\nconfigmap/b\nconfigmap/c\n',
    },
    {
      line: 'get cm -l app --show-labels',
      stdout: /^NAME +DATA +AGE +LABELS\na +1 +\d+s +app=web\nb +1 +\d+s +app=web,tier=back\n/,
    },
    { line: 'get cm -l app -L tier,app', stdout: /^NAME +DATA +AGE +TIER +APP\n/ },
    {
      line: 'get cm -l app --label-columns=tier --no-headers',
      stdout: /^a +1 +\d+s +\nb +1 +\d+s +back\n/,
    },
    { line: 'get cm a --show-kind', stdout: /^NAME +DATA +AGE\nconfigmap\/a / },
    {
      line: 'get cm a -o yaml --show-managed-fields',
      stdout: /\n {2}managedFields:\n {2}- apiVersion: v1\n {4}fieldsType: FieldsV1\n/,
      ours: 'the order of fields is that of versions',
    },
    { line: 'get cm a b -o name', stdout: 'configmap/a\nconfigmap/b\n' },
    {
      line: 'get cm/a workloaddefinition/web -o name',
      stdout: 'configmap/a\nworkloaddefinition.workload.threeport.io/web\n',
    },
    { line: 'get -f - -o name', stdin: configMap('a', {}), stdout: 'configmap/a\n' },
    {
      line: 'get cm a --output-watch-events --watch-only --request-timeout=1s',
      shows: 'a watch that ends',
      stdout: '',
      stderr: /.*/,
      ours: 'shows how it ends',
    },
    {
      line: 'get cm nope',
      code: 1,
      stderr: 'Error from server (NotFound): configmaps "nope" not found\n',
    },
    { line: 'get cm nope --ignore-not-found', stdout: '' },
    {
      line: 'get workloaddefinition nope',
      code: 1,
      stderr:
        'Error from server (NotFound): workloaddefinitions.workload.threeport.io "nope" not found\n',
    },
    {
      line: 'get nothings',
      code: 1,
      stderr: `error: the server doesn't have a resource type "nothings"\n`,
    },
    { line: 'get cm -l app=none', stdout: '', stderr: 'No resources found in get namespace.\n' },
    { line: 'get cm -l "a b"', code: 1, stderr: /BadRequest.*a b/ },
    {
      line: 'get workloaddef web -o name',
      shows: 'a short name',
      stdout: 'workloaddefinition.workload.threeport.io/web\n',
    },
    {
      line: 'get workloaddefinitions.v1alpha1.workload.threeport.io web -o name',
      shows: 'a full name',
      stdout: 'workloaddefinition.workload.threeport.io/web\n',
    },
    {
      line: 'get threeport -o name',
      shows: 'a category',
      ours: 'a runtime is there',
      stdout: /workloaddefinition\.workload\.threeport\.io\/web\n/,
    },
    {
      line: 'get all -o name',
      stdout: /workloaddefinition\.workload\.threeport\.io\/web\n/,
      ours: 'Kubernetes has kinds of its own in it',
    },
    { line: 'get ns get', stdout: /^NAME +STATUS +AGE\nget +Active +\d+s\n$/ },
    {
      line: 'get cm -l app=db --watch --output-watch-events',
      endless: true,
      meanwhile: ['label cm c seen=yes', 'label cm c app=gone --overwrite'],
      stdout: /^EVENT +NAME +DATA +AGE\nADDED +c [\s\S]*\nMODIFIED +c [\s\S]*\nDELETED +c /,
    },
    {
      line: 'get workloaddefinition web -w -o name',
      endless: true,
      meanwhile: ['annotate workloaddefinition web seen=yes'],
      stdout: /^(?:workloaddefinition\.workload\.threeport\.io\/web\n){2}$/,
    },
  ],
};
