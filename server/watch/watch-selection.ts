import type { KindDefinition } from '../../sdk/api/kind.js';
import { resourceName } from '../../sdk/api/kind.js';
import { matchesLabels } from '../../sdk/api/selector.js';
import type { FieldRequirement, LabelRequirement } from '../../sdk/api/selector.js';
import { textOf } from '../apply/json-object.js';
import { valueAt } from '../schema/field-path.js';
import type { SeenAs, WatchEvent } from './watch-event.js';

/** What a watcher asked to see. */
export interface WatchFilter {
  readonly kind: KindDefinition;
  /** '' for all namespaces. */
  readonly namespace: string;
  readonly labels: readonly LabelRequirement[];
  readonly fields: readonly FieldRequirement[];
}

/**
 * One watcher's view of the stream: which events it gets, and as what. An object that stops meeting
 * the selector has LEFT for this watcher, one that begins to meet it is ADDED.
 */
export class WatchSelection {
  readonly #filter: WatchFilter;
  readonly #resource: string;
  readonly #canLeave: boolean;
  /** Objects that the client has; only kept when objects can leave the selection. */
  readonly #members = new Set<string>();

  constructor(filter: WatchFilter) {
    this.#filter = filter;
    this.#resource = resourceName(filter.kind);
    this.#canLeave =
      filter.labels.length > 0 || filter.fields.some(({ path }) => !isFixedField(path));
  }

  /** True when the caller must say which objects the client has before the first event. */
  get needsMembers(): boolean {
    return this.#canLeave;
  }

  addMember(uid: string): void {
    if (this.#canLeave) this.#members.add(uid);
  }

  /** As what the client sees this event; undefined when it does not. Must see every event in order. */
  typeOf(event: WatchEvent): SeenAs | undefined {
    const { namespace } = this.#filter;
    if (event.resource !== this.#resource || (namespace !== '' && event.namespace !== namespace))
      return undefined;
    const matches = this.#matches(event);
    if (!this.#canLeave) return matches ? event.type : undefined;

    const wasMember = this.#members.has(event.uid);
    if (event.type === 'DELETED' || !matches) {
      this.#members.delete(event.uid);
      if (!wasMember) return undefined;
      return event.type === 'DELETED' ? 'DELETED' : 'LEFT';
    }
    this.#members.add(event.uid);
    return wasMember ? 'MODIFIED' : 'ADDED';
  }

  #matches(event: WatchEvent): boolean {
    const { kind, labels, fields } = this.#filter;
    return (
      fields.every((field) => matchesField(kind, event, field)) &&
      (labels.length === 0 || matchesLabels(event.object(kind).metadata.labels, labels))
    );
  }
}

function matchesField(
  kind: KindDefinition,
  event: WatchEvent,
  { path, operator, value }: FieldRequirement,
): boolean {
  const found =
    path === 'metadata.name'
      ? event.name
      : path === 'metadata.namespace'
        ? event.namespace
        : textOf(valueAt(event.object(kind), path) ?? '');
  return (found === value) === (operator === '=');
}

function isFixedField(path: string): boolean {
  return path === 'metadata.name' || path === 'metadata.namespace';
}
