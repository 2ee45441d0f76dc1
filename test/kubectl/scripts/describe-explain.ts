import type { KubectlScript } from '../kubectl-line.js';
import { configMap, definition } from './objects.js';

export const describeAndExplain: KubectlScript = {
  title: 'describe and explain',
  lines: [
    {
      line: 'create -f -',
      stdin: [definition('web', '# one'), configMap('conf', { key: 'value' })],
      stdout: /created/,
    },
    { line: 'create secret generic pw --from-literal=password=hunter2', stdout: /created/ },
    {
      line: 'describe workloaddefinition web',
      stdout:
        /^Name: +web\nNamespace: +describe-and-explain\n[\s\S]*Yaml: +# one\nEvents: +<none>\n$/,
    },
    { line: 'describe cm conf', stdout: /^Name: +conf\n[\s\S]*key:\n----\nvalue\n/ },
    { line: 'describe secret pw', shows: 'never the value', stdout: /password: +7 bytes/ },
    {
      line: 'describe ns describe-and-explain',
      stdout:
        /^Name: +describe-and-explain\nLabels: +kubernetes\.io\/metadata\.name=describe-and-explain\n[\s\S]*Status: +Active\n/,
      ours: 'v1.20 sets no label',
    },
    {
      line: 'explain workloaddefinition',
      stdout:
        /^GROUP: +workload\.threeport\.io\nKIND: +WorkloadDefinition\nVERSION: +v1alpha1\n[\s\S]*spec\t<Object> -required-/,
      ours: 'v1.20 has OpenAPI v2 only',
    },
    {
      line: 'explain workload.spec.runtime',
      stdout: /FIELD: runtime <string>[\s\S]*runtime marked/,
      ours: 'another kind',
    },
    {
      line: 'explain workload --recursive',
      stdout: /conditions\t<\[\]Object>\n\s+lastTransitionTime\t<string> -required-/,
      ours: 'another kind',
    },
    {
      line: 'explain workload.metadata.ownerReferences',
      stdout: /FIELD: ownerReferences <\[\]Object>/,
      ours: 'another kind',
    },
    {
      line: 'explain configmap.data',
      stdout: /FIELD: data <map\[string\]string>/,
      ours: 'v1.20 has OpenAPI v2 only',
    },
    {
      line: 'explain kubernetesruntimedefinition.spec.provider',
      stdout: /ENUM:\n +sandbox\n +existing\n/,
      ours: 'v1.20 has OpenAPI v2 only',
    },
    {
      line: 'explain workloaddefinition --output=plaintext-openapiv2',
      shows: 'as older clients do',
      ours: 'says other words of the metadata',
      stdout:
        /^KIND: +WorkloadDefinition\nVERSION: +workload\.threeport\.io\/v1alpha1\n[\s\S]*spec\t<Object> -required-/,
    },
    {
      line: 'explain workloaddefinition.spec.manifests --output=plaintext-openapiv2 --recursive',
      shows: 'nothing of fields that may have others beside them',
      stdout: /^KIND: +WorkloadDefinition\nVERSION[^]*manifests/,
    },
    {
      line: 'explain workloaddefinition --api-version=workload.threeport.io/v1alpha1',
      stdout: /VERSION: +v1alpha1/,
      ours: 'v1.20 has OpenAPI v2 only',
    },
    {
      line: 'explain workloaddefinition.nothing',
      ours: 'v1.20 has OpenAPI v2 only',
      code: 1,
      stderr: /field "nothing" does not exist/,
    },
  ],
};
