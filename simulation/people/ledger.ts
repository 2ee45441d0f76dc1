import type { StoredApiObject } from '../../sdk/api/object.js';

/** A write that the API said yes to, and what it said. */
export interface AcknowledgedWrite {
  readonly resource: string;
  readonly object: StoredApiObject;
}

/** What people were told; whatever happens, it must be true. */
export class Ledger {
  readonly writes: AcknowledgedWrite[] = [];
  /** Increments of the tally that were acknowledged, and those of which nobody knows. */
  counted = 0;
  perhapsCounted = 0;

  acknowledged(resource: string, object: StoredApiObject): void {
    this.writes.push({ resource, object });
  }
}
