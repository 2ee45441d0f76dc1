import { createHash } from 'node:crypto';

/** PostgreSQL cuts longer names off silently. */
const MAX_IDENTIFIER_BYTES = 63;

/** The name itself when it fits, else its start with a hash of the whole. */
export function identifier(name: string): string {
  return name.length <= MAX_IDENTIFIER_BYTES ? name : hashed(name);
}

/** The start of the name with a hash of `of`, at most 63 bytes. */
export function hashed(name: string, of = name): string {
  const hash = createHash('sha256').update(of).digest('hex').slice(0, 8);
  return `${name.slice(0, MAX_IDENTIFIER_BYTES - hash.length - 1)}_${hash}`;
}

export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function quoteLiteral(text: string): string {
  if (text.includes('\\') || text.includes('\0')) {
    throw new Error(`cannot use ${JSON.stringify(text)} in SQL: it has a backslash or NUL`);
  }
  return `'${text.replaceAll("'", "''")}'`;
}

/**
 * The table of a resource: `objects_` and its name with `_` for `.` and `__` for `-`, which no two
 * DNS names share. Longer than 63 bytes: cut, with a hash.
 */
export function tableNameOf(resource: string): `objects_${string}` {
  const name = resource.toLowerCase().replaceAll('-', '__').replaceAll('.', '_');
  return identifier(`objects_${name}`) as `objects_${string}`;
}

/** The column of a path: `spec.replicaCount` is `spec_replica_count`. Not yet checked for clashes. */
export function columnNameOf(path: string): string {
  const snake = path
    .replaceAll('.', '_')
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase();
  return /^[a-z][a-z0-9_]*$/.test(snake) ? identifier(snake) : hashed('field', path);
}
