/** What one person does, in order; each act is tried until it is answered. */
export type Act = { readonly afterMs: number } & (
  | { readonly do: 'put'; readonly value: string; readonly parts: number }
  | { readonly do: 'remove' }
  /** Somebody with access to the cluster edits or deletes what was applied. */
  | { readonly do: 'drift'; readonly how: 'edit' | 'delete' }
  /** Adds one to a number that others count with too. */
  | { readonly do: 'count' }
);

/** What a person's acts are about: a Workload, a Machine of the cloud, or the common tally. */
export type Subject = 'workload' | 'machine' | 'tally';

export interface Script {
  /** Also the name of the object. */
  readonly name: string;
  readonly subject: Subject;
  readonly acts: readonly Act[];
}

/** How unreliable calls and hints are: probabilities from 0 to 1. */
export interface Weather {
  readonly lostRequests: number;
  readonly lostAnswers: number;
  readonly slowCalls: number;
  /** Answers of clusters and clouds that are errors: before or after the effect. */
  readonly outsideErrors: number;
  readonly lostHints: number;
  readonly doubledHints: number;
  readonly lateHints: number;
}

/** One misfortune at one time, counted from the beginning of the story. */
export type Strike = { readonly atMs: number } &
  /** Ends a process as kill -9 does: at once, or or at one of its next calls or effects outside. */
  (
    | {
        readonly strike: 'kill';
        readonly process: string;
        readonly awayMs: number;
        readonly at?: 'call' | 'effect';
        readonly count?: number;
      }
    | { readonly strike: 'pause'; readonly process: string; readonly forMs: number }
    | { readonly strike: 'clock'; readonly process: string; readonly aheadMs: number }
    | {
        readonly strike: 'cluster';
        readonly health: 'refuses' | 'hangs' | 'slow';
        readonly forMs: number;
      }
    | { readonly strike: 'bus'; readonly forMs: number }
  );

/** A whole story, told before it begins: plain data. The same one always ends the same way. */
export interface Scenario {
  /** Of everything that is left to chance while it runs: the fate of each call, who goes first. */
  readonly seed: number;
  readonly servers: number;
  readonly workers: number;
  /** Whether objects are looked at from time to time though nothing changed. */
  readonly resyncs: boolean;
  readonly scripts: readonly Script[];
  readonly weather: Weather;
  /** Bad weather and strikes last so long, and until everybody has done what he wanted. */
  readonly stormMs: number;
  readonly strikes: readonly Strike[];
}

export const CALM: Weather = {
  lostRequests: 0,
  lostAnswers: 0,
  slowCalls: 0,
  outsideErrors: 0,
  lostHints: 0,
  doubledHints: 0,
  lateHints: 0,
};
