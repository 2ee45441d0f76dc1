// oxlint-disable-next-line no-control-regex -- control characters are what this is about
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/g;

/**
 * Columns as kubectl prints them: upper-case headers, three spaces between, no trailing blanks.
 * Columns are at least `minWidths` wide, so that lines printed later stand under the first ones.
 * Characters that would move a terminal's cursor are replaced.
 */
export function formatTable(
  headers: readonly string[],
  rows: readonly (readonly string[])[],
  options: { headers?: boolean; minWidths?: readonly number[] } = {},
): string {
  const cells = [
    ...(options.headers === false ? [] : [headers.map((header) => header.toUpperCase())]),
    ...rows.map((row) => headers.map((_, i) => printable(row[i] ?? ''))),
  ];
  const widths = headers.map((_, i) =>
    Math.max(options.minWidths?.[i] ?? 0, ...cells.map((row) => (row[i] ?? '').length)),
  );
  return cells
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd((widths[i] ?? 0) + 3))
        .join('')
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('');
}

/** Text of others without control characters: no name may repaint the terminal. */
export function printable(text: string): string {
  return text.replace(/[\t\n]+/g, ' ').replace(CONTROL, '\uFFFD');
}

/** The age of a time as kubectl writes it: 42s, 5m3s, 3h12m, 4d5h, 12d. */
export function formatAge(since: string | undefined, nowMs: number): string {
  const sinceMs = since === undefined ? Number.NaN : Date.parse(since);
  if (Number.isNaN(sinceMs)) return '<unknown>';
  const seconds = Math.max(0, Math.floor((nowMs - sinceMs) / 1000));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const days = Math.floor(hours / 24);
  if (seconds < 120) return `${seconds}s`;
  if (minutes < 10) return seconds % 60 === 0 ? `${minutes}m` : `${minutes}m${seconds % 60}s`;
  if (minutes < 180) return `${minutes}m`;
  if (hours < 8) return minutes % 60 === 0 ? `${hours}h` : `${hours}h${minutes % 60}m`;
  if (hours < 48) return `${hours}h`;
  if (days < 8) return hours % 24 === 0 ? `${days}d` : `${days}d${hours % 24}h`;
  return `${days}d`;
}
