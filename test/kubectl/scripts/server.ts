import type { KubectlScript } from '../kubectl-line.js';

/** Of a kind that is always there, though this one is not. */
const OWNER = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  name: 'none',
  uid: '0f3f1d6c-1111-4222-8333-444455556666',
};

export const server: KubectlScript = {
  title: 'the server',
  lines: [
    { line: 'version', stdout: /Server Version: v1\.\d+\.\d+/, ours: 'another version' },
    { line: 'version -o json', stdout: /"serverVersion": \{/, ours: 'another version' },
    {
      line: 'api-versions',
      stdout:
        /^(?=[\s\S]*^workload\.threeport\.io\/v1alpha1$)(?=[\s\S]*^v1$)(?=[\s\S]*^events\.k8s\.io\/v1$)(?=[\s\S]*^coordination\.k8s\.io\/v1$)(?=[\s\S]*^authorization\.k8s\.io\/v1$)(?=[\s\S]*^authentication\.k8s\.io\/v1$)/m,
      ours: 'another set',
    },
    {
      line: 'api-resources --api-group=workload.threeport.io --no-headers',
      stdout:
        /^workloaddefinitions +workloaddef +workload\.threeport\.io\/v1alpha1 +true +WorkloadDefinition$/m,
      ours: 'fewer kinds',
    },
    {
      line: 'api-resources --api-group=kubernetes.threeport.io --namespaced=false -o name',
      stdout: /^kubernetesruntimedefinitions\.kubernetes\.threeport\.io$/m,
      ours: 'fewer kinds',
    },
    {
      line: 'api-resources --verbs=list,watch --categories=threeport -o name',
      stdout: /^workloads\.workload\.threeport\.io$/m,
      ours: 'fewer kinds',
    },
    {
      line: 'api-resources -o wide --api-group=authorization.k8s.io --no-headers',
      stdout:
        /^selfsubjectaccessreviews +authorization\.k8s\.io\/v1 +false +SelfSubjectAccessReview +create +$/m,
      ours: 'v1.20 serves v1beta1 too',
    },
    { line: 'config current-context', stdout: 'threeport\n', ours: 'another context' },
    { line: 'auth can-i create workloads.workload.threeport.io', stdout: 'yes\n' },
    { line: 'auth can-i delete namespaces --all-namespaces', stdout: 'yes\n', stderr: /.*/ },
    { line: 'auth can-i get /healthz', stdout: 'yes\n' },
    {
      line: 'auth can-i --list',
      stdout: /^Resources +Non-Resource URLs +Resource Names +Verbs\n/,
      ours: 'other rules',
    },
    {
      line: 'auth can-i list secrets --as=nobody',
      shows: 'in the name of somebody else',
      code: 1,
      stdout: 'no\n',
    },
    { line: 'auth can-i list secrets --as=nobody --as-group=system:masters', stdout: 'yes\n' },
    {
      line: 'get secrets --as=nobody',
      code: 1,
      stderr:
        /^Error from server \(Forbidden\): secrets is forbidden: User "nobody" cannot list resource "secrets" in API group "" in the namespace "the-server"\n$/,
    },
    {
      line: 'auth whoami',
      stdout:
        /^ATTRIBUTE +VALUE\nUsername +\S+\nGroups +\[system:masters system:authenticated\]\n$/,
      ours: 'v1.20 has no SelfSubjectReview',
    },
    {
      line: 'auth whoami -o jsonpath={.status.userInfo.username}',
      stdout: /^\S+$/,
      ours: 'v1.20 has no SelfSubjectReview',
    },
    { line: 'get --raw /healthz', stdout: 'ok' },
    { line: 'get --raw /livez', stdout: 'ok' },
    { line: 'get --raw /livez/ping', stdout: 'ok' },
    {
      line: 'get --raw /readyz?verbose',
      stdout: /^\[\+\]ping ok\n[\s\S]*readyz check passed\n$/,
      ours: 'other checks',
    },
    { line: 'get --raw /healthz/nothing', code: 1, stderr: /NotFound/ },
    { line: 'get --raw /version', stdout: /"gitVersion":"v1\./, ours: 'another version' },
    { line: 'get --raw /openapi/v2', stdout: /^\{"swagger":"2\.0"/, ours: 'other kinds' },
    {
      line: 'get --raw /openapi/v3',
      stdout:
        /"apis\/workload\.threeport\.io\/v1alpha1":\{"serverRelativeURL":"\/openapi\/v3\/apis\/workload\.threeport\.io\/v1alpha1\?hash=[0-9A-F]+"\}/,
      ours: 'v1.20 has none',
    },
    { line: 'get --raw /apis/workload.threeport.io', stdout: /"kind":"APIGroup"/ },
    {
      line: 'get --raw /nothing',
      code: 1,
      stderr: 'Error from server (NotFound): the server could not find the requested resource\n',
    },
    { line: 'top pods', code: 1, stderr: 'error: Metrics API not available\n' },
    { line: 'create token default', code: 1, stderr: /.+/, ours: 'no token is given out' },
    {
      line: 'cluster-info',
      stdout: /Kubernetes control plane.* is running at /,
    },
    {
      line: 'cluster-info dump',
      stdout: /^\{\n +"kind": "NodeList"[\s\S]*"kind": "EventList"[\s\S]*"kind": "PodList"/,
      ours: 'other events',
    },
    {
      line: 'api-resources --verbs=list --cached=false -o name',
      stdout: /^configmaps\n[\s\S]*^services\n/m,
      ours: 'fewer kinds',
    },
    { line: 'get all', stdout: '', stderr: 'No resources found in the-server namespace.\n' },
    {
      line: 'get pods,services',
      shows: 'a control plane runs nothing itself',
      stdout: '',
      stderr: 'No resources found in the-server namespace.\n',
    },
    {
      line: 'get pod web',
      code: 1,
      stderr: 'Error from server (NotFound): pods "web" not found\n',
    },
    {
      line: 'create deployment web --image=nginx',
      code: 1,
      stderr:
        /there are no deployments here: a control plane runs nothing itself; put the Deployment into a Workload/,
      ours: 'a real one has them',
    },
    { line: 'logs web', code: 1, stderr: /pods "web" not found/ },
    { line: 'exec web -- ls', code: 1, stderr: /pods "web" not found/ },
    { line: 'attach web', code: 1, stderr: /pods "web" not found/ },
    { line: 'port-forward web 8080', code: 1, stderr: /pods "web" not found/ },
    { line: 'cordon here', code: 1, stderr: /nodes "here" not found/ },
    { line: 'drain here', code: 1, stderr: /nodes "here" not found/ },
    { line: 'taint nodes here a=b:NoSchedule', code: 1, stderr: /nodes "here" not found/ },
    { line: 'expose deployment web', code: 1, stderr: /deployments\.apps "web" not found/ },
    {
      line: 'autoscale deployment web --max=3',
      code: 1,
      stderr: /deployments\.apps "web" not found/,
    },
    { line: 'set image deployment/web a=b', code: 1, stderr: /deployments\.apps "web" not found/ },
    { line: 'rollout status deployment/web', code: 1, stderr: /deployments\.apps "web" not found/ },
    {
      line: 'certificate approve me',
      code: 1,
      stderr: 'error: the server doesn\'t have a resource type "certificatesigningrequests"\n',
      ours: 'a real one has them',
    },
    { line: 'top nodes', code: 1, stderr: 'error: Metrics API not available\n' },
    { line: 'plugin list', code: 1, stderr: /unable to find any kubectl plugins/ },
    {
      line: 'get --raw /',
      stdout: /^\{\s*"paths": ?\[\s*"\/[\s\S]*"\/api\/v1"/,
      ours: 'other paths',
    },
    {
      line: 'get --raw /metrics',
      stdout:
        /^# TYPE apiserver_request_total counter\n[\s\S]*^apiserver_request_duration_seconds_bucket\{/m,
      ours: 'other numbers',
    },
    { line: 'get --raw /metrics --as=nobody', code: 1, stderr: /cannot get path "\/metrics"/ },
    {
      line: 'get --raw /metrics --as=prometheus --as-group=system:monitoring',
      stdout: /apiserver_longrunning_requests/,
      ours: 'other numbers',
    },
    {
      line: 'explain configmap.data --output=plaintext-openapiv2',
      shows: 'as older clients ask',
      stdout: /^KIND: +ConfigMap\nVERSION: +v1\n/,
      ours: 'other words',
    },
  ],
};

export const events: KubectlScript = {
  title: 'events',
  lines: [
    {
      line: 'create -f -',
      stdin: {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name: 'one' },
        involvedObject: { kind: 'ConfigMap', name: 'conf', namespace: 'events', apiVersion: 'v1' },
        reason: 'Odd',
        message: 'it is odd',
        type: 'Warning',
        lastTimestamp: '2026-01-01T00:00:00Z',
        firstTimestamp: '2026-01-01T00:00:00Z',
        count: 3,
        source: { component: 'test' },
      },
      stdout: 'event/one created\n',
    },
    { line: 'events', stdout: /^LAST SEEN[\s\S]*Warning +Odd +ConfigMap\/conf +it is odd\n$/ },
    { line: 'events --for configmap/conf --types=Warning', stdout: /it is odd/ },
    { line: 'events --types=Normal', stdout: '', stderr: /No events found/ },
    { line: 'events -A --no-headers', stdout: /^events +.*it is odd$/m, ours: 'there are others' },
    {
      line: 'get events',
      stdout:
        /^LAST SEEN +TYPE +REASON +OBJECT +MESSAGE\n\S+ +Warning +Odd +configmap\/conf +it is odd\n$/,
    },
    {
      line: 'get events.v1.events.k8s.io',
      shows: 'the other view',
      stdout:
        /^LAST SEEN +TYPE +REASON +OBJECT +MESSAGE\n\S+ +Warning +Odd +configmap\/conf +it is odd\n$/,
    },
    {
      line: 'get events.v1.events.k8s.io one -o jsonpath={.note}/{.regarding.name}/{.deprecatedCount}',
      stdout: 'it is odd/conf/3',
    },
    {
      line: 'get events --field-selector=involvedObject.name=conf,type=Warning -o name',
      stdout: 'event/one\n',
    },
    { line: 'describe events', stdout: /Reason: +Odd/, ours: 'self links' },
    {
      line: 'create -f -',
      shows: 'through the newer group',
      stdin: {
        apiVersion: 'events.k8s.io/v1',
        kind: 'Event',
        metadata: { name: 'two' },
        regarding: { kind: 'ConfigMap', name: 'conf', namespace: 'events', apiVersion: 'v1' },
        reason: 'New',
        note: 'it is new',
        type: 'Normal',
        action: 'Made',
        eventTime: '2026-01-01T00:00:00.000000Z',
        reportingController: 'test.io/c',
        reportingInstance: 'c-1',
      },
      stdout: 'event.events.k8s.io/two created\n',
      after: [
        [
          'get events two -o jsonpath={.message}/{.involvedObject.name}/{.reportingComponent}',
          'it is new/conf/test.io/c',
        ],
      ],
    },
    { line: 'delete events --all', stdout: 'event "one" deleted\nevent "two" deleted\n' },
  ],
};

export const standardKinds: KubectlScript = {
  title: 'standard kinds',
  lines: [
    {
      line: 'wait --for=create serviceaccount/default --timeout=20s',
      shows: 'each namespace has one',
      stdout: 'serviceaccount/default condition met\n',
    },
    { line: 'delete serviceaccount default', stdout: 'serviceaccount "default" deleted\n' },
    {
      line: 'wait --for=create serviceaccount/default --timeout=20s',
      shows: 'it comes back',
      stdout: 'serviceaccount/default condition met\n',
    },
    {
      line: 'create -f -',
      shows: 'an owner that is named twice',
      stdin: {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'owned', ownerReferences: [OWNER, OWNER] },
      },
      stdout: 'configmap/owned created\n',
      stderr:
        'Warning: .metadata.ownerReferences contains duplicate entries; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: 0f3f1d6c-1111-4222-8333-444455556666\n',
    },
    { line: 'create serviceaccount robot', stdout: 'serviceaccount/robot created\n' },
    {
      line: 'get sa robot',
      stdout: /^NAME +SECRETS +AGE\nrobot +\d +\d+s\n$/,
      ours: 'v1.20 makes a token Secret',
    },
    {
      line: 'create -f -',
      stdin: {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { name: 'leader' },
        spec: { holderIdentity: 'me', leaseDurationSeconds: 15 },
      },
      stdout: 'lease.coordination.k8s.io/leader created\n',
    },
    { line: 'get leases', stdout: /^NAME +HOLDER +AGE\nleader +me +\d+s\n$/ },
    {
      line: `patch lease leader -p '{"spec":{"holderIdentity":"you","leaseTransitions":1}}'`,
      stdout: 'lease.coordination.k8s.io/leader patched\n',
    },
    {
      line: `patch lease leader -p '{"spec":{"leaseDurationSeconds":0}}'`,
      code: 1,
      stderr:
        'The Lease "leader" is invalid: spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0\n',
    },
    {
      line: 'explain lease.spec.holderIdentity',
      stdout: /FIELD: holderIdentity <string>/,
      ours: 'v1.20 has OpenAPI v2 only',
    },
  ],
};

/** The cluster that workloads run in: the same machinery, the kinds of Kubernetes. */
export const sandbox: KubectlScript = {
  title: 'sandbox',
  lines: [
    {
      line: 'create namespace sandbox --context=sandbox',
      stdout: 'namespace/sandbox created\n',
      ours: 'only ours has two contexts',
    },
    {
      line: 'create deployment web --image=nginx --context=sandbox',
      stdout: 'deployment.apps/web created\n',
      ours: 'as above',
    },
    {
      line: 'rollout status deployment/web --context=sandbox --timeout=20s',
      stdout: /successfully rolled out\n$/,
      ours: 'as above',
    },
    {
      line: 'scale deployment web --replicas=2 --context=sandbox',
      stdout: 'deployment.apps/web scaled\n',
      ours: 'as above',
      after: [['get deployment web --context=sandbox -o jsonpath={.spec.replicas}', '2']],
    },
    {
      line: 'scale deployment web --current-replicas=5 --replicas=3 --context=sandbox',
      code: 1,
      stderr: /Expected replicas to be 5, was 2/,
      ours: 'as above',
    },
    {
      line: 'wait --for=condition=Available deployment/web --context=sandbox --timeout=20s',
      stdout: 'deployment.apps/web condition met\n',
      ours: 'as above',
    },
    {
      line: 'delete deployment web --context=sandbox',
      stdout: 'deployment.apps "web" deleted\n',
      ours: 'as above',
    },
  ],
};
