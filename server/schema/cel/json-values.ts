import type { JsonObject } from '../../apply/json-object.js';
import { isJsonObject, ownValue } from '../../apply/json-object.js';
import type { CostMeter } from './cost-meter.js';
import type { CelValue } from './values.js';
import { CelList, CelMap } from './values.js';

/** Turns JSON that a schema describes into a value, and has what it takes paid for. */
export type ReadJson = (json: unknown, meter: CostMeter) => CelValue;

/** A field that a schema names. */
export interface JsonField {
  /** In the object; rules may have to spell it differently. */
  readonly name: string;
  /** Undefined for a field whose type the schema does not say. */
  readonly read: () => ReadJson | undefined;
}

/** An object whose keys are the user's. */
export class JsonMap extends CelMap {
  readonly #json: JsonObject;
  readonly #readValue: ReadJson;

  constructor(json: JsonObject, readValue: ReadJson) {
    super();
    this.#json = json;
    this.#readValue = readValue;
  }

  get size(): number {
    return Object.keys(this.#json).length;
  }

  get(key: CelValue, meter: CostMeter): CelValue | undefined {
    const value = typeof key === 'string' ? ownValue(this.#json, key) : undefined;
    return value === undefined ? undefined : this.#readValue(value, meter);
  }

  keys(): readonly CelValue[] {
    return Object.keys(this.#json);
  }
}

/**
 * An object whose fields the schema names. Others are there to be compared; rules cannot name them.
 */
export class JsonFields extends CelMap {
  readonly #json: JsonObject;
  readonly #fields: ReadonlyMap<string, JsonField>;
  readonly #keysByName: ReadonlyMap<string, string>;

  constructor(
    json: JsonObject,
    fields: ReadonlyMap<string, JsonField>,
    keysByName: ReadonlyMap<string, string>,
  ) {
    super();
    this.#json = json;
    this.#fields = fields;
    this.#keysByName = keysByName;
  }

  get size(): number {
    return Object.keys(this.#json).length;
  }

  get(key: CelValue, meter: CostMeter): CelValue | undefined {
    if (typeof key !== 'string') return undefined;
    const field = this.#fields.get(key);
    const value = ownValue(this.#json, field?.name ?? key);
    return value === undefined ? undefined : (field?.read() ?? readUntyped)(value, meter);
  }

  keys(): readonly CelValue[] {
    return Object.keys(this.#json).map((name) => this.#keysByName.get(name) ?? name);
  }
}

function readUntyped(json: unknown): CelValue {
  if (Array.isArray(json)) return new CelList(json, readUntyped);
  if (isJsonObject(json)) return new JsonMap(json, readUntyped);
  if (typeof json === 'number') return Number.isSafeInteger(json) ? BigInt(json) : json;
  return typeof json === 'boolean' || json === null ? json : String(json);
}
