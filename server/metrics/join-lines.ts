import { TimeSlice } from '../turns.js';

/** Lines as one text. However many there are, nobody waits for them longer than a few ms. */
export async function joinLines(lines: Iterable<string>): Promise<string> {
  const parts: string[] = [];
  const slice = new TimeSlice();
  for (const line of lines) {
    parts.push(line);
    if (slice.isOver) await slice.breathe();
  }
  return parts.join('');
}
