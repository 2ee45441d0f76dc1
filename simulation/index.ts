/** What an author tries a reconciler with: `threeport/simulation`. See docs/writing-a-reconciler.md. */
export type { Finding, VerifyOptions } from '../sdk/verify/verify-reconciler.js';
export { formatFinding, verifyReconcilers } from '../sdk/verify/verify-reconciler.js';
export type { ConformanceCase } from './extension/conformance.js';
export { conformanceCases } from './extension/conformance.js';
export type { Extension } from './extension/extension.js';
export type { SimulatedSeed } from './extension/simulate.js';
export { simulateSeed } from './extension/simulate.js';
