/** What every reader of YAML, 1.1 or 1.2, takes for a string without quotes. */
const PLAIN = /^[A-Za-z_][\w./-]*$/;
const NO_STRINGS = /^(?:y|n|yes|no|on|off|true|false|null|nan|inf|infinity)$/i;
/** JSON leaves these as they are; to YAML they are line breaks, or nothing that may be printed. */
const UNSAFE = /[\u007f-\u009f\u2028\u2029\ufeff]/g;

/** JSON text as YAML in block style, keys sorted, as a kube-apiserver writes it. */
export function yamlOf(json: string): string {
  const lines: string[] = [];
  write(JSON.parse(json), '', '', lines);
  return `${lines.join('\n')}\n`;
}

/** Adds the lines of a value. `lead` is what stands before it on its first line. */
function write(value: unknown, indent: string, lead: string, lines: string[]): void {
  if (Array.isArray(value) && value.length > 0) {
    // A list stands on lines of its own, but as an item of a list.
    const isInline = lead.endsWith('- ');
    if (lead !== '' && !isInline) lines.push(lead.trimEnd());
    for (const [i, item] of value.entries()) {
      const start = i === 0 && isInline ? lead : indent;
      write(item, `${indent}  `, `${start}- `, lines);
    }
    return;
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    const keys = Object.keys(value).toSorted();
    if (keys.length > 0) {
      const isInline = lead.endsWith('- ');
      if (lead !== '' && !isInline) lines.push(lead.trimEnd());
      for (const [i, key] of keys.entries()) {
        const start = i === 0 && isInline ? lead : indent;
        const member = (value as Record<string, unknown>)[key];
        const deeper = Array.isArray(member) ? indent : `${indent}  `;
        write(member, deeper, `${start}${scalar(key)}: `, lines);
      }
      return;
    }
  }
  lines.push(`${lead}${scalar(value)}`);
}

function scalar(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value);
  if (PLAIN.test(value) && !NO_STRINGS.test(value)) return value;
  return JSON.stringify(value).replace(
    UNSAFE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
