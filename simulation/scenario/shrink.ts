import { CALM, type Scenario, type Weather } from './scenario.js';

/**
 * The smallest story found in which `fails` still holds: with fewer people, acts, strikes, processes,
 * and better weather. Tries at most `tries` stories, each smaller one with `seedsEach` seeds. Plain greedy removal, in halves first, as in
 * delta debugging (Zeller and Hildebrandt, 2002).
 */
export async function shrink(
  scenario: Scenario,
  fails: (smaller: Scenario) => Promise<boolean>,
  options: { readonly tries: number; readonly seedsEach?: number },
): Promise<Scenario> {
  const { seedsEach = 1 } = options;
  let smallest = scenario;
  let tries = 0;
  const tryWith = async (change: Partial<Scenario>): Promise<boolean> => {
    // What is left out changes what is left to chance: other chances are given to what remains.
    for (let more = 0; more < seedsEach && tries < options.tries; more++) {
      tries += 1;
      const smaller = { ...smallest, ...change, seed: smallest.seed + more };
      if (!(await fails(smaller))) continue;
      smallest = smaller;
      return true;
    }
    return false;
  };
  for (let before: Scenario | undefined; before !== smallest;) {
    before = smallest;
    await without(smallest.scripts, (scripts) => tryWith({ scripts }));
    await without(smallest.strikes, (strikes) => tryWith({ strikes }));
    for (const { name } of smallest.scripts) {
      const acts = smallest.scripts.find((script) => script.name === name)?.acts ?? [];
      await without(acts, (fewer) =>
        tryWith({
          scripts: smallest.scripts.map((each) =>
            each.name === name ? { ...each, acts: fewer } : each,
          ),
        }),
      );
    }
    for (const key of Object.keys(CALM) as (keyof Weather)[]) {
      if (smallest.weather[key] === 0) continue;
      await tryWith({ weather: { ...smallest.weather, [key]: 0 } });
    }
    if (smallest.workers > 1) await tryWith({ workers: smallest.workers - 1 });
    if (smallest.servers > 1) await tryWith({ servers: smallest.servers - 1 });
    if (smallest.stormMs > 0) {
      const isShorter = await tryWith({ stormMs: 0 });
      if (!isShorter) await tryWith({ stormMs: Math.floor(smallest.stormMs / 2) });
    }
    if (smallest.resyncs) await tryWith({ resyncs: false });
  }
  return smallest;
}

/** Leaves out halves, quarters and so on down to single ones, as long as `isStillOf` takes it. */
async function without<T>(
  items: readonly T[],
  isStillOf: (fewer: readonly T[]) => Promise<boolean>,
): Promise<void> {
  let left = items;
  for (
    let size = Math.ceil(left.length / 2);
    size >= 1;
    size = size === 1 ? 0 : Math.ceil(size / 2)
  ) {
    for (let at = 0; at < left.length;) {
      const fewer = [...left.slice(0, at), ...left.slice(at + size)];
      if (await isStillOf(fewer)) left = fewer;
      else at += size;
    }
  }
}
