import { isDeepStrictEqual } from 'node:util';
import type { StoredApiObject } from '../../sdk/api/object.js';
import type { ObjectStore, Revision } from '../../server/store/object-store.js';
import type { Ledger } from '../people/ledger.js';
import { TALLY } from '../people/counter.js';
import { logOf, stored } from './stored.js';
import type { Violation } from './violation.js';

/** What people were told was done is in the log, as they were told. */
export async function forgotten(store: ObjectStore, ledger: Ledger): Promise<Violation[]> {
  const log = new Map((await logOf(store)).map((entry) => [entry.resourceVersion, entry]));
  return [
    ...ledger.writes.flatMap(({ resource, object }): Violation[] => {
      const { name, resourceVersion } = object.metadata;
      const entry = log.get(Number(resourceVersion));
      return entry !== undefined && isTheSame(entry, object)
        ? []
        : [
            `${resource} ${name}: version ${resourceVersion} was acknowledged and is not in the log`,
          ];
    }),
    ...(await miscounted(store, ledger)),
  ];
}

function isTheSame(entry: Revision, told: StoredApiObject): boolean {
  const { metadata, spec, ...rest } = JSON.parse(entry.object.json) as StoredApiObject;
  return (
    metadata.uid === told.metadata.uid &&
    metadata.generation === told.metadata.generation &&
    isDeepStrictEqual([spec, rest['data']], [told.spec, told['data']])
  );
}

async function miscounted(store: ObjectStore, ledger: Ledger): Promise<Violation[]> {
  const { counted, perhapsCounted } = ledger;
  const maps = await stored(store, 'configmaps');
  const tally = maps.find(({ metadata }) => metadata.name === TALLY.name);
  const count = Number((tally?.['data'] as { count?: string } | undefined)?.count ?? 0);
  if (count >= counted && count <= counted + perhapsCounted) return [];
  return [`the tally is ${count}, with ${counted} counted and ${perhapsCounted} perhaps`];
}
