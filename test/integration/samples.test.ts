import { readdir, readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { loadAll } from 'js-yaml';
import type { ApiObject } from '../../sdk/api/object.js';
import { KindRegistry } from '../../sdk/api/registry.js';
import { kinds } from '../../sdk/api/zz_generated.kinds.js';
import type { Manifests } from '../../sdk/api/zz_generated.types.js';
import { parseManifests } from '../../reconcilers/workload/manifests.js';

const registry = new KindRegistry(kinds);

describe('every sample', () => {
  it('is of kinds that Threeport has, with manifests that can be read', async () => {
    const files = await readdir('samples');
    expect(files).to.include.members(['wordpress.yaml', 'nginx.yaml', 'broken-image.yaml']);
    for (const file of files.filter((name) => name.endsWith('.yaml'))) {
      for (const object of loadAll(await readFile(`samples/${file}`, 'utf8')) as ApiObject[]) {
        expect(registry.findFor(object), `${file}: ${object.kind}`).to.not.equal(undefined);
        if (object.kind === 'WorkloadInstance') continue;
        expect(parseManifests(object.spec as Manifests), file).to.not.have.length(0);
      }
    }
  });
});
