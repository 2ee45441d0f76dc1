import { editDistance } from '../../sdk/api/edit-distance.js';

/**
 * The candidate that `word` probably stands for: equal but for case, or at most a third of its
 * letters away (insertions, deletions, replacements). Undefined when none is that near.
 */
export function nearMatch(word: string, candidates: readonly string[]): string | undefined {
  const lower = word.toLowerCase();
  // Long keys are data, not slips of the pen; the distance is quadratic in their length.
  if (lower.length > 64) return undefined;
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(lower, candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}
