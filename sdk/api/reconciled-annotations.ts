import type { KindDefinition, ReferenceField, SelectorField } from './kind.js';

/**
 * Annotations of a CustomResourceDefinition: what Threeport takes of it beyond Kubernetes' own
 * fields. A real kube-apiserver keeps them and does nothing; keywords in the schema it would refuse.
 */
export const RECONCILED_ANNOTATION = 'threeport.io/reconciled';
export const FINALIZER_ANNOTATION = 'threeport.io/finalizer';
export const REFERENCES_ANNOTATION = 'threeport.io/references';

const ANNOTATIONS = [RECONCILED_ANNOTATION, FINALIZER_ANNOTATION, REFERENCES_ANNOTATION] as const;
const MAX_REFERENCES = 16;
const FINALIZER = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?\/[A-Za-z0-9]([-\w.]*[A-Za-z0-9])?$/;
/** As in selectableFields, but below `spec` alone: what somebody wants of another object. */
const JSON_PATH = /^\.spec(\.[A-Za-z_][-\w]*){1,8}$/;
const EFFECTS: readonly unknown[] = ['block', 'cascade', 'orphan'];

export type Annotations = Readonly<Record<string, string>>;

/** A value that says nothing: which annotation, and why. */
export interface AnnotationProblem {
  readonly annotation: string;
  readonly value: string;
  readonly detail: string;
}

/** What the annotations make of a kind. */
export interface ReconciledDeclaration extends Pick<
  KindDefinition,
  'reconciled' | 'references' | 'selectors'
> {
  /** Empty: they are as they should be. What has a problem counts for nothing. */
  readonly problems: readonly AnnotationProblem[];
}

/** Our annotations alone. */
export function reconciledAnnotations(annotations: Annotations = {}): Annotations {
  return Object.fromEntries(
    ANNOTATIONS.flatMap((name) => {
      const value = annotations[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/**
 * - `threeport.io/reconciled: "true"`: workers claim objects of the kind.
 * - `threeport.io/finalizer: websites.example.com/cleanup`: put on objects before the first
 *   reconcile, removed after clean-up. Absent: nothing to clean up.
 * - `threeport.io/references`: JSON, a list of `{jsonPath, group, kind}`: fields that name another
 *   object, whose changes wake this one. Also `namespaceJsonPath`, `onDelete` (`block`, `cascade`;
 *   default `orphan`) and `anyWhenAbsent`, as in ReferenceField. With `selector: true` the field is a
 *   label selector over the kind, as in SelectorField.
 */
export function readReconciledAnnotations(annotations: Annotations = {}): ReconciledDeclaration {
  const problems: AnnotationProblem[] = [];
  const refuse = (annotation: string, detail: string): void => {
    problems.push({ annotation, value: annotations[annotation] ?? '', detail });
  };
  const finalizer = annotations[FINALIZER_ANNOTATION];
  if (finalizer !== undefined && (finalizer.length > 316 || !FINALIZER.test(finalizer))) {
    refuse(FINALIZER_ANNOTATION, 'must be a finalizer such as websites.example.com/cleanup');
  }
  const reconciled = annotations[RECONCILED_ANNOTATION];
  if (reconciled !== undefined && reconciled !== 'true' && reconciled !== 'false') {
    refuse(RECONCILED_ANNOTATION, 'must be "true" or "false"');
  }
  const isReconciled = reconciled === 'true' && problems.length === 0;
  const references = readReferences(annotations[REFERENCES_ANNOTATION], (detail) =>
    refuse(REFERENCES_ANNOTATION, detail),
  );
  const selectors = references.filter((field) => !('onDelete' in field));
  return {
    ...(isReconciled && { reconciled: finalizer === undefined ? {} : { finalizer } }),
    references: references.filter((field) => 'onDelete' in field),
    ...(selectors.length > 0 && { selectors }),
    problems,
  };
}

function readReferences(
  text: string | undefined,
  refuse: (detail: string) => void,
): readonly (ReferenceField | SelectorField)[] {
  if (text === undefined) return [];
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    refuse('must be JSON: [{"jsonPath": ".spec.runtime", "group": "…", "kind": "…"}]');
    return [];
  }
  if (!Array.isArray(list) || list.length > MAX_REFERENCES) {
    refuse(`must be a list of at most ${MAX_REFERENCES} references`);
    return [];
  }
  const references: (ReferenceField | SelectorField)[] = [];
  for (const [i, item] of list.entries()) {
    const read = readReference(item);
    if (typeof read === 'string') refuse(`item ${i}: ${read}`);
    else references.push(read);
  }
  return references;
}

/** A text says what is wrong. */
function readReference(item: unknown): ReferenceField | SelectorField | string {
  if (typeof item !== 'object' || item === null) return 'must be an object';
  const { jsonPath, namespaceJsonPath, group, kind, ...rest } = item as Record<string, unknown>;
  const { onDelete, anyWhenAbsent, selector, ...others } = rest;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) return `unknown field "${unknown}"`;
  const path = pathOf(jsonPath);
  if (path === undefined) return 'jsonPath must be a path such as .spec.runtime';
  const namespacePath = pathOf(namespaceJsonPath);
  if (namespaceJsonPath !== undefined && namespacePath === undefined) {
    return 'namespaceJsonPath must be a path such as .spec.runtimeNamespace';
  }
  if (typeof group !== 'string') return 'group must be text, "" for the core group';
  if (typeof kind !== 'string' || kind === '') return 'kind must be the name of a kind';
  if (onDelete !== undefined && !EFFECTS.includes(onDelete)) {
    return 'onDelete must be block, cascade or orphan';
  }
  if (anyWhenAbsent !== undefined && typeof anyWhenAbsent !== 'boolean') {
    return 'anyWhenAbsent must be true or false';
  }
  if (selector !== undefined && typeof selector !== 'boolean') {
    return 'selector must be true or false';
  }
  const place = { path, group, kind, ...(namespacePath !== undefined && { namespacePath }) };
  if (selector === true) {
    const isPlain = onDelete === undefined && anyWhenAbsent === undefined;
    return isPlain ? place : 'a selector has neither onDelete nor anyWhenAbsent';
  }
  return {
    ...place,
    onDelete: (onDelete ?? 'orphan') as ReferenceField['onDelete'],
    ...(anyWhenAbsent === true && { anyWhenAbsent }),
  };
}

function pathOf(jsonPath: unknown): string | undefined {
  return typeof jsonPath === 'string' && JSON_PATH.test(jsonPath) ? jsonPath.slice(1) : undefined;
}
