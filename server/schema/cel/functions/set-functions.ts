import type { FunctionLibrary } from '../compiled-node.js';
import type { CostMeter } from '../cost-meter.js';
import { includes } from '../equality.js';
import type { CelList } from '../values.js';
import { listAt } from './arguments.js';

/** cel-go's `ext.Sets`: lists as sets, whatever their order and however often an item is there. */
export const setFunctions: FunctionLibrary = {
  signatures: ['contains', 'equivalent', 'intersects'].map(
    (name) => `sets.${name}(list<A>, list<A>): bool`,
  ),
  functions: {
    'sets.contains/2': (args, meter) => contains(listAt(args, 0), listAt(args, 1), meter),
    'sets.equivalent/2': (args, meter) => {
      const [a, b] = [listAt(args, 0), listAt(args, 1)];
      return contains(a, b, meter) && contains(b, a, meter);
    },
    'sets.intersects/2': (args, meter) => {
      const b = listAt(args, 1);
      for (const item of listAt(args, 0).items(meter)) if (includes(b, item, meter)) return true;
      return false;
    },
  },
};

function contains(list: CelList, part: CelList, meter: CostMeter): boolean {
  for (const item of part.items(meter)) if (!includes(list, item, meter)) return false;
  return true;
}
