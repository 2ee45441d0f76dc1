import type { KindDefinition, ReferenceField } from '../../../sdk/api/kind.js';
import type { DeletionEffect } from '../object-store.js';
import { quoteIdentifier } from './identifiers.js';
import { columnOf, type KindTable } from './kind-table.js';
import { OBJECT_COLUMNS } from './read-statements.js';
import { statement, type Statement } from './statement.js';

/**
 * One statement over every kind that refers to the target: `$1` its name and, where it is
 * namespaced, `$2` its namespace. With `onDelete`: over fields that say so, and only where they name
 * it. Undefined when no kind does. Answers `resource` and the object's columns.
 */
export function referrerStatement(
  target: KindDefinition,
  tables: Iterable<KindTable>,
  onDelete?: DeletionEffect,
): Statement | undefined {
  const columns = OBJECT_COLUMNS.map((column) => `r.${column}`).join(', ');
  const key = { namespace: '$2::text', name: '$1::text' };
  const parts = referringTables(target, tables, onDelete).map(({ table, references }) => {
    const conditions = references.map((reference) => {
      const awaitsAny = onDelete === undefined && reference.anyWhenAbsent === true;
      return condition(table, { ...reference, anyWhenAbsent: awaitsAny }, target, key);
    });
    return (
      `SELECT ${table.resourceLiteral} AS resource, ${columns} FROM ${table.quotedName} AS r ` +
      `WHERE ${conditions.join(' OR ')}`
    );
  });
  if (parts.length === 0) return undefined;
  const text = `${parts.join('\nUNION ALL\n')}\nORDER BY resource, namespace, name`;
  return statement('referrers', text, { repeatable: true });
}

/**
 * The condition that row `t` of the target's kind is named by another object in a field that blocks
 * its deletion; undefined when no kind has such a field.
 */
export function blockedCondition(
  target: KindDefinition,
  tables: Iterable<KindTable>,
): string | undefined {
  const key = { namespace: 't.namespace', name: 't.name' };
  const parts = referringTables(target, tables, 'block').flatMap(({ table, references }) =>
    references.map(
      (reference) =>
        `EXISTS (SELECT 1 FROM ${table.quotedName} AS r ` +
        `WHERE ${condition(table, { ...reference, anyWhenAbsent: false }, target, key)} ` +
        `AND r.uid <> t.uid)`,
    ),
  );
  return parts.length === 0 ? undefined : `(${parts.join('\n    OR ')})`;
}

function referringTables(
  target: KindDefinition,
  tables: Iterable<KindTable>,
  onDelete: DeletionEffect | undefined,
): { table: KindTable; references: readonly ReferenceField[] }[] {
  return [...tables].flatMap((table) => {
    const references = table.kind.references.filter(
      (reference) =>
        reference.group === target.group &&
        reference.kind === target.kind &&
        (onDelete === undefined || reference.onDelete === onDelete),
    );
    return references.length === 0 ? [] : [{ table, references }];
  });
}

/** That row `r` names the key, of which the expressions are given. */
function condition(
  table: KindTable,
  reference: ReferenceField,
  target: KindDefinition,
  key: { readonly namespace: string; readonly name: string },
): string {
  const name = `r.${quoteIdentifier(columnOf(table, reference.path).name)}`;
  const namesIt =
    reference.anyWhenAbsent === true
      ? `(${name} = ${key.name} OR ${name} IS NULL)`
      : `${name} = ${key.name}`;
  if (!target.namespaced) return namesIt;
  const namespace =
    reference.namespacePath === undefined
      ? 'r.namespace'
      : `coalesce(r.${quoteIdentifier(columnOf(table, reference.namespacePath).name)}, r.namespace)`;
  return `(${namesIt} AND ${namespace} = ${key.namespace})`;
}
