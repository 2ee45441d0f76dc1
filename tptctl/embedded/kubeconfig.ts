import type { HomePaths } from './home-paths.js';
import { readFileIfExists, writeFileAtomically } from './json-file.js';

/** One cluster and the user that reaches it, under one name. */
export interface KubeconfigEntry {
  /** Name of the context, the cluster and (with `-admin`) the user. */
  readonly name: string;
  /** https URL. */
  readonly server: string;
  /** The CA's certificate, PEM. */
  readonly ca: string;
  readonly token: string;
}

interface NamedItem {
  readonly name: string;
  readonly [field: string]: unknown;
}

interface Kubeconfig {
  [field: string]: unknown;
  apiVersion: string;
  kind: string;
  clusters: NamedItem[];
  users: NamedItem[];
  contexts: NamedItem[];
  'current-context': string;
}

/** A kubeconfig whose current context is the first entry. JSON, which is YAML too. */
export function kubeconfigText(entries: readonly KubeconfigEntry[]): string {
  return `${JSON.stringify(kubeconfigOf(entries), null, 2)}\n`;
}

/**
 * Makes the home's kubeconfig hold these entries. What a person added or chose in it (other
 * clusters, the current context, a context's namespace) stays. Mode 0600. Writes only if something
 * differs.
 */
export async function ensureKubeconfig(
  paths: HomePaths,
  entries: readonly KubeconfigEntry[],
): Promise<void> {
  const wanted = kubeconfigText(entries);
  const existing = readFileIfExists(paths.kubeconfig);
  if (existing === wanted) return;
  writeFileAtomically(
    paths.kubeconfig,
    existing === undefined ? wanted : await merged(existing, entries),
  );
}

async function merged(existing: string, entries: readonly KubeconfigEntry[]): Promise<string> {
  const { load } = await import('js-yaml');
  const ours = kubeconfigOf(entries);
  let theirs: Partial<Kubeconfig>;
  try {
    theirs = (load(existing) ?? {}) as Partial<Kubeconfig>;
  } catch {
    // What nobody can read is of no use to keep.
    theirs = {};
  }
  const contexts = ours.contexts.map((context) => {
    const known = theirs.contexts?.find(({ name }) => name === context.name);
    const settings = { ...(known?.['context'] as object), ...(context['context'] as object) };
    return { ...context, context: settings };
  });
  const result: Kubeconfig = {
    ...theirs,
    ...ours,
    clusters: [...ours.clusters, ...othersIn(theirs.clusters, ours.clusters)],
    users: [...ours.users, ...othersIn(theirs.users, ours.users)],
    contexts: [...contexts, ...othersIn(theirs.contexts, ours.contexts)],
  };
  const chosen = theirs['current-context'];
  if (result.contexts.some(({ name }) => name === chosen)) {
    result['current-context'] = chosen as string;
  }
  return `${JSON.stringify(result, null, 2)}\n`;
}

function othersIn(items: NamedItem[] | undefined, ours: readonly NamedItem[]): NamedItem[] {
  return (items ?? []).filter(({ name }) => !ours.some((item) => item.name === name));
}

function kubeconfigOf(entries: readonly KubeconfigEntry[]): Kubeconfig {
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: entries.map(({ name, server, ca }) => ({
      name,
      cluster: { server, 'certificate-authority-data': Buffer.from(ca).toString('base64') },
    })),
    users: entries.map(({ name, token }) => ({ name: `${name}-admin`, user: { token } })),
    contexts: entries.map(({ name }) => ({
      name,
      context: { cluster: name, user: `${name}-admin` },
    })),
    'current-context': entries[0]?.name ?? '',
  };
}
