import { createHash } from 'node:crypto';

import type { KubePort } from '../ports/kube-port.js';
import { createKubePort } from './kube-port.js';
import type { KubeTransport, KubeTransportOptions } from './kube-transport.js';
import { createKubeTransport } from './kube-transport.js';

/** The clusters that this process talks to: one port, with its connections, per kubeconfig text. */
export interface KubeClusters {
  /**
   * The cluster that the kubeconfig reaches; the same port for the same text. Does no I/O.
   *
   * @throws ApiError Invalid when the text is no usable kubeconfig; the message never quotes it.
   */
  kube(kubeconfig: string): KubePort;
  /** Closes all connections. Idempotent. */
  close(): void;
}

interface Entry {
  readonly transport: KubeTransport;
  readonly port: KubePort;
}

/** Keeps the `maxClusters` used last (default 256); the connections of the others are closed. */
export function createKubeClusters(
  options: KubeTransportOptions & { readonly maxClusters?: number } = {},
): KubeClusters {
  const maxClusters = options.maxClusters ?? 256;
  // A Map keeps insertion order: the first entry is the one whose last use is longest ago.
  const entries = new Map<string, Entry>();

  return {
    kube: (kubeconfig) => {
      const key = createHash('sha256').update(kubeconfig).digest('base64');
      const entry = entries.get(key) ?? openCluster(kubeconfig, options);
      entries.delete(key);
      entries.set(key, entry);
      for (const [oldKey, old] of entries) {
        if (entries.size <= maxClusters) break;
        entries.delete(oldKey);
        old.transport.close();
      }
      return entry.port;
    },
    close: () => {
      for (const { transport } of entries.values()) transport.close();
      entries.clear();
    },
  };
}

function openCluster(kubeconfig: string, options: KubeTransportOptions): Entry {
  const transport = createKubeTransport(kubeconfig, options);
  return { transport, port: createKubePort(transport) };
}
