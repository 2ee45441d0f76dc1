import type { JsonSchema } from '../../sdk/api/kind.js';
import type { CustomResourceVersion, JSONSchemaProps } from '../../sdk/api/zz_generated.types.js';
import type { FieldError } from '../api-errors.js';
import {
  duplicateValue,
  forbiddenField,
  invalidValue,
  requiredValue,
  tooMany,
} from '../api-errors.js';
import { checkRules } from '../schema/cel/index.js';
import type { SchemaValidator } from '../schema/schema-validator.js';
import { checkDefaults } from './default-rules.js';
import { checkLabel } from './name-rules.js';
import { checkKeywords } from './schema-keyword-rules.js';
import { checkStructure } from './structural-schema-rules.js';

type PrinterColumn = NonNullable<CustomResourceVersion['additionalPrinterColumns']>[number];
type Scale = NonNullable<NonNullable<CustomResourceVersion['subresources']>['scale']>;

const COLUMN_TYPES = ['boolean', 'date', 'integer', 'number', 'string'];
const COLUMN_FORMATS = 'byte,date,date-time,double,float,int32,int64,password'.split(',');
const MAX_SELECTABLE_FIELDS = 8;
/** Each is looked up in every object of a list. */
const MAX_COLUMNS = 200;
const MAX_WARNING_LENGTH = 256;
/** What may stand beside `properties` at the root when `/status` is served apart. */
const ROOT_KEYWORDS = new Set(
  (
    'description type format title maximum exclusiveMaximum minimum exclusiveMinimum maxLength ' +
    'minLength pattern maxItems minItems uniqueItems multipleOf required items properties ' +
    'externalDocs example x-kubernetes-preserve-unknown-fields x-kubernetes-validations'
  ).split(' '),
);

/** What the rules of a schema are checked with. */
export interface SchemaChecks {
  readonly validator: Pick<SchemaValidator, 'validateValue'>;
}

export interface VersionContext extends SchemaChecks {
  /** The schema was accepted before, as it is: it may be older than a rule. */
  readonly isKnownSchema: boolean;
}

/** One version of a definition. */
export async function checkVersion(
  field: string,
  version: CustomResourceVersion,
  context: VersionContext,
): Promise<FieldError[]> {
  const schema = version.schema?.openAPIV3Schema;
  const errors = [
    ...checkLabel(`${field}.name`, version.name),
    ...checkDeprecation(`${field}.deprecationWarning`, version),
    ...checkColumns(`${field}.additionalPrinterColumns`, version.additionalPrinterColumns ?? []),
    ...checkScale(`${field}.subresources`, version.subresources?.scale),
  ];
  const schemaField = `${field}.schema.openAPIV3Schema`;
  if (schema === undefined) {
    return [...errors, requiredValue(schemaField, 'schemas are required')];
  }
  errors.push(...checkSelectableFields(`${field}.selectableFields`, version, schema));
  if (context.isKnownSchema) return errors;
  if (version.subresources?.status !== undefined) {
    const other = Object.keys(schema).find((keyword) => !ROOT_KEYWORDS.has(keyword));
    if (other !== undefined) {
      errors.push(
        invalidValue(
          schemaField,
          other,
          `only [${[...ROOT_KEYWORDS].join(' ')}] fields are allowed at the root of the schema if the status subresource is enabled`,
        ),
      );
    }
  }
  if (schema.nullable === true) {
    errors.push(forbiddenField(`${schemaField}.nullable`, 'nullable cannot be true at the root'));
  }
  const structure = checkStructure(schemaField, schema);
  const keywords = checkKeywords(schemaField, schema);
  errors.push(...structure, ...keywords);
  // Defaults and rules are laid on the schema around them, which must make sense for that.
  if (structure.length === 0 && keywords.length === 0) {
    errors.push(...(await checkDefaults(schemaField, schema, context.validator)));
    errors.push(...(await checkRules(schema as JsonSchema, schemaField)));
  }
  return errors;
}

function checkDeprecation(field: string, version: CustomResourceVersion): FieldError[] {
  const { deprecated, deprecationWarning } = version;
  if (deprecationWarning === undefined) return [];
  const faults: string[] = [];
  if (deprecated !== true) faults.push('can only be set for deprecated versions');
  if (deprecationWarning.length > MAX_WARNING_LENGTH) {
    faults.push(`must be <= ${MAX_WARNING_LENGTH} characters long`);
  }
  if (deprecationWarning === '') faults.push('must not be an empty string');
  const odd = deprecationWarning.search(/[\p{C}\p{Zl}\p{Zp}]/u);
  if (odd >= 0) {
    faults.push(
      `must only contain printable UTF-8 characters; non-printable character found at index ${odd}`,
    );
  }
  return faults.map((fault) => invalidValue(field, deprecationWarning, fault));
}

