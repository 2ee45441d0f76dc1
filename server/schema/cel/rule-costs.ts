import type { FieldError } from '../../api-errors.js';
import { forbiddenField } from '../../api-errors.js';

/** Kubernetes' StaticEstimatedCostLimit: what one expression may cost on a whole object, at most. */
const MAX_EXPRESSION_COST = 10_000_000;
/** Kubernetes' StaticEstimatedCRDCostLimit: of all expressions of one schema. */
const MAX_SCHEMA_COST = 100_000_000;
const MAX_NAMED = 4;
const TOTAL = 'x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema';

/** Adds up what the rules of a schema are estimated to cost. */
export class RuleCosts {
  readonly #faults: FieldError[] = [];
  readonly #expensive: { readonly field: string; readonly cost: number }[] = [];
  #total = 0;

  /** `what`: `rule` or `messageExpression`. `cost`: at all places of an object together. */
  add(field: string, what: string, cost: number): void {
    this.#total += cost;
    this.#expensive.push({ field, cost });
    if (cost > MAX_EXPRESSION_COST) {
      const detail = tooExpensive(`estimated ${what} cost`, cost / MAX_EXPRESSION_COST);
      this.#faults.push(forbiddenField(field, detail));
    }
  }

  /** What is too expensive, in Kubernetes' words; `path` is the schema's. */
  faults(path: string): readonly FieldError[] {
    if (this.#total <= MAX_SCHEMA_COST) return this.#faults;
    const detail =
      'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema';
    const most = this.#expensive.sort((a, b) => b.cost - a.cost).slice(0, MAX_NAMED);
    return [
      ...this.#faults,
      ...most.map(({ field }) => forbiddenField(field, detail)),
      forbiddenField(path, tooExpensive(TOTAL, this.#total / MAX_SCHEMA_COST)),
    ];
  }
}

function tooExpensive(what: string, factor: number): string {
  return `${what} exceeds budget by factor of ${shown(factor)} (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)`;
}

function shown(factor: number): string {
  if (factor > 100) return 'more than 100x';
  return factor < 1.5 ? `${factor.toFixed(6)}x` : `${factor.toFixed(1)}x`;
}
