/** What a run of tests came to. */
export interface Count {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const LAST_LINE = /(?:^|\n)(\d+) passed, (\d+) failed, (\d+) skipped\s*$/;

/** How a run ends: the line that CI reads. */
export function countLine({ passed, failed, skipped }: Count): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/** The count in which an output ends; undefined where the run died before it could count. */
export function countAtEnd(output: string): Count | undefined {
  const [, passed, failed, skipped] = LAST_LINE.exec(output) ?? [];
  if (passed === undefined) return undefined;
  return { passed: Number(passed), failed: Number(failed), skipped: Number(skipped) };
}

/** The count of all; a run that did not count is one failure. */
export function sumOf(counts: readonly (Count | undefined)[]): Count {
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const count of counts) {
    sum.passed += count?.passed ?? 0;
    sum.failed += count?.failed ?? 1;
    sum.skipped += count?.skipped ?? 0;
  }
  return sum;
}
