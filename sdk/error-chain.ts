const MOST_LINKS = 10;
const MOST_ERRORS = 10;
const LONGEST_MESSAGE = 10_000;
const UNREADABLE = 'an error that cannot be read';

/**
 * The whole `cause` chain as one line: `cannot apply: connect ECONNREFUSED`. A cause that the message
 * before it quotes already is left out. At most ten links, of each 10,000 characters. Takes whatever
 * was thrown, and never throws.
 */
export function errorChain(error: unknown): string {
  const messages: string[] = [];
  let link: unknown = error;
  for (let links = 0; link !== undefined && link !== null && links < MOST_LINKS; links++) {
    const message = messageOf(link);
    if (messages.at(-1)?.includes(message) !== true) messages.push(message);
    link = causeOf(link);
  }
  return messages.filter((message) => message !== '').join(': ');
}

function messageOf(error: unknown): string {
  try {
    return wordsOf(error).slice(0, LONGEST_MESSAGE);
  } catch {
    return UNREADABLE;
  }
}

function wordsOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') {
    // Those inside are told by their own message: an AggregateError may well contain itself.
    const inside = error.errors.slice(0, MOST_ERRORS) as unknown[];
    return inside.map((each) => (each instanceof Error ? each.message : String(each))).join('; ');
  }
  return String(error instanceof Error ? error.message : error);
}

function causeOf(error: unknown): unknown {
  try {
    return error instanceof Error ? error.cause : undefined;
  } catch {
    return undefined;
  }
}
