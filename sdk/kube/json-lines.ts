/**
 * Splits a stream of text into lines and parses each as JSON. Empty lines are skipped; a last line
 * without its line feed is dropped, for the connection ended in the middle of it.
 *
 * @throws Error when a line is no JSON object or longer than `maxLineChars`.
 */
export async function* parseJsonLines(
  chunks: AsyncIterable<string>,
  maxLineChars: number,
): AsyncGenerator<object, void, undefined> {
  let rest = '';
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf('\n'); end >= 0; end = chunk.indexOf('\n', start)) {
      const line = rest + chunk.slice(start, end);
      rest = '';
      start = end + 1;
      if (line.trim() !== '') yield parseObject(line);
    }
    rest += chunk.slice(start);
    if (rest.length > maxLineChars) {
      throw new Error(`a line of the stream is longer than ${maxLineChars} characters`);
    }
  }
}

function parseObject(line: string): object {
  const value: unknown = JSON.parse(line);
  if (typeof value !== 'object' || value === null) {
    throw new Error('a line of the stream is no JSON object');
  }
  return value;
}
