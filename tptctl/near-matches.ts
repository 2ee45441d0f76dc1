import { editDistance } from '../sdk/api/edit-distance.js';

/** The candidates that a misspelt word may have meant, best first, at most three. */
export function nearMatches(word: string, candidates: Iterable<string>): string[] {
  const wanted = word.toLowerCase();
  const limit = Math.max(2, Math.floor(wanted.length / 3));
  return [...new Set(candidates)]
    .map((candidate) => ({ candidate, distance: editDistance(wanted, candidate.toLowerCase()) }))
    .filter(
      ({ candidate, distance }) => distance <= limit || candidate.toLowerCase().startsWith(wanted),
    )
    .toSorted((a, b) => a.distance - b.distance || a.candidate.localeCompare(b.candidate))
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}

/** `; did you mean "a" or "b"?`, or nothing when nothing is near. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  const near = nearMatches(word, candidates).map((candidate) => `"${candidate}"`);
  return near.length === 0 ? '' : `; did you mean ${near.join(' or ')}?`;
}
