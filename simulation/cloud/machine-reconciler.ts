import { randomUUID } from 'node:crypto';
import type { StoredApiObject } from '../../sdk/api/object.js';
import type { ReconcileContext, Reconciler } from '../../sdk/runtime/reconciler.js';
import { done } from '../../sdk/runtime/reconciler.js';
import type { CloudMachine, CloudPort } from './cloud-port.js';

export interface MachineStatus {
  /** Written down before the machine is asked for. */
  token?: string;
  id?: string;
}
type Machine = StoredApiObject<{ value?: string }, MachineStatus>;
type Context = ReconcileContext<MachineStatus>;

/** Keeps one machine of the cloud for each Machine: none twice, none forgotten, whoever dies when. */
export function machineReconciler(cloud: CloudPort): Reconciler<{ value?: string }, MachineStatus> {
  return {
    resource: 'machines.simulation.threeport.io',

    async reconcile(machine: Machine, ctx: Context) {
      const value = machine.spec?.value ?? '';
      const found = (await findMachine(cloud, ctx.status)) ?? (await create(machine, value, ctx));
      ctx.status.id = found.id;
      if (found.value !== value) await cloud.change(found.id, value);
      return done;
    },

    async cleanUp(_machine: Machine, ctx: Context) {
      const found = await findMachine(cloud, ctx.status);
      if (found !== undefined) await cloud.delete(found.id);
      return done;
    },
  };

  async function create(machine: Machine, value: string, ctx: Context): Promise<CloudMachine> {
    // A token that may still be on its way to the cloud is used again: then it makes no second one.
    if (ctx.status.id !== undefined || ctx.status.token === undefined) {
      ctx.status.token = randomUUID();
      delete ctx.status.id;
      await ctx.checkpoint();
    }
    return cloud.create({ token: ctx.status.token, owner: machine.metadata.uid, value });
  }
}

/** By its id; until that is known, by the token under which it may have been made. */
async function findMachine(
  cloud: CloudPort,
  { id, token }: MachineStatus,
): Promise<CloudMachine | undefined> {
  const known = id === undefined ? undefined : await cloud.find(id);
  return known ?? (token === undefined ? undefined : cloud.findByToken(token));
}
