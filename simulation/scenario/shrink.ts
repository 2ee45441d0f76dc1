import { CALM, type Scenario, type Weather } from './scenario.js';

/**
 * The smallest story found in which `fails` still holds: with fewer people, acts, strikes, processes,
 * and better weather. Tries at most `tries` stories. Plain greedy removal, in halves first, as in
 * delta debugging (Zeller and Hildebrandt, 2002).
 */
export async function shrink(
  scenario: Scenario,
  fails: (smaller: Scenario) => Promise<boolean>,
  options: { readonly tries: number },
): Promise<Scenario> {
  let smallest = scenario;
  let tries = 0;
  const tryWith = async (change: Partial<Scenario>): Promise<boolean> => {
    if (tries >= options.tries) return false;
    tries += 1;
    const smaller = { ...smallest, ...change };
    if (!(await fails(smaller))) return false;
    smallest = smaller;
    return true;
  };
  for (let before: Scenario | undefined; before !== smallest;) {
    before = smallest;
    await without(smallest.strikes, (strikes) => tryWith({ strikes }));
    await without(smallest.scripts, (scripts) => tryWith({ scripts }));
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
