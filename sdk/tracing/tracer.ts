/** Of a thing done for a trace: OpenTelemetry's words. */
export type SpanKind = 'server' | 'client' | 'producer' | 'consumer' | 'internal';

/** Short, and never a secret: they leave the process as they are. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

export interface SpanOptions {
  readonly name: string;
  readonly kind: SpanKind;
  /** W3C Trace Context. Absent: the span within which the caller runs, or a new trace. */
  readonly parent?: string;
  /** Spans that led to this one without being its parent. */
  readonly links?: readonly string[];
  readonly attributes?: SpanAttributes;
}

/** Something that takes time. Ended once. */
export interface Span {
  /** Names it to whoever goes on with the trace: W3C Trace Context. */
  readonly traceparent: string;
  rename(name: string): void;
  set(attributes: SpanAttributes): void;
  /** `failure` is why it did not succeed: a word, not a text that may tell too much. */
  end(failure?: string): void;
}

/** Follows requests through processes. Calls return at once and never throw. */
export interface Tracer {
  begin(options: SpanOptions): Span;
  /** What `work` begins, and whatever it awaits, is part of the span. */
  within<T>(span: Span, work: () => T): T;
  /** The span within which the caller runs. */
  current(): string | undefined;
  /** Sends what has ended, for two seconds at most. Idempotent. */
  stop(): Promise<void>;
}

/** Does work as one span within the present one. */
export async function traced<T>(
  tracer: Tracer,
  options: SpanOptions,
  work: () => Promise<T>,
): Promise<T> {
  const span = tracer.begin(options);
  try {
    const result = await tracer.within(span, work);
    span.end();
    return result;
  } catch (error) {
    span.end(failureOf(error));
    throw error;
  }
}

/** The reason of an API error, the name of another: never its text. */
export function failureOf(error: unknown): string {
  const { reason, name } = error as { readonly reason?: unknown; readonly name?: unknown };
  if (typeof reason === 'string') return reason;
  return typeof name === 'string' ? name : 'Error';
}
