/** What must never be seen, and was. */
export type Violation = string;
