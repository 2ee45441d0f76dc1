import type { KindDefinition } from '../../sdk/api/kind.js';
import type { ApiObject, StoredApiObject } from '../../sdk/api/object.js';
import { isJsonObject } from '../apply/json-object.js';
import type { FieldError } from '../api-errors.js';
import { badRequest, invalidObject } from '../api-errors.js';
import { validateRules } from '../schema/cel/index.js';
import { applyDefaults } from '../schema/defaults.js';
import { normalizeMetadata } from '../schema/normalize-metadata.js';
import { valueAt } from '../schema/field-path.js';
import { checkSelectors } from '../schema/label-selector-rules.js';
import { checkObjectMeta } from '../schema/object-meta-rules.js';
import type { SchemaValidator } from '../schema/schema-validator.js';
import { servedSchema } from '../schema/served-schema.js';
import { checkStorableText } from '../schema/storable-text.js';
import { pruneUnknownFields } from '../schema/unknown-fields.js';
import type { AdmissionHook, AdmissionRequest } from './admission.js';
import { checkImmutablePaths } from './core-admission.js';
import { checkFinalizersWhileDeleting } from './object-transitions.js';
import type { WriteOptions } from './write-request.js';

/** More faults than this in one object are counted, not said: nobody reads them, everybody pays. */
const MAX_FAULTS = 50;

/** What an object goes through between a request and the store, the same for every kind of write. */
export class WritePipeline {
  readonly #validator: SchemaValidator;
  readonly #hooks: readonly AdmissionHook[];

  constructor(options: { validator: SchemaValidator; hooks: readonly AdmissionHook[] }) {
    this.#validator = options.validator;
    this.#hooks = options.hooks;
  }

  /**
   * Removes what the schema does not know, and metadata that says nothing; returns the warnings for
   * the former. Changes `object`.
   *
   * @throws ApiError BadRequest for unknown or duplicate fields under `Strict`; Invalid when
   * `metadata` has not the form that the code behind relies on, or text cannot be stored.
   */
  checkFields(kind: KindDefinition, object: ApiObject, options: WriteOptions): readonly string[] {
    normalizeMetadata(object.metadata as unknown as Record<string, unknown>);
    const faults = [
      ...(options.duplicates ?? []).map((path) => `duplicate field "${path}"`),
      ...pruneUnknownFields(object, servedSchema(kind)).map(({ path, suggestion }) =>
        suggestion === undefined
          ? `unknown field "${path}"`
          : `unknown field "${path}", did you mean "${suggestion}"?`,
      ),
    ];
    if (faults.length > MAX_FAULTS) {
      faults.splice(MAX_FAULTS, Infinity, `and ${faults.length - MAX_FAULTS} more faults`);
    }
    if (faults.length > 0 && options.fieldValidation === 'Strict') {
      throw badRequest(
        `${kind.kind} in version "${kind.version}" cannot be handled as a ${kind.kind}: strict decoding error: ${faults.join(', ')}`,
      );
    }
    const errors = [
      ...this.#validator.validateMetadata(object.metadata),
      ...checkStorableText(object),
    ];
    if (errors.length > 0) throw invalidObject(kind, nameOf(object), errors);
    return options.fieldValidation === 'Ignore' ? [] : faults;
  }

  /** @throws ApiError Invalid with all faults that the kind's schema finds. */
  checkSchema(kind: KindDefinition, object: ApiObject): void {
    const errors = this.#validator.validate(kind, object);
    if (errors.length > 0) throw invalidObject(kind, nameOf(object), errors);
  }

  /** What the hooks are told of a write. `object` is changed in place by the steps that follow. */
  requestOf(
    kind: KindDefinition,
    object: ApiObject,
    old: StoredApiObject | undefined,
    options: WriteOptions & { readonly subresource: string },
  ): AdmissionRequest {
    return {
      kind,
      operation: old === undefined ? 'create' : 'update',
      subresource: options.subresource,
      object,
      ...(old !== undefined && { old }),
      user: options.user,
      dryRun: options.dryRun,
    };
  }

  /** Fills in the defaults of schema and hooks: still part of what the writer says. */
  setDefaults(request: AdmissionRequest): void {
    applyDefaults(request.object, servedSchema(request.kind));
    for (const hook of this.#hooks) hook.setDefaults?.(request);
  }

  /**
   * What the server adds, and every rule on the object as it would be stored.
   *
   * @throws ApiError Invalid with all faults, or whatever an admission hook throws.
   */
  async admit(request: AdmissionRequest): Promise<void> {
    const { kind, object, old } = request;
    await this.#validator.prepare(kind);
    for (const hook of this.#hooks) await hook.mutate?.(request);
    const schemaErrors = this.#validator.validate(kind, object, old);
    const errors: FieldError[] = [
      ...checkObjectMeta(kind, object.metadata),
      ...schemaErrors,
      ...(await validateRules(kind, { object, old, schemaErrors })),
      ...checkSelectors(kind, object, old),
      ...(old === undefined ? [] : checkTransition(kind, old, object)),
    ];
    for (const hook of this.#hooks) errors.push(...((await hook.validate?.(request)) ?? []));
    if (errors.length > 0) throw invalidObject(kind, nameOf(object), errors);
  }

  /** @throws whatever a hook throws to keep the object. */
  async admitDeletion(request: {
    kind: KindDefinition;
    object: ApiObject;
    options: { readonly user: WriteOptions['user']; readonly dryRun: boolean };
  }): Promise<void> {
    const { kind, object, options } = request;
    for (const hook of this.#hooks) {
      await hook.beforeDelete?.({ kind, object, user: options.user, dryRun: options.dryRun });
    }
  }
}

function checkTransition(kind: KindDefinition, old: ApiObject, next: ApiObject): FieldError[] {
  const paths = kind.immutable.map((path) => ({
    path,
    old: valueAt(old, path),
    next: valueAt(next, path),
  }));
  return [
    ...checkImmutablePaths(paths, kind.sensitive),
    ...checkFinalizersWhileDeleting(old, next),
  ];
}

function nameOf(object: ApiObject): string {
  const name: unknown = isJsonObject(object.metadata) ? object.metadata.name : undefined;
  return typeof name === 'string' ? name : '';
}
