import type { Runner } from 'mocha';
import mocha from 'mocha';
import { countLine } from './count.js';

/**
 * Mocha's dots, then every skipped test by name, then the failures, and as the very last line
 * `N passed, N failed, N skipped`: what CI reads.
 */
export class SummaryReporter extends mocha.reporters.Dot {
  readonly #skipped: string[] = [];

  constructor(runner: Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    runner.on('pending', (test) => this.#skipped.push(test.fullTitle()));
  }

  override done(failures: number, fn: (failures: number) => void): void {
    if (this.#skipped.length > 0) console.log(`  skipped:\n    ${this.#skipped.join('\n    ')}\n`);
    const { passes: passed, pending: skipped } = this.stats;
    console.log(countLine({ passed, failed: failures, skipped }));
    fn(failures);
  }
}
