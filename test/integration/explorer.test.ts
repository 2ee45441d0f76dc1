import { expect } from 'chai';
import type { KindDefinition } from '../../sdk/api/kind.js';
import { kinds, workloadDefinitionKind } from '../../sdk/api/zz_generated.kinds.js';
import type { ApiAnswer, ApiWorld } from '../support/api-world.js';
import { startApiWorld } from '../support/api-world.js';

const HOSTILE = '<script>alert(1)</script>"\'&';
const hostileKind: KindDefinition = {
  ...workloadDefinitionKind,
  group: 'hostile.example.com',
  kind: 'Hostile',
  plural: 'hostiles',
  singular: 'hostile',
  shortNames: [],
  description: HOSTILE,
  schema: {
    type: 'object',
    properties: {
      [HOSTILE]: {
        type: 'string',
        description: HOSTILE,
        enum: [HOSTILE],
        default: HOSTILE,
        pattern: HOSTILE,
      },
    },
  },
};

describe('the explorer at /docs', () => {
  let world: ApiWorld;

  before(async () => (world = await startApiWorld({ kinds: [...kinds, hostileKind] })));
  after(() => world.stop());

  async function page(path: string, status = 200): Promise<string> {
    const answer: ApiAnswer = await world.call('GET', path, { as: 'stranger' });
    expect(answer.status, path).to.equal(status);
    expect(answer.headers['content-type']).to.equal('text/html; charset=utf-8');
    expect(answer.headers['content-security-policy']).to.match(/^default-src 'none'; /);
    return String(answer.body);
  }

  it('shows every kind, and every link on every page leads somewhere', async () => {
    const index = await page('/docs');
    const links = new Set([...index.matchAll(/href="([^"]+)"/g)].map(([, link]) => link ?? ''));
    for (const { kind } of kinds) expect(index).to.include(`>${kind}</a>`);
    expect([...links].filter((link) => link.startsWith('/docs/'))).to.have.length.greaterThan(15);
    for (const link of links) {
      expect((await world.call('GET', link, { as: 'stranger' })).status, link).to.equal(200);
    }
  });

  it('shows fields with types and descriptions, verbs and paths', async () => {
    const workload = await page('/docs/workload.threeport.io/v1alpha1/Workload');
    expect(workload).to.include('Name of the KubernetesRuntimeInstance.');
    expect(workload).to.match(
      /<span class="name">conditions<\/span>\s*<span class="type">\[\]Object/,
    );
    expect(workload).to.include(
      '/apis/workload.threeport.io/v1alpha1/namespaces/{namespace}/workloads/{name}/status',
    );
    const map = await page('/docs/core/v1/ConfigMap');
    expect(map).to.match(
      /<span class="name">data<\/span>\s*<span class="type">map\[string\]string/,
    );
    expect(await page('/docs/authorization.k8s.io/v1/SubjectAccessReview')).to.include('create');
  });

  it('shows what a schema says as text, whatever it says', async () => {
    for (const path of ['/docs', '/docs/hostile.example.com/v1alpha1/Hostile']) {
      const text = await page(path);
      expect(text, path).to.not.include('<script');
      expect(text, path).to.include('&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;');
    }
  });

  it('loads nothing but its own stylesheet', async () => {
    const text = await page('/docs');
    expect(text).to.not.match(/<script|<img|<iframe|\son\w+=|\sstyle=|https?:/);
    const style = await world.call('GET', '/docs/style.css', { as: 'stranger' });
    expect(style.headers['content-type']).to.match(/^text\/css/);
    expect(style.body).to.not.match(/url\(|@import/);
  });

  for (const path of [
    '/docs/core/v1/Nothing',
    '/docs/nothing/v1/Nothing',
    '/docs/core/v9/Secret',
    '/docs/core/v1/constructor',
    '/docs/a%2f..%2f/v1/%3Cscript%3E',
  ]) {
    it(`has no page at ${path}`, async () => {
      expect(await page(path, 404)).to.not.include('<script');
    });
  }

  it('is for those who may read discovery', async () => {
    expect((await world.call('GET', '/docs', { as: '' })).status).to.equal(401);
  });
});
