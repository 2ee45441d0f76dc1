import { Client } from 'pg';
import { kinds } from '../../sdk/api/zz_generated.kinds.js';
import { SqlObjectStore } from '../../server/store/sql/sql-object-store.js';
import type { ApiAnswer, ApiWorld } from './api-world.js';
import { startApiWorld } from './api-world.js';
import { eventually } from './eventually.js';
import type { TestDatabase } from './postgres.js';
import { testDatabase } from './postgres.js';

export const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

/** Several API servers over one database. */
export interface CustomResourceWorld {
  readonly servers: readonly ApiWorld[];
  /** One more server, on the same database. */
  startServer(): Promise<ApiWorld>;
  /** What the database itself still has of a resource, the log aside. */
  rowsLeft(resource: string): Promise<{ readonly objects: number; readonly owners: number }>;
  stop(): Promise<void>;
}

export async function startCustomResourceWorld(serverCount: number): Promise<CustomResourceWorld> {
  const database: TestDatabase = await testDatabase();
  const servers: ApiWorld[] = [];
  const startServer = async (): Promise<ApiWorld> => {
    const store = new SqlObjectStore({ connectionString: database.url, kinds, pollMs: 100 });
    const server = await startApiWorld({ store, settledAfterMs: 300 });
    servers.push(server);
    return server;
  };
  for (let i = 0; i < serverCount; i++) await startServer();
  return {
    servers,
    startServer,
    async rowsLeft(resource) {
      const client = new Client({ connectionString: database.url });
      await client.connect();
      const count = async (text: string): Promise<number> =>
        Number(
          (await client.query<{ count: string }>(`SELECT count(*) FROM ${text}`)).rows[0]?.count,
        );
      try {
        return {
          objects: await count(`objects_${resource.replaceAll('.', '_')}`),
          owners: await count(`owner_references WHERE resource = '${resource}'`),
        };
      } finally {
        await client.end();
      }
    },
    async stop() {
      await Promise.all(servers.map((server) => server.stop()));
      await database.drop();
    },
  };
}

export interface VersionInput {
  readonly name: string;
  readonly served?: boolean;
  readonly storage?: boolean;
  /** Of `spec`; objects have a free status beside it. */
  readonly spec?: object;
  readonly schema?: object;
  readonly [field: string]: unknown;
}

/** A definition of widgets.example.com, or of another plural in that group. */
export function definition(
  versions: readonly VersionInput[],
  others: {
    readonly plural?: string;
    readonly names?: object;
    readonly [field: string]: unknown;
  } = {},
) {
  const { plural = 'widgets', names, ...fields } = others;
  const kind = plural.charAt(0).toUpperCase() + plural.slice(1, -1);
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.example.com` },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural, kind, ...names },
      versions: versions.map(({ spec, schema, ...version }) => ({
        served: true,
        storage: versions.length === 1,
        subresources: { status: {} },
        schema: {
          openAPIV3Schema: schema ?? {
            type: 'object',
            properties: {
              spec: { type: 'object', ...spec },
              status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
            },
          },
        },
        ...version,
      })),
      ...fields,
    },
  };
}

/** Applies a definition, whatever is there. */
export async function applyDefinition(
  world: ApiWorld,
  applied: ReturnType<typeof definition>,
): Promise<ApiAnswer> {
  return world.call(
    'PATCH',
    `${DEFINITIONS}/${applied.metadata.name}?fieldManager=test&force=true`,
    {
      type: 'application/apply-patch+yaml',
      body: applied,
    },
  );
}

/** Applies a definition and waits until it is Established; answers it. */
export async function establish(
  world: ApiWorld,
  applied: ReturnType<typeof definition>,
  // oxlint-disable-next-line typescript/no-explicit-any -- a test looks into it as it likes
): Promise<any> {
  const answer = await applyDefinition(world, applied);
  if (answer.status >= 300) throw new Error(`${answer.status} ${JSON.stringify(answer.body)}`);
  const { name, generation } = answer.body.metadata as { name: string; generation: number };
  return eventually(`${name} is established`, async () => {
    const { body } = await world.call('GET', `${DEFINITIONS}/${name}`);
    return body.metadata.generation >= generation && conditionOf(body, 'Established') === 'True'
      ? (body as unknown)
      : undefined;
  });
}

// oxlint-disable-next-line typescript/no-explicit-any -- any object of the API
export function conditionOf(object: any, type: string): string | undefined {
  return object.status?.conditions?.find((condition: { type: string }) => condition.type === type)
    ?.status;
}
