import type { Client } from '../../client/index.js';
import { FIELD_MANAGER, untilDone } from './until-done.js';

/** A roster for each: its name, and the label that it selects. */
export const COLOURS = ['red', 'blue'] as const;

/** Puts up the rosters that machines come on and leave. */
export async function putUpRosters(client: Client): Promise<void> {
  for (const colour of COLOURS) {
    const roster = {
      apiVersion: 'simulation.threeport.io/v1',
      kind: 'Roster',
      metadata: { name: colour, namespace: 'default' },
      spec: { selector: { matchLabels: { colour } } },
    };
    await untilDone(() => client.apply(roster, { fieldManager: FIELD_MANAGER, force: true }));
  }
}
