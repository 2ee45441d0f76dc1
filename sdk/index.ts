/** What an author of an extension imports: `threeport/sdk`. */
export type { Condition, ConditionStatus } from './api/condition.js';
export {
  ConditionType,
  findCondition,
  isConditionTrue,
  removeCondition,
  setCondition,
} from './api/condition.js';
export type { ErrorReason, StatusCause, StatusDetails } from './api/errors.js';
export { ApiError, isAlreadyExists, isApiError, isConflict, isNotFound } from './api/errors.js';
export type { JsonSchema, KindDefinition, ReferenceField } from './api/kind.js';
export { collectionPath, resourceName } from './api/kind.js';
export type { ApiObject, ObjectMeta, OwnerReference, StoredApiObject } from './api/object.js';
export { apiVersionOf, controllerOf, isBeingDeleted } from './api/object.js';
export { KindRegistry } from './api/registry.js';
export { errorChain } from './error-chain.js';
export type { LogFields, Logger } from './logger.js';
export { createLogger, nopLogger } from './logger.js';
export type { JournalEffect, JournalEntry } from './api/journal.js';
export type { ApiPort } from './ports/api-port.js';
export { createClientApi, systemClock } from './ports/client-api-port.js';
export type { ClusterRef, KubeObjectRef, KubePort, KubeResource } from './ports/kube-port.js';
export type { PortContract } from './ports/port-contract.js';
export type { ClockPort, Effect, EffectNature, Ports } from './ports/ports.js';
export type { RandomPort } from './ports/random-port.js';
export { systemRandom } from './ports/random-port.js';
export { recordEffects, writesOf } from './ports/record-effects.js';
export type { SecretRef, SecretsPort, SecretValue } from './ports/secrets-port.js';
export { createSecrets } from './ports/secrets-port.js';
export type { Part } from './process.js';
export { runProcess } from './process.js';
export { InProcessQueue } from './queue/in-process-queue.js';
export { JetStreamQueue } from './queue/jetstream-queue.js';
export type { WakeHandler, WakeQueue } from './queue/wake-queue.js';
export type { ControllerOptions } from './runtime/controller.js';
export type { EventSink, ObjectEvent } from './runtime/event-recorder.js';
export { EventRecorder } from './runtime/event-recorder.js';
export type {
  ReconcileContext,
  ReconcileResult,
  Reconciler,
  ReconcilerCondition,
} from './runtime/reconciler.js';
export {
  done,
  LeaseLostError,
  requeueAfter,
  TerminalError,
  waitingFor,
} from './runtime/reconciler.js';
export type { WorkApi } from './runtime/work-api.js';
export type { WorkerOptions } from './runtime/worker.js';
export { createController, createWorker } from './runtime/worker.js';
