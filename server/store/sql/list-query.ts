import { sql, type CompiledQuery, type RawBuilder, type SqlBool } from 'kysely';
import type { FieldRequirement, LabelRequirement } from '../../../sdk/api/selector.js';
import { hasSelectors } from '../object-selection.js';
import type { ListOptions } from '../object-store.js';
import { selectableField } from '../selectable-fields.js';
import { columnOf, type KindTable } from './kind-table.js';
import { queryBuilder as db } from './query-builder.js';
import { OBJECT_COLUMNS } from './read-statements.js';
import type { StoredRow } from './stored-row.js';

/** One row of the answer: without an object when the list is empty. */
export type ListRow = { counter: number; compacted: number; total: number | null } & (
  StoredRow | { uid: null }
);

/** More are not counted: nobody needs to know it so exactly, and it would cost more than the page. */
export const MAX_COUNTED = 10_000;

/**
 * One statement, so one snapshot: the counter and a page of at most `limit + 1` objects, with `at` of
 * those only that have not changed since. `total` is how many there are from the page's start, known
 * only with a limit, without selectors and where the options do not say it.
 *
 * @throws ApiError BadRequest for a field that cannot be selected by.
 */
export function listQuery(table: KindTable, options: ListOptions): CompiledQuery<ListRow> {
  const { namespace, after, limit, at, labels = [], fields = [] } = options;
  let rows = db.selectFrom(table.name);
  if (namespace !== undefined && namespace !== '') rows = rows.where('namespace', '=', namespace);
  if (after !== undefined) {
    rows = rows.where(sql<SqlBool>`(namespace, name) > (${after.namespace}, ${after.name})`);
  }
  if (at !== undefined) rows = rows.where('resource_version', '<=', at);
  for (const requirement of labels) rows = rows.where(labelCondition(requirement));
  for (const requirement of fields) rows = rows.where(fieldCondition(table, requirement));

  let page = rows.select(OBJECT_COLUMNS).orderBy('namespace').orderBy('name');
  if (limit !== undefined) page = page.limit(limit + 1);
  const countable = limit !== undefined && options.left === undefined && !hasSelectors(options);
  const total = countable
    ? db
        .selectFrom(
          rows
            .select(sql<number>`1`.as('one'))
            .limit(MAX_COUNTED + 1)
            .as('counted'),
        )
        .select((select) => select.fn.countAll<number>().as('total'))
    : sql<null>`(SELECT NULL::bigint)`;
  return db
    .selectFrom('revision_counter')
    .leftJoinLateral(page.as('page'), (join) => join.onTrue())
    .where('revision_counter.id', '=', 1)
    .select(['revision_counter.value as counter', 'revision_counter.compacted'])
    .select(sql<number | null>`${total}`.as('total'))
    .select(OBJECT_COLUMNS.map((column) => `page.${column}` as const))
    .orderBy('page.namespace')
    .orderBy('page.name')
    .compile() as CompiledQuery<ListRow>;
}

function labelCondition({ key, operator, values }: LabelRequirement): RawBuilder<SqlBool> {
  const value = sql`(labels ->> ${key}::text)`;
  switch (operator) {
    case 'In':
      return sql`${value} = ANY(${[...values]}::text[])`;
    case 'NotIn':
      return sql`(${value} IS NULL OR ${value} <> ALL(${[...values]}::text[]))`;
    case 'Exists':
      return sql`${value} IS NOT NULL`;
    case 'DoesNotExist':
      return sql`${value} IS NULL`;
    case 'GreaterThan':
      return sql`${wholeNumber(value)} > ${values[0] ?? ''}::numeric`;
    case 'LessThan':
      return sql`${wholeNumber(value)} < ${values[0] ?? ''}::numeric`;
  }
}

/** NULL, which meets no comparison, for what is no number. */
function wholeNumber(value: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`(CASE WHEN ${value} ~ '^-?[0-9]+$' THEN ${value}::numeric END)`;
}

/** An absent field compares as the empty string. */
function fieldCondition(table: KindTable, requirement: FieldRequirement): RawBuilder<SqlBool> {
  const field = selectableField(table.kind, requirement.path);
  const [column, type] =
    'column' in field ? [field.column, 'text'] : fieldColumn(table, field.path);
  const ref = sql.ref(column);
  const isEmpty = type === 'text' ? sql`(${ref} IS NULL OR ${ref} = '')` : sql`${ref} IS NULL`;
  const equal = requirement.value === '' ? isEmpty : valueCondition(ref, type, requirement.value);
  return requirement.operator === '=' ? sql`${equal}` : sql`(${equal}) IS NOT TRUE`;
}

function fieldColumn(table: KindTable, path: string): [name: string, type: string] {
  const { name, type } = columnOf(table, path);
  return [name, type];
}

/** Compares in the column's own type, so that its index serves; what cannot be of it is unequal. */
function valueCondition(
  ref: RawBuilder<unknown>,
  type: string,
  value: string,
): RawBuilder<unknown> {
  if (type === 'bigint') {
    return /^(0|-?[1-9]\d{0,17})$/.test(value) ? sql`${ref} = ${value}::bigint` : sql`false`;
  }
  if (type === 'boolean') {
    return value === 'true' || value === 'false' ? sql`${ref} = ${value}::boolean` : sql`false`;
  }
  return sql`${ref} = ${value}::text`;
}
