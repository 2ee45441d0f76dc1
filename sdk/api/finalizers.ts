/** Holds a deleted object until its dependents are orphans; taken away by the garbage collector. */
export const ORPHAN_FINALIZER = 'orphan';

/** Holds a deleted object until the dependents that block it are gone; taken away likewise. */
export const FOREGROUND_FINALIZER = 'foregroundDeletion';
