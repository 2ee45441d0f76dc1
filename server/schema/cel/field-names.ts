/** Words of the language: a field with such a name is written `__name__`. */
const RESERVED = new Set(
  `true false null in as break const continue else for function if import let loop package
   namespace return var void while`.split(/\s+/),
);
const EXPRESSIBLE = /^[A-Za-z_.\-/][A-Za-z0-9_.\-/]*$/;
const SEQUENCES: Readonly<Record<string, string>> = {
  __: '__underscores__',
  '.': '__dot__',
  '-': '__dash__',
  '/': '__slash__',
};

/**
 * The name by which rules reach a field, as Kubernetes escapes it (k8s.io/apiserver/pkg/cel,
 * `Escape`); undefined for a field that rules cannot reach.
 */
export function escapeFieldName(name: string): string | undefined {
  if (RESERVED.has(name)) return `__${name}__`;
  if (!EXPRESSIBLE.test(name)) return undefined;
  return name.replace(/__|[./-]/g, (sequence) => SEQUENCES[sequence] ?? sequence);
}
