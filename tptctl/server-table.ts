import type { StoredApiObject } from '../sdk/api/object.js';
import type { Connection } from './connection.js';
import type { DiscoveredKind } from './discovery.js';
import { placeName } from './object-api.js';
import { formatAge, formatTable } from './table.js';

/** Kubernetes' meta.k8s.io/v1 Table, as far as it is printed. */
export interface ServerTable {
  readonly metadata?: { readonly resourceVersion?: string };
  readonly columnDefinitions: readonly {
    readonly name: string;
    readonly type: string;
    readonly format?: string;
    readonly priority?: number;
  }[];
  readonly rows?: readonly {
    readonly cells: readonly unknown[];
    readonly object?: Pick<StoredApiObject, 'metadata'>;
  }[];
}

export interface TableFlags {
  readonly output?: string;
  readonly allNamespaces: boolean;
  readonly headers: boolean;
  readonly showLabels: boolean;
  readonly selector?: string;
  readonly fieldSelector?: string;
}

/** Prints a table in columns. With `prefixed` names carry their type, as kubectl does for several. */
export function printServerTable(
  table: ServerTable,
  kind: DiscoveredKind,
  flags: TableFlags & { readonly prefixed?: boolean },
): void {
  const shown = table.columnDefinitions
    .map((column, i) => ({ ...column, i }))
    .filter((column) => flags.output === 'wide' || (column.priority ?? 0) === 0);
  const withNamespace = flags.allNamespaces && kind.namespaced;
  const headers = [
    ...(withNamespace ? ['Namespace'] : []),
    ...shown.map((column) => column.name),
    ...(flags.showLabels ? ['Labels'] : []),
  ];
  const rows = (table.rows ?? []).map((row) => [
    ...(withNamespace ? [row.object?.metadata.namespace ?? ''] : []),
    ...shown.map((column) => {
      const cell = formatCell(row.cells[column.i], column);
      return flags.prefixed === true && column.format === 'name'
        ? placeName({ kind, name: cell })
        : cell;
    }),
    ...(flags.showLabels ? [labelsOf(row.object)] : []),
  ]);
  process.stdout.write(formatTable(headers, rows, { headers: flags.headers }));
}

function formatCell(cell: unknown, column: { type: string }): string {
  if (cell === null || cell === undefined || cell === '') return '';
  const text =
    typeof cell === 'object' ? JSON.stringify(cell) : String(cell as string | number | boolean);
  // Some servers give a time, others the age already.
  return column.type === 'date' && /^\d{4}-/.test(text) ? formatAge(text, Date.now()) : text;
}

function labelsOf(object: Pick<StoredApiObject, 'metadata'> | undefined): string {
  const labels = Object.entries(object?.metadata.labels ?? {});
  return labels.length === 0 ? '<none>' : labels.map(([key, value]) => `${key}=${value}`).join(',');
}

/** Prints each later change of what `table` lists as a line of its own, until the server goes away. */
export async function watchServerTable(
  connection: Connection,
  kind: DiscoveredKind,
  name: string | undefined,
  table: ServerTable,
  flags: TableFlags,
): Promise<void> {
  const { collectionPath } = await import('../sdk/api/kind.js');
  const columns = table.columnDefinitions;
  const select = {
    ...(kind.namespaced && !flags.allNamespaces && { namespace: connection.namespace }),
    ...(flags.selector !== undefined && { labelSelector: flags.selector }),
    ...(name !== undefined
      ? { fieldSelector: `metadata.name=${name}` }
      : flags.fieldSelector !== undefined && { fieldSelector: flags.fieldSelector }),
    resourceVersion: table.metadata?.resourceVersion ?? '',
  };
  for await (const event of connection.client.watch(kind, select)) {
    if (event.type === 'BOOKMARK') continue;
    // The row as the server prints it: one small read, so that columns stay the server's matter.
    const answer = await connection.client.raw({
      method: 'GET',
      path: collectionPath(kind, event.object.metadata.namespace),
      query: { fieldSelector: `metadata.name=${event.object.metadata.name}` },
      headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' },
    });
    const row = (JSON.parse(answer.text) as ServerTable).rows?.[0];
    if (event.type === 'DELETED' || row === undefined) continue;
    printServerTable({ columnDefinitions: columns, rows: [row] }, kind, {
      ...flags,
      headers: false,
    });
  }
}
