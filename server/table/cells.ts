import type { StoredApiObject } from '../../sdk/api/object.js';
import { humanDuration } from './human-duration.js';
import type { ComputedColumn } from './table.js';

export function column(name: string, type: ComputedColumn['type'] = 'string'): ComputedColumn {
  return { name, type };
}

/** A column that only `-o wide` shows. */
export function wide(name: string): ComputedColumn {
  return { name, type: 'string', priority: 1 };
}

/** The time since then as kubectl says it. */
export function since(time: string | null | undefined, nowMs: number): string {
  const ms = Date.parse(time ?? '');
  return Number.isNaN(ms) ? '<unknown>' : humanDuration(nowMs - ms);
}

export function age({ metadata }: StoredApiObject, nowMs: number): string {
  return since(metadata.creationTimestamp, nowMs);
}
