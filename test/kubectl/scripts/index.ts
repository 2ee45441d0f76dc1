import type { KubectlScript } from '../kubectl-line.js';
import { applyClientSide, applyServerSide, prune } from './apply.js';
import { change } from './change.js';
import { create } from './create.js';
import { deleteAndWait } from './delete-wait.js';
import { describeAndExplain } from './describe-explain.js';
import { get } from './get.js';
import { events, sandbox, server, standardKinds } from './server.js';

/** Every use of kubectl that must work, by what it is for. */
export const kubectlScripts: readonly KubectlScript[] = [
  create,
  applyClientSide,
  applyServerSide,
  prune,
  get,
  describeAndExplain,
  change,
  deleteAndWait,
  server,
  events,
  standardKinds,
  sandbox,
];
