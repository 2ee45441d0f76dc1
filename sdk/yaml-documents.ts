import {
  CORE_SCHEMA,
  NOT_RESOLVED,
  YAMLException,
  boolYaml11Tag,
  defineScalarTag,
  loadAll,
  mergeTag,
} from 'js-yaml';

/** One document of a YAML text. Numbers and lines count from 1; empty documents do not count. */
export interface YamlDocument {
  readonly number: number;
  /** Where its first line stands in the text. */
  readonly line: number;
  readonly value: unknown;
}

/** A text that is no YAML. The message names document and line and quotes nothing. */
export class YamlSyntaxError extends Error {
  override readonly name = 'YamlSyntaxError';
  /** From 1, of the whole text. */
  readonly line: number;
  /** What is wrong there. */
  readonly reason: string;

  constructor(document: number, line: number, reason: string) {
    super(`document ${document}, line ${line}: ${reason}`);
    this.line = line;
    this.reason = reason;
  }
}

/** kubectl reads YAML 1.1 numbers: `defaultMode: 0644` is octal there. */
const kubernetesInt = defineScalarTag('tag:yaml.org,2002:int', {
  implicit: true,
  implicitFirstChars: [...'-+0123456789'],
  resolve: (source) => {
    const match = /^([-+]?)(?:0x([0-9a-fA-F]+)|0b([01]+)|0o?([0-7]+)|([0-9]+))$/.exec(source);
    if (match === null) return NOT_RESOLVED;
    const [, sign, hex, binary, octal, decimal] = match;
    const digits: readonly [string | undefined, number][] = [
      [hex, 16],
      [binary, 2],
      [octal, 8],
      [decimal, 10],
    ];
    const [text, radix] = digits.find(([group]) => group !== undefined) ?? ['0', 10];
    const value = Number.parseInt(text ?? '0', radix);
    return sign === '-' && value !== 0 ? -value : value;
  },
  identify: Number.isInteger,
  represent: String,
});

/** YAML as kubectl understands it: 1.1's booleans, octal numbers and merge keys; times stay text. */
const KUBERNETES_SCHEMA = CORE_SCHEMA.withTags(boolYaml11Tag, kubernetesInt, mergeTag);
const MAX_ALIASES = 200;

/**
 * Parses a text of documents separated by `---`, reading scalars as kubectl does.
 *
 * @throws YamlSyntaxError naming the document and the line of the fault.
 */
export function parseYamlDocuments(text: string): YamlDocument[] {
  const documents: YamlDocument[] = [];
  for (const part of splitDocuments(text)) {
    const number = documents.length + 1;
    for (const value of parsePart(part, number)) {
      documents.push({ number: documents.length + 1, line: part.line, value });
    }
  }
  return documents;
}

interface Part {
  readonly line: number;
  readonly text: string;
}

function parsePart(part: Part, number: number): unknown[] {
  try {
    return loadAll(part.text, { schema: KUBERNETES_SCHEMA, maxAliases: MAX_ALIASES }).filter(
      (value) => value !== null && value !== undefined,
    );
  } catch (error) {
    const mark = error instanceof YAMLException ? error.mark : undefined;
    const line = part.line + (mark?.line ?? 0);
    const reason = error instanceof YAMLException ? error.reason : 'it cannot be read';
    // The parser's own message quotes the text, which may hold a Secret; `reason` does not.
    throw new YamlSyntaxError(number, line, reason);
  }
}

/** A line that starts with `---` begins a document wherever it stands, in a block scalar too. */
function splitDocuments(text: string): Part[] {
  const parts: Part[] = [];
  let start = 0;
  const lines = text.split('\n');
  for (let index = 0; index <= lines.length; index++) {
    const line = lines[index];
    if (line !== undefined && !/^---(\s|$)/.test(line)) continue;
    const body = lines.slice(start, index);
    if (body.some(hasContent)) {
      const first = body.findIndex(hasContent);
      parts.push({ line: start + first + 1, text: body.slice(first).join('\n') });
    }
    if (line !== undefined) {
      // What follows the marker on its line belongs to the document: `--- {a: 1}`.
      lines[index] = line.slice(3);
      start = index;
    }
  }
  return parts;
}

function hasContent(line: string): boolean {
  return !/^\s*(#.*)?$/.test(line) && !line.startsWith('%');
}
