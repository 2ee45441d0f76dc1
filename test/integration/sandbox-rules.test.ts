import { expect } from 'chai';
import type { SandboxFixture } from '../support/sandbox-fixture.js';
import { hasKubectl, startSandbox } from '../support/sandbox-fixture.js';

/** What a real API server answers to the same input, cluster-specific parts left out. */
const CASES: readonly { name: string; reason: string; given: string; want: readonly string[] }[] = [
  {
    name: 'selector and template differ',
    reason: 'the commonest mistake in a Deployment',
    given: `{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {replicas: -1,
      selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: other}},
      spec: {containers: [{name: A_b, image: x, ports: [{containerPort: 99999}],
      volumeMounts: [{name: nope, mountPath: /x}]}], restartPolicy: Never}}}}`,
    want: [
      'Deployment.apps "web" is invalid',
      'spec.replicas: Invalid value: -1: must be greater than or equal to 0',
      'spec.template.metadata.labels: Invalid value: {"app":"other"}: `selector` does not match template `labels`',
      'spec.template.spec.containers[0].name: Invalid value: "A_b": a lowercase RFC 1123 label must consist of',
      'spec.template.spec.containers[0].ports[0].containerPort: Invalid value: 99999: must be between 1 and 65535, inclusive',
      'spec.template.spec.containers[0].volumeMounts[0].name: Not found: "nope"',
      'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
    ],
  },
  {
    name: 'required fields are missing',
    reason: 'they come from the schema',
    given:
      '{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {template: {spec: {}}}}',
    want: ['spec.selector: Required value', 'spec.template.spec.containers: Required value'],
  },
  {
    name: 'a container without an image',
    reason: 'the schema does not require it, Kubernetes does',
    given: '{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{name: c}]}}',
    want: ['Pod "p" is invalid: spec.containers[0].image: Required value'],
  },
  {
    name: 'a field of the wrong type',
    reason: 'defaults and rules must not fail on it',
    given: '{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: abc}}',
    want: ['spec.containers'],
  },
  {
    name: 'bad ports of a Service',
    reason: 'several ports need names',
    given:
      '{apiVersion: v1, kind: Service, metadata: {name: s}, spec: {ports: [{port: 0}, {port: 99999}], type: Foo}}',
    want: [
      'spec.ports[0].name: Required value',
      'spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive',
      'spec.type: Unsupported value: "Foo": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"',
    ],
  },
  {
    name: 'a Job without restart policy',
    reason: 'it has no default there',
    given:
      '{apiVersion: batch/v1, kind: Job, metadata: {name: j}, spec: {template: {spec: {containers: [{name: a, image: b}]}}}}',
    want: ['spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"'],
  },
  {
    name: 'a claim that asks for nothing',
    reason: 'in the words of Kubernetes',
    given: '{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: c}, spec: {}}',
    want: [
      'spec.accessModes: Required value: at least 1 access mode is required',
      'spec.resources[storage]: Required value',
    ],
  },
  {
    name: 'an unknown field',
    reason: 'strict validation names its path',
    given:
      '{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{name: c, image: x, imagePullPolcy: Never}]}}',
    want: ['unknown field "spec.containers[0].imagePullPolcy"'],
  },
  {
    name: 'a namespace that is not there',
    reason: 'not created on the fly',
    given: '{apiVersion: v1, kind: ConfigMap, metadata: {name: c, namespace: nope}}',
    want: ['namespaces "nope" not found'],
  },
  {
    name: 'a bad key of a ConfigMap',
    reason: 'keys become file names',
    given: '{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {"a b": c}}',
    want: [
      'data[a b]: Invalid value: "a b": a valid config key must consist of alphanumeric characters',
    ],
  },
  {
    name: 'an unknown fault on purpose in a template',
    reason: 'ignored, it would seem to work',
    given: `{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {selector:
      {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}, annotations:
      {sandbox.threeport.io/fail: Whatever}}, spec: {containers: [{name: c, image: x}]}}}}`,
    want: [
      'spec.template.metadata.annotations[sandbox.threeport.io/fail]: Unsupported value: "Whatever": supported values: "CrashLoopBackOff", "ImagePullBackOff", "OOMKilled", "Unschedulable"',
    ],
  },
  {
    name: 'an unknown fault on purpose of a Pod',
    reason: 'its own annotations say it',
    given: `{apiVersion: v1, kind: Pod, metadata: {name: p, annotations:
      {sandbox.threeport.io/fail: ''}}, spec: {containers: [{name: c, image: x}]}}`,
    want: ['metadata.annotations[sandbox.threeport.io/fail]: Unsupported value: ""'],
  },
];

