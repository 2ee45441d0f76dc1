export { applyJsonPatch } from './json-patch.js';
export { applyMergePatch } from './merge-patch.js';
export { applyServerSide, type ApplyInput } from './server-side-apply.js';
export { applyStrategicMergePatch } from './strategic-merge-patch.js';
export { deepEqual } from './deep-equal.js';
export { trackUpdate, type TrackUpdateInput } from './track-update.js';
export type { JsonSchema } from './schema-walk.js';
