import { expect } from 'chai';
import { createKubeClusters } from './kube-clusters.js';

const kubeconfig = (host: string): string =>
  JSON.stringify({
    'current-context': 'c',
    contexts: [{ name: 'c', context: { cluster: 'c' } }],
    clusters: [{ name: 'c', cluster: { server: `https://${host}` } }],
  });

describe('KubeClusters', () => {
  it('gives the same port for the same text, and forgets the one used longest ago', () => {
    const clusters = createKubeClusters({ maxClusters: 2 });
    const a = clusters.kube(kubeconfig('a'));
    const b = clusters.kube(kubeconfig('b'));
    expect(clusters.kube(kubeconfig('a'))).to.equal(a);
    clusters.kube(kubeconfig('c'));
    expect(clusters.kube(kubeconfig('a'))).to.equal(a);
    expect(clusters.kube(kubeconfig('b'))).to.not.equal(b);
    clusters.close();
  });

  it('says what is wrong with a kubeconfig when it is asked for', () => {
    expect(() => createKubeClusters().kube('{}')).to.throw('the kubeconfig cannot be used');
  });
});
