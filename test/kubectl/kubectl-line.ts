/** One use of kubectl: what is typed, and what must come of it. */
export interface KubectlLine {
  /** As it is typed after `kubectl`; quotes group words, as in a shell. */
  readonly line: string;
  /** What it shows, where the line does not say that itself. */
  readonly shows?: string;
  /** What `-f -` reads; objects are written as JSON documents. */
  readonly stdin?: string | object | readonly object[];
  readonly env?: Readonly<Record<string, string>>;
  /** Exit code wanted. Default 0. */
  readonly code?: number;
  readonly stdout?: string | RegExp;
  /** Default: nothing, when the exit code is 0. */
  readonly stderr?: string | RegExp;
  /** The state of the world afterwards: another line and exactly what it prints. */
  readonly after?: readonly (readonly [line: string, stdout: string | RegExp])[];
  /** Lines that run, one after another, once this one has printed something; it must see them. */
  readonly meanwhile?: readonly string[];
  /**
   * A line without an end (`-w`): it is interrupted once standard output is as wanted. Its exit code
   * says nothing then.
   */
  readonly endless?: boolean;
  /** Why a real kube-apiserver is not asked the same, or may answer otherwise. */
  readonly ours?: string;
}

/** Lines that follow each other, in a namespace of their own. */
export interface KubectlScript {
  /** Names the namespace too: lower-case words joined by `-`. */
  readonly title: string;
  readonly lines: readonly KubectlLine[];
}

/** Splits a line into words: blanks part them, single and double quotes hold them together. */
export function wordsOf(line: string): string[] {
  return [...line.matchAll(/(?:[^\s'"]+|'[^']*'|"[^"]*")+/g)].map(([word]) =>
    word.replaceAll(/'([^']*)'|"([^"]*)"/g, '$1$2'),
  );
}

/** What a line's standard input is as text. */
export function stdinText(stdin: KubectlLine['stdin']): string {
  if (stdin === undefined || typeof stdin === 'string') return stdin ?? '';
  const objects = Array.isArray(stdin) ? (stdin as object[]) : [stdin];
  return objects.map((object) => `---\n${JSON.stringify(object)}\n`).join('');
}
