/**
 * Who made a revision, and from where, as far as it is known. All texts are short and printable:
 * they may come from a client's headers.
 */
export interface RevisionOrigin {
  /** In whose name. */
  readonly user: string;
  /** Who called in that name, where it was another. */
  readonly impersonatedBy?: string;
  /** What was asked for: a verb of Kubernetes' API, `apply`, or a call of the worker protocol. */
  readonly verb?: string;
  /** The address that the request came from. */
  readonly address?: string;
  /** What the client calls itself; for the server's own work, the part that did it. */
  readonly userAgent?: string;
  /** The trace that the request is part of: W3C Trace Context. */
  readonly traceparent?: string;
}
