import type { OwnerReference } from '../../sdk/api/object.js';
import { deepEqual } from '../apply/deep-equal.js';

const MAX_OBJECTS = 10_000;

interface KnownOwner {
  readonly uid: string;
  readonly blocks: boolean;
}

/** The owners with which objects were last found to be in order: the newest 10,000 objects. */
export class KnownOwners {
  readonly #owners = new Map<string, readonly KnownOwner[]>();

  has(uid: string): boolean {
    return this.#owners.has(uid);
  }

  isKnown(uid: string, references: readonly OwnerReference[]): boolean {
    return deepEqual(this.#owners.get(uid), ownersOf(references));
  }

  /** The uids of the owners that the object had. */
  before(uid: string): readonly string[] {
    return (this.#owners.get(uid) ?? []).map((owner) => owner.uid);
  }

  remember(uid: string, references: readonly OwnerReference[]): void {
    this.#owners.delete(uid);
    if (references.length === 0) return;
    this.#owners.set(uid, ownersOf(references));
    for (const oldest of this.#owners.keys()) {
      if (this.#owners.size <= MAX_OBJECTS) break;
      this.#owners.delete(oldest);
    }
  }

  forget(uid: string): void {
    this.#owners.delete(uid);
  }

  /** An owner may have gone without being told of. */
  forgetAll(): void {
    this.#owners.clear();
  }
}

function ownersOf(references: readonly OwnerReference[]): readonly KnownOwner[] {
  return references.map(({ uid, blockOwnerDeletion }) => ({
    uid,
    blocks: blockOwnerDeletion === true,
  }));
}
