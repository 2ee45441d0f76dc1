import type { KindDefinition, ReferenceField } from '../../../sdk/api/kind.js';
import { quoteIdentifier } from './identifiers.js';
import { columnOf, type KindTable } from './kind-table.js';
import { OBJECT_COLUMNS } from './read-statements.js';
import { statement, type Statement } from './statement.js';

/**
 * One statement over every kind that refers to the target: `$1` its name and, where it is
 * namespaced, `$2` its namespace. Undefined when no kind does. Answers `resource` and the object's columns.
 */
export function referrerStatement(
  target: KindDefinition,
  tables: Iterable<KindTable>,
): Statement | undefined {
  const columns = OBJECT_COLUMNS.map((column) => `t.${column}`).join(', ');
  const parts: string[] = [];
  for (const table of tables) {
    const references = table.kind.references.filter(
      ({ group, kind }) => group === target.group && kind === target.kind,
    );
    if (references.length === 0) continue;
    const conditions = references.map((reference) => condition(table, target, reference));
    parts.push(
      `SELECT ${table.resourceLiteral} AS resource, ${columns} FROM ${table.quotedName} AS t ` +
        `WHERE ${conditions.join(' OR ')}`,
    );
  }
  if (parts.length === 0) return undefined;
  const text = `${parts.join('\nUNION ALL\n')}\nORDER BY resource, namespace, name`;
  return statement('referrers', text, { repeatable: true });
}

function condition(table: KindTable, target: KindDefinition, reference: ReferenceField): string {
  const name = `t.${quoteIdentifier(columnOf(table, reference.path).name)}`;
  const namesIt =
    reference.anyWhenAbsent === true
      ? `(${name} = $1::text OR ${name} IS NULL)`
      : `${name} = $1::text`;
  if (!target.namespaced) return namesIt;
  const namespace =
    reference.namespacePath === undefined
      ? 't.namespace'
      : `coalesce(t.${quoteIdentifier(columnOf(table, reference.namespacePath).name)}, t.namespace)`;
  return `(${namesIt} AND ${namespace} = $2::text)`;
}
