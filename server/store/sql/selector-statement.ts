import type { KindDefinition } from '../../../sdk/api/kind.js';
import { selectorsOver } from '../selecting-field.js';
import { quoteIdentifier } from './identifiers.js';
import { columnOf, type KindTable } from './kind-table.js';
import { OBJECT_COLUMNS } from './read-statements.js';
import { statement, type Statement } from './statement.js';

/**
 * One statement over every kind that selects from the target's: `$1` anchors, an array, or null for all,
 * and `$2` the namespace. It finds those with one of these anchors by an index: all that select, and
 * some that do not. Undefined when no kind selects. Answers `resource` and the object's columns.
 */
export function selectorStatement(
  target: KindDefinition,
  tables: Iterable<KindTable>,
  isAnchored: boolean,
): Statement | undefined {
  const columns = OBJECT_COLUMNS.map((column) => `r.${column}`).join(', ');
  const parts = [...tables].flatMap((table) => {
    const conditions = selectorsOver(table.kind, target).map(({ path, namespacePath }) => {
      const column = (of: string): string => `r.${quoteIdentifier(columnOf(table, of).name)}`;
      const anchor = isAnchored
        ? `${column(path)} = ANY($1::text[])`
        : `$1::text[] IS NULL AND ${column(path)} IS NOT NULL`;
      const named = namespacePath === undefined ? '' : `nullif(${column(namespacePath)}, ''), `;
      const namespace = target.namespaced
        ? `coalesce(${named}nullif(r.namespace, ''), $2::text) = $2::text`
        : '$2::text IS NOT NULL';
      return `(${anchor} AND ${namespace})`;
    });
    if (conditions.length === 0) return [];
    return [
      `SELECT ${table.resourceLiteral} AS resource, ${columns} FROM ${table.quotedName} AS r ` +
        `WHERE ${conditions.join(' OR ')}`,
    ];
  });
  if (parts.length === 0) return undefined;
  const text = `${parts.join('\nUNION ALL\n')}\nORDER BY resource, namespace, name`;
  return statement(isAnchored ? 'selectors' : 'all_selectors', text, { repeatable: true });
}
