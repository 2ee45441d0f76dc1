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

/** How the server is asked for Tables; JSON is what it may give when it has none. */
export const TABLE_TYPE = 'application/json;as=Table;v=v1;g=meta.k8s.io';

/** Prints a table in columns. With `prefixed` names carry their type, as kubectl does for several. */
export function printServerTable(
  table: ServerTable,
  kind: DiscoveredKind,
  flags: TableFlags & { readonly prefixed?: boolean },
): void {
  const { headers, rows } = linesOf(table, kind, flags);
  process.stdout.write(formatTable(headers, rows, { headers: flags.headers }));
}

function linesOf(
  table: ServerTable,
  kind: DiscoveredKind,
  flags: TableFlags & { readonly prefixed?: boolean },
): { headers: string[]; rows: string[][] } {
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
  return { headers, rows };
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

/**
 * Prints each later change of what `table` lists as a line under it, a deleted object's last state
 * marked as such. Goes on when the server ends the watch, as it does from time to time.
 *
 * @throws ApiError when the server goes away.
 */
export async function watchServerTable(
  connection: Connection,
  kind: DiscoveredKind,
  name: string | undefined,
  table: ServerTable,
  flags: TableFlags,
): Promise<never> {
  const first = linesOf(table, kind, flags);
  let { headers } = first;
  const minWidths = headers.map((header, i) =>
    Math.max(flags.headers ? header.length : 0, ...first.rows.map((row) => row[i]?.length ?? 0)),
  );
  let { columnDefinitions } = table;
  let resourceVersion = table.metadata?.resourceVersion ?? '';
  for (;;) {
    const select = {
      ...(kind.namespaced && !flags.allNamespaces && { namespace: connection.namespace }),
      ...(flags.selector !== undefined && { labelSelector: flags.selector }),
      ...(name !== undefined
        ? { fieldSelector: `metadata.name=${name}` }
        : flags.fieldSelector !== undefined && { fieldSelector: flags.fieldSelector }),
      resourceVersion,
      allowWatchBookmarks: true,
      accept: TABLE_TYPE,
    };
    for await (const event of connection.client.watch(kind, select)) {
      const change = event.object as unknown as ServerTable;
      resourceVersion = change.metadata?.resourceVersion ?? resourceVersion;
      if (event.type === 'BOOKMARK') continue;
      // Columns are said once in a stream.
      if (change.columnDefinitions?.length > 0) ({ columnDefinitions } = change);
      const lines = linesOf({ ...change, columnDefinitions }, kind, flags);
      ({ headers } = lines);
      const rows = lines.rows.map((row) => [...row, event.type === 'DELETED' ? '(deleted)' : '']);
      process.stdout.write(formatTable([...headers, ''], rows, { headers: false, minWidths }));
    }
  }
}