describe('sandbox: rules', function () {
  this.timeout(60_000);
  let sandbox: SandboxFixture;

  before(async function () {
    if (!(await hasKubectl())) {
      console.log('skipped: kubectl is not on PATH');
      this.skip();
    }
    sandbox = await startSandbox();
  });

  after(async () => sandbox?.stop());

  for (const { name, reason, given, want } of CASES) {
    it(`refuses ${name} (${reason})`, async () => {
      // --validate=strict is checked by the server; kubectl itself would stop at the schema.
      const url = urlOf(given);
      const response = await fetch(`${sandbox.address}${url}?fieldValidation=Strict`, {
        method: 'POST',
        headers: { 'content-type': 'application/yaml' },
        body: given,
        signal: AbortSignal.timeout(10_000),
      });
      const { message } = (await response.json()) as { message: string };
      expect(response.ok, message).to.equal(false);
      for (const part of want) expect(message).to.contain(part);
    });
  }

  const updates: readonly {
    name: string;
    given: string;
    target: string;
    patch: string;
    want: string;
  }[] = [
    {
      name: "a Deployment's selector",
      given:
        '{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "fixed"}, "spec": {"selector": {"matchLabels": {"app": "a"}}, "template": {"metadata": {"labels": {"app": "a"}}, "spec": {"containers": [{"name": "c", "image": "x"}]}}}}',
      target: 'deployment/fixed',
      patch:
        '{"spec":{"selector":{"matchLabels":{"app":"b"}},"template":{"metadata":{"labels":{"app":"b"}}}}}',
      want: 'spec.selector: Invalid value: {"matchLabels":{"app":"b"}}: field is immutable',
    },
    {
      name: "a Service's address",
      given:
        '{"apiVersion": "v1", "kind": "Service", "metadata": {"name": "fixed"}, "spec": {"ports": [{"port": 80}]}}',
      target: 'service/fixed',
      patch: '{"spec":{"clusterIP":"10.96.99.99"}}',
      want: 'spec.clusterIPs[0]: Invalid value: ["10.96.99.99"]: may not change once set',
    },
    {
      name: "a claim's access modes",
      given:
        '{"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "fixed"}, "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}',
      target: 'pvc/fixed',
      patch: '{"spec":{"accessModes":["ReadWriteMany"]}}',
      want: 'spec: Forbidden: spec is immutable after creation except resources.requests for bound claims',
    },
  ];
  for (const { name, given, target, patch, want } of updates) {
    it(`keeps ${name}`, async () => {
      await sandbox.run(['apply', '-f', '-'], given);
      const result = await sandbox.kubectl(['patch', target, '--type=merge', '-p', patch]);
      expect(result.stderr).to.contain(want);
    });
  }

  const secrets: readonly { name: string; fields: object; want: RegExp }[] = [
    { name: 'not base64', fields: { data: { p: 'hunter two' } }, want: /data\.p: Invalid value/ },
    { name: 'a number', fields: { data: { p: 8675309 } }, want: /data\.p: Invalid value/ },
    {
      name: 'text that is none',
      fields: { stringData: { p: { hunter: 8675309 } } },
      want: /stringData\.p: Invalid value/,
    },
  ];
  for (const { name, fields, want } of secrets) {
    it(`says of a Secret's value that is ${name} only where it is`, async () => {
      const { status, body } = await postSecret({ metadata: { name: 'secret' }, ...fields });
      expect(status).to.equal(422);
      expect(body.message).to.match(want);
      expect(JSON.stringify(body)).to.not.match(/hunter|8675309/);
    });
  }

  it("keeps a Secret's values as they are: there is no cipher", async () => {
    const data = { p: Buffer.from('hunter two').toString('base64') };
    const { body } = await postSecret({ metadata: { name: 'kept' }, data });
    expect(body).to.deep.include({ data });
    expect(await sandbox.get('/api/v1/namespaces/default/secrets/kept')).to.deep.include({ data });
  });

  async function postSecret(
    secret: object,
  ): Promise<{ status: number; body: { message?: string } }> {
    const response = await fetch(`${sandbox.address}/api/v1/namespaces/default/secrets`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(secret),
      signal: AbortSignal.timeout(10_000),
    });
    return { status: response.status, body: (await response.json()) as { message?: string } };
  }

  it('never gives two Services one address', async () => {
    const names = Array.from({ length: 20 }, (_item, index) => `s${index}`);
    const services = await Promise.all(
      names.map(async (name) => {
        const response = await fetch(`${sandbox.address}/api/v1/namespaces/default/services`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({
            metadata: { name },
            spec: { ports: [{ port: 80 }], type: 'NodePort' },
          }),
          signal: AbortSignal.timeout(10_000),
        });
        return (await response.json()) as {
          spec: { clusterIP: string; ports: { nodePort: number }[] };
        };
      }),
    );
    expect(new Set(services.map(({ spec }) => spec.clusterIP)).size).to.equal(names.length);
    expect(new Set(services.map(({ spec }) => spec.ports[0]?.nodePort)).size).to.equal(
      names.length,
    );
  });
});

function urlOf(manifest: string): string {
  const [, apiVersion = ''] = /apiVersion: ([^,]+),/.exec(manifest) ?? [];
  const [, kind = ''] = /kind: (\w+)/.exec(manifest) ?? [];
  const [, namespace = 'default'] = /namespace: (\w+)/.exec(manifest) ?? [];
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  return `${root}/namespaces/${namespace}/${kind.toLowerCase()}s`;
}
