import type { ApiObject, ReconciledObject, StoredApiObject } from 'threeport/sdk';

/** As crd.yaml has it. */
export interface WebsiteSpec {
  readonly image: string;
  readonly replicas: number;
  readonly runtime: string;
}

export interface WebsiteStatus {
  url?: string;
  readyReplicas?: number;
}

export type Website = ReconciledObject<WebsiteSpec, WebsiteStatus>;

/** What a website is made of in its cluster, in the order in which it is applied. */
export function partsOf({ metadata, spec }: Website): readonly [ApiObject, ApiObject] {
  // The same at every try, and nobody else's.
  const name = `${metadata.name}-${metadata.uid.slice(0, 8)}`;
  const labels = { 'websites.example.com/uid': metadata.uid };
  const at = { name, namespace: 'default', labels };
  const containers = [{ name: 'web', image: spec.image, ports: [{ containerPort: 80 }] }];
  return [
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: at,
      spec: {
        replicas: spec.replicas,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers } },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: at,
      spec: { selector: labels, ports: [{ port: 80, targetPort: 80 }] },
    },
  ];
}

/** None while the Deployment's controller has not seen the newest spec. */
export function readyReplicasOf({ metadata, status }: StoredApiObject): number {
  const { observedGeneration, readyReplicas = 0 } = (status ?? {}) as {
    observedGeneration?: number;
    readyReplicas?: number;
  };
  return observedGeneration === metadata.generation ? readyReplicas : 0;
}
