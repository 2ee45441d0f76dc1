import type { WorkKey } from '../api/work.js';

/**
 * The subject that carries hints for one object: `wake.<group>.<plural>.<uid>`, the group's dots as
 * `_`, the core group as `core`. `*` as uid names all objects of the resource.
 */
export function wakeSubject(resource: string, uid: string): string {
  const dot = resource.indexOf('.');
  const plural = dot < 0 ? resource : resource.slice(0, dot);
  const group = dot < 0 ? 'core' : resource.slice(dot + 1).replaceAll('.', '_');
  return `wake.${group}.${plural}.${uid}`;
}

/** The object that a subject is for; undefined for a subject of another form. */
export function keyOfSubject(subject: string): WorkKey | undefined {
  const [root, group, plural, uid, ...rest] = subject.split('.');
  if (root !== 'wake' || !group || !plural || !uid || rest.length > 0) return undefined;
  // No API group has an underscore, so the way back is unambiguous.
  const resource = group === 'core' ? plural : `${plural}.${group.replaceAll('_', '.')}`;
  return { resource, uid };
}

/** Name of the durable consumer that all workers of a resource share. */
export function consumerName(resource: string): string {
  return resource.replaceAll('.', '_');
}
