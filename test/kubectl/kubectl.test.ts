import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  kubernetesRuntimeDefinitionKind,
  workloadDefinitionKind,
  workloadReportKind,
} from '../../sdk/api/zz_generated.kinds.js';
import { crdOfKind } from '../support/crd-of-kind.js';
import type { Plane } from '../support/plane.js';
import { startPlane } from '../support/plane.js';
import type { RealCluster } from '../support/real-cluster.js';
import { startRealCluster } from '../support/real-cluster.js';
import { comparableOutput } from './comparable-output.js';
import type { KubectlCluster } from './kubectl-cluster.js';
import { openKubectlCluster } from './kubectl-cluster.js';
import type { KubectlLine } from './kubectl-line.js';
import { kubectlScripts } from './scripts/index.js';

const KINDS = [workloadDefinitionKind, workloadReportKind, kubernetesRuntimeDefinitionKind];
/** An editor that changes one text, as somebody at the keyboard would. */
const EDITOR = '#!/bin/sh\nsed -i "s/${EDIT_FROM}/${EDIT_TO}/" "$1"\n';

/**
 * The real kubectl, unmodified, against a whole control plane. Each line runs at the same time
 * against a real kube-apiserver, where there is one, with CustomResourceDefinitions of the same
 * schema: both must end the same way and print the same.
 */
describe('kubectl', function () {
  this.timeout(120_000);
  let dir: string;
  let plane: Plane | undefined;
  let real: RealCluster | undefined;
  let ours: KubectlCluster;
  let theirs: KubectlCluster | undefined;

  before(async function () {
    const hasKubectl = await promisify(execFile)('kubectl', ['version', '--client']).catch(
      () => undefined,
    );
    if (hasKubectl === undefined) {
      console.log('    skipped: there is no kubectl on this machine');
      this.skip();
    }
    dir = await mkdtemp(join(tmpdir(), 'threeport-kubectl-'));
    const editor = join(dir, 'editor');
    await writeFile(editor, EDITOR, { mode: 0o755 });
    const env = { KUBE_EDITOR: editor, KUBECTL_APPLYSET: 'true' };
    [plane, real] = await Promise.all([startPlane(), startRealCluster('kubectl')]);
    ours = await openKubectlCluster({
      kubeconfigFile: plane.kubeconfigFile,
      dir: join(dir, 'ours'),
      env,
    });
    if (real === undefined) return;
    const { kubeconfigFile } = real;
    theirs = await openKubectlCluster({ kubeconfigFile, dir: join(dir, 'theirs'), env });
    const crds = KINDS.map(crdOfKind);
    // It knows no rules in CEL: it leaves them out.
    const create = { line: 'create --validate=false -f -', stdin: crds };
    const made = await theirs.run(create, 'default');
    expect(made.code, made.stderr).to.equal(0);
    const names = KINDS.map(({ plural, group }) => `crd/${plural}.${group}`).join(' ');
    await theirs.run({ line: `wait --for=condition=Established ${names}` }, 'default');
  });

  after(async () => {
    await Promise.all([plane?.remove(), real?.stop()]);
    if (dir !== undefined) await rm(dir, { recursive: true, force: true });
  });

  for (const { title, lines } of kubectlScripts) {
    const namespace = title.replaceAll(' ', '-');
    describe(title, () => {
      before(async () => {
        const create = { line: `create namespace ${namespace}` };
        await Promise.all([ours.run(create, 'default'), theirs?.run(create, 'default')]);
      });

      for (const line of lines) {
        it(line.shows === undefined ? line.line : `${line.line}  (${line.shows})`, () =>
          runBoth(line, namespace),
        );
      }
    });
  }

  async function runBoth(line: KubectlLine, namespace: string): Promise<void> {
    const [mine, other] = await Promise.all([
      ours.run(line, namespace),
      line.ours === undefined ? theirs?.run(line, namespace) : undefined,
    ]);
    if (line.endless !== true) {
      expect(mine.code, `exit code; it printed ${mine.stdout}${mine.stderr}`).to.equal(
        line.code ?? 0,
      );
    }
    assertText('stdout', mine.stdout, line.stdout);
    assertText('stderr', mine.stderr, line.stderr ?? ((line.code ?? 0) === 0 ? '' : undefined));
    for (const [look, wanted] of line.after ?? []) {
      const seen = await ours.run({ line: look }, namespace);
      assertText(look, seen.stdout + seen.stderr, wanted);
    }
    if (other === undefined) return;
    expect(other.code, `a real one's exit code; it said ${other.stderr}`).to.equal(mine.code);
    expect(comparableOutput(mine.stdout), 'printed as by a real one').to.equal(
      comparableOutput(other.stdout),
    );
  }
});

function assertText(what: string, text: string, wanted: string | RegExp | undefined): void {
  if (typeof wanted === 'string') expect(text, what).to.equal(wanted);
  else if (wanted !== undefined) expect(text, what).to.match(wanted);
}
