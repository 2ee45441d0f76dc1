import { isJsonObject, setOwnValue } from './json-object.js';

/**
 * RFC 7386: null removes a key, objects merge key by key, all else replaces. Returns `target` itself
 * when the patch changes nothing in it; modifies neither and shares their parts. Never throws.
 */
export function applyMergePatch(target: unknown, patch: unknown): unknown {
  if (!isJsonObject(patch)) return patch;
  const before = isJsonObject(target) ? target : {};
  let result = before;
  for (const key of Object.keys(patch)) {
    const isKnown = Object.hasOwn(before, key);
    const change = patch[key];
    if (change === null) {
      if (!isKnown) continue;
      if (result === before) result = { ...before };
      delete result[key];
      continue;
    }
    const old = isKnown ? before[key] : undefined;
    const value = applyMergePatch(old, change);
    if (isKnown && value === old) continue;
    if (result === before) result = { ...before };
    setOwnValue(result, key, value);
  }
  return isJsonObject(target) ? result : result === before ? {} : result;
}
