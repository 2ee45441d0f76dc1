/**
 * The whole `cause` chain as one line: `cannot apply: connect ECONNREFUSED`. A cause that the message
 * before it quotes already is left out. At most ten links.
 */
export function errorChain(error: unknown): string {
  const messages: string[] = [];
  let link: unknown = error;
  while (link !== undefined && link !== null && messages.length < 10) {
    const message = messageOf(link);
    if (messages.at(-1)?.includes(message) !== true) messages.push(message);
    link = link instanceof Error ? link.cause : undefined;
  }
  return messages.filter((message) => message !== '').join(': ');
}

function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') {
    return error.errors.map(messageOf).join('; ');
  }
  return error instanceof Error ? error.message : String(error);
}
