/**
 * Why an expression has no value: `no such key: x`, `division by zero`, in the words of cel-go.
 * `&&`, `||`, `all` and `exists` may still have a value where one side has none.
 */
export class CelError extends Error {
  override readonly name = 'CelError';
  /** What went wrong, without anything of the object in it. */
  readonly reason: string;

  constructor(reason: string, detail = '') {
    super(detail === '' ? reason : `${reason}: ${detail}`);
    this.reason = reason;
  }
}

/** An operator or function that is not defined for the values it was given. */
export function noSuchOverload(): CelError {
  return new CelError('no such overload');
}
