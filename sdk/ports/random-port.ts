import { randomUUID } from 'node:crypto';

/** Chance, so that it can be replayed. */
export interface RandomPort {
  /** 0 or more, less than 1. */
  next(): number;
  uuid(): string;
}

/** Real chance. */
export const systemRandom: RandomPort = {
  next: () => Math.random(),
  uuid: () => randomUUID(),
};
