/** What an author of an extension imports: `threeport/sdk`. See docs/writing-a-reconciler.md. */
export type { Condition, ConditionStatus } from './api/condition.js';
export { findCondition, isConditionTrue } from './api/condition.js';
export type { ErrorReason } from './api/errors.js';
export { ApiError, isAlreadyExists, isApiError, isConflict, isNotFound } from './api/errors.js';
export type { LabelSelector } from './api/label-selector.js';
export { labelSelectorText } from './api/label-selector.js';
export type { ApiObject, ObjectMeta, OwnerReference, StoredApiObject } from './api/object.js';
export { controllerOf, isBeingDeleted } from './api/object.js';
export { errorChain } from './error-chain.js';
export { ensureGone, ensureObject } from './kube/ensure-object.js';
export type { Found, MissingDependency, RuntimeAccess } from './kube/find-runtime.js';
export { findRuntime } from './kube/find-runtime.js';
export { sameButForServerFields } from './kube/same-object.js';
export type { LogFields, Logger } from './logger.js';
export type { ApiPort } from './ports/api-port.js';
export type { ClusterRef, KubeObjectRef, KubePort, KubeResource } from './ports/kube-port.js';
export type { ClockPort, Ports } from './ports/ports.js';
export type { RandomPort } from './ports/random-port.js';
export type { SecretRef, SecretsPort, SecretValue } from './ports/secrets-port.js';
export type { RunReconcilersOptions } from './run/run-reconcilers.js';
export { runReconcilers } from './run/run-reconcilers.js';
export type {
  ReconcileContext,
  ReconciledObject,
  ReconcileResult,
  Reconciler,
  ReconcilerCondition,
} from './runtime/reconciler.js';
export {
  done,
  LeaseLostError,
  ReconcileError,
  requeueAfter,
  TerminalError,
  waitingFor,
} from './runtime/reconciler.js';
