import { expect } from 'chai';
import { eventually } from '../support/eventually.js';
import type { Plane } from '../support/plane.js';
import { startPlane, writeManifest } from '../support/plane.js';
import { deleteWorkload, workload } from '../support/workloads.js';
describe('bad input to the embedded control plane', function () {
  this.timeout(60_000);
  let plane: Plane;

  before(async () => {
    plane = await startPlane();
  });
  after(() => plane?.remove());

  const badInputs: { name: string; reason: string; text: string; want: RegExp }[] = [
    {
      name: 'YAML that does not parse',
      reason: 'file and line',
      text: 'apiVersion: v1\nkind: [\n',
      want: /bad\.yaml:\d+: not valid YAML/,
    },
    {
      name: 'aliases that multiply to gigabytes',
      reason: 'before anything is built of them',
      text: `${['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i']
        .map(
          (key, i, keys) =>
            `${key}: &${key} [${Array(10)
              .fill(i === 0 ? 'x' : `*${keys[i - 1]}`)
              .join()}]`,
        )
        .join('\n')}\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n`,
      want: /bad\.yaml:1: larger than \d+ bytes once its aliases are expanded/,
    },
    {
      name: 'one object declared in two ways',
      reason: 'both places',
      text: ['a', 'b']
        .map((v) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata: {v: ${v}}\n`)
        .join('---\n'),
      want: /bad\.yaml:6: configmap\/x is declared otherwise in .*bad\.yaml:1/,
    },
    {
      name: 'an unknown kind',
      reason: 'the near matches',
      text: 'apiVersion: workload.threeport.io/v1alpha1\nkind: Wrkload\nmetadata: {name: x}\nspec: {}\n',
      want: /bad\.yaml:1: .*no kind "Wrkload".*did you mean "Workload"/s,
    },
    {
      name: 'an unknown field',
      reason: 'its path and the near match',
      text: 'apiVersion: workload.threeport.io/v1alpha1\nkind: Workload\nmetadata: {name: x}\nspec: {manifest: []}\n',
      want: /bad\.yaml:1: .*unknown field "spec\.manifest".*manifests/s,
    },
    {
      name: 'a field of the wrong type',
      reason: 'its path and the type wanted',
      text: 'apiVersion: workload.threeport.io/v1alpha1\nkind: Workload\nmetadata: {name: x}\nspec: {runtime: 3}\n',
      want: /spec\.runtime.*string/s,
    },
    {
      name: 'a value that is not allowed',
      reason: 'the values that are',
      text: 'apiVersion: kubernetes.threeport.io/v1alpha1\nkind: KubernetesRuntimeDefinition\nmetadata: {name: x}\nspec: {provider: gke}\n',
      want: /spec\.provider.*"gke".*sandbox.*existing/s,
    },
    {
      name: 'a missing required field',
      reason: 'its path',
      text: 'apiVersion: workload.threeport.io/v1alpha1\nkind: WorkloadInstance\nmetadata: {name: x}\nspec: {runtime: sandbox}\n',
      want: /spec\.definition: Required value/,
    },
    {
      name: 'a name that is none',
      reason: 'the rule for names',
      text: 'apiVersion: workload.threeport.io/v1alpha1\nkind: Workload\nmetadata: {name: Not_A_Name}\nspec: {}\n',
      want: /metadata\.name.*Not_A_Name/s,
    },
  ];
  for (const { name, reason, text, want } of badInputs) {
    it(`refuses ${name}`, async () => {
      const file = await writeManifest(plane, 'bad.yaml', text);
      const { code, stdout, stderr } = await plane.tptctl(['apply', '-f', file]);
      expect(code, `exit code; it printed ${stdout}${stderr}`).to.equal(1);
      expect(stderr, reason).to.match(want);
      expect(stdout, 'nothing was applied').to.equal('');
      expect(stderr, 'no stack trace').to.not.match(/^\s+at /m);
    });
  }

  it('reports a name that is taken', async () => {
    const first = await plane.clientset.workloads.create(workload('taken', []));
    const answer = await plane.run(
      'kubectl',
      ['create', '-f', '-'],
      JSON.stringify(workload('taken', [])),
    );
    expect(answer.code).to.equal(1);
    expect(answer.stderr).to.match(
      /AlreadyExists.*workloads\.workload\.threeport\.io "taken" already exists/,
    );
    expect(first.metadata.name).to.equal('taken');
    await deleteWorkload(plane, 'taken');
  });

  it('says what is wrong with a kubeconfig that does not work, and never shows it', async () => {
    const marker = 'hidden-kubeconfig-marker';
    await plane.clientset.secrets.create({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'broken', namespace: 'default' },
      stringData: {
        kubeconfig: `clusters: [{name: x, cluster: {server: "https://127.0.0.1:1"}}]\nusers: [{name: x, user: {token: ${marker}}}]\ncontexts: [{name: x, context: {cluster: x, user: x}}]\ncurrent-context: x\n`,
      },
    });
    await plane.clientset.kubernetesRuntimeInstances.create({
      apiVersion: 'kubernetes.threeport.io/v1alpha1',
      kind: 'KubernetesRuntimeInstance',
      metadata: { name: 'broken' },
      spec: { definition: 'sandbox', kubeconfigSecret: { name: 'broken' } },
    });
    const status = await eventually('the runtime says why', async () => {
      const runtime = await plane.clientset.kubernetesRuntimeInstances.get({ name: 'broken' });
      return runtime.status?.conditions?.find(
        ({ type, status }) => type === 'Ready' && status === 'False',
      );
    });
    expect(status.message).to.match(/127\.0\.0\.1:1/);
    const described = await plane.tptctl(['describe', 'runtime', 'broken']);
    expect(described.stdout).to.not.include(marker);
    await plane.clientset.kubernetesRuntimeInstances.delete({ name: 'broken' });
    await plane.clientset.secrets.delete({ namespace: 'default', name: 'broken' });
  });
});
