/** A place in an expression's text, counted in characters from its beginning. */
interface Place {
  readonly start: number;
}

/** Why an expression cannot be used at all. */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError';
  readonly start: number | undefined;

  constructor(message: string, place?: Place) {
    super(message);
    this.start = place?.start;
  }

  /** As cel-go shows it: the message, the line, and a mark below the place. */
  display(text: string): string {
    if (this.start === undefined) return `ERROR: ${this.message}`;
    const before = text.slice(0, this.start).split('\n');
    const column = before.at(-1)?.length ?? 0;
    const line = text.split('\n')[before.length - 1] ?? '';
    const where = `<input>:${before.length}:${column + 1}`;
    if (line.length > MAX_SHOWN_LINE) return `ERROR: ${where}: ${this.message}`;
    return `ERROR: ${where}: ${this.message}\n | ${line}\n | ${'.'.repeat(column)}^`;
  }
}

const MAX_SHOWN_LINE = 500;
