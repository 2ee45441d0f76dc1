import { expect } from 'chai';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ApiObject } from 'threeport/sdk';
import type { Extension } from 'threeport/simulation';
import {
  conformanceCases,
  formatFinding,
  simulateSeed,
  verifyReconcilers,
} from 'threeport/simulation';
import type { Website } from './website.js';
import { partsOf } from './website.js';
import { websiteReconciler } from './website-reconciler.js';

const SEEDS = Number(process.env['SEEDS'] ?? 20);

/** Tests run in dist/. */
const folder = import.meta.dirname.replace(/\/dist\b/, '');
const crd = await readFile(join(folder, 'crd.yaml'), 'utf8');

const website: Extension = {
  crd,
  reconciler: websiteReconciler,
  object: (name, turn, runtime) => ({
    apiVersion: 'example.com/v1alpha1',
    kind: 'Website',
    metadata: { name },
    spec: { image: `nginx:1.${turn}`, replicas: 1 + (turn % 3), runtime },
  }),
  complaints(websites, cluster) {
    const wanted = (websites as Website[]).flatMap(partsOf).map(seen).toSorted();
    const found = cluster.map(seen).toSorted();
    return `${wanted}` === `${found}` ? [] : [`the cluster has [${found}] in place of [${wanted}]`];
  },
};

/** What of a part must be as the website says. */
function seen({ kind, metadata, spec }: ApiObject): string {
  const { replicas, template, ports } = spec as {
    replicas?: number;
    template?: { spec: { containers: { image: string }[] } };
    ports?: { port: number }[];
  };
  const [container] = template?.spec.containers ?? [];
  return `${kind} ${metadata.name} ${replicas ?? ''} ${container?.image ?? ''} ${ports?.[0]?.port ?? ''}`;
}

describe('the reconciler of websites', function () {
  this.timeout(120_000);

  it('reaches the world by its ports alone', async () => {
    const { findings } = await verifyReconcilers([join(folder, 'website-reconciler.ts')]);
    expect(findings.map(formatFinding)).to.deep.equal([]);
  });

  for (const { name, run } of conformanceCases(website)) it(name, run);

  it(`ends ${SEEDS} stories as they should end`, async () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const { violations } = await simulateSeed(website, seed);
      expect(violations, `seed ${seed}`).to.deep.equal([]);
    }
  });

  it('ends the same story the same way', async () => {
    const [one, other] = [await simulateSeed(website, 3), await simulateSeed(website, 3)];
    expect(other.digest).to.equal(one.digest);
  });
});