function checkColumns(field: string, columns: readonly PrinterColumn[]): FieldError[] {
  return columns.length > MAX_COLUMNS
    ? [tooMany(field, columns.length, MAX_COLUMNS)]
    : columns.flatMap((column, i) => checkColumn(`${field}[${i}]`, column));
}

function checkColumn(field: string, column: PrinterColumn): FieldError[] {
  const errors: FieldError[] = [];
  const wanted = `must be one of ${COLUMN_TYPES.join(',')}`;
  if (column.name === '') errors.push(requiredValue(`${field}.name`));
  if (column.type === '') errors.push(requiredValue(`${field}.type`, wanted));
  else if (!COLUMN_TYPES.includes(column.type)) {
    errors.push(invalidValue(`${field}.type`, column.type, wanted));
  }
  const { format = '' } = column;
  if (format !== '' && !COLUMN_FORMATS.includes(format)) {
    errors.push(
      invalidValue(`${field}.format`, format, `must be one of ${COLUMN_FORMATS.join(',')}`),
    );
  }
  if (column.jsonPath === '') errors.push(requiredValue(`${field}.jsonPath`));
  else errors.push(...checkSimplePath(`${field}.jsonPath`, column.jsonPath));
  return errors;
}

function checkScale(field: string, scale: Scale | undefined): FieldError[] {
  if (scale === undefined) return [];
  const { specReplicasPath, statusReplicasPath, labelSelectorPath = '' } = scale;
  return [
    ...checkPathBelow(`${field}.scale.specReplicasPath`, specReplicasPath, ['.spec.'], '.spec'),
    ...checkPathBelow(
      `${field}.scale.statusReplicasPath`,
      statusReplicasPath,
      ['.status.'],
      '.status',
    ),
    ...(labelSelectorPath === ''
      ? []
      : checkPathBelow(
          `${field}.scale.labelSelectorPath`,
          labelSelectorPath,
          ['.spec.', '.status.'],
          'either .spec or .status',
        )),
  ];
}

function checkPathBelow(
  field: string,
  path: string,
  roots: readonly string[],
  where: string,
): FieldError[] {
  if (path === '') return [requiredValue(field)];
  const errors = checkSimplePath(field, path);
  if (errors.length > 0 || roots.some((root) => path.startsWith(root))) return errors;
  return [invalidValue(field, path, `should be a json path under ${where}`)];
}

function checkSimplePath(field: string, path: string): FieldError[] {
  return path.startsWith('.')
    ? []
    : [invalidValue(field, path, 'must be a simple json path starting with .')];
}

function checkSelectableFields(
  field: string,
  { selectableFields = [] }: CustomResourceVersion,
  schema: JSONSchemaProps,
): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const [i, { jsonPath }] of selectableFields.entries()) {
    const at = `${field}[${i}].jsonPath`;
    if (jsonPath === '') {
      errors.push(requiredValue(at));
      continue;
    }
    if (/^\.metadata(\.|$)/.test(jsonPath)) {
      errors.push(invalidValue(at, jsonPath, 'must not point to fields in metadata'));
      continue;
    }
    const found = schemaAt(schema, jsonPath);
    if (found === undefined) {
      errors.push(
        invalidValue(at, jsonPath, 'is an invalid path: does not refer to a valid field'),
      );
      continue;
    }
    if (!['string', 'boolean', 'integer'].includes(found.type ?? '')) {
      errors.push(
        invalidValue(
          at,
          jsonPath,
          'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.',
        ),
      );
    }
    if (seen.has(jsonPath)) errors.push(duplicateValue(at, jsonPath));
    seen.add(jsonPath);
  }
  if (seen.size > MAX_SELECTABLE_FIELDS) {
    errors.push(tooMany(field, seen.size, MAX_SELECTABLE_FIELDS));
  }
  return errors;
}

/** The schema of a field by its path of names, `.spec.colour`; undefined where there is none. */
function schemaAt(root: JSONSchemaProps, path: string): JSONSchemaProps | undefined {
  if (!path.startsWith('.')) return undefined;
  let schema: JSONSchemaProps | undefined = root;
  for (const name of path.slice(1).split('.')) {
    const properties: JSONSchemaProps['properties'] = schema?.properties;
    schema =
      properties !== undefined && Object.hasOwn(properties, name) ? properties[name] : undefined;
  }
  return schema;
}
