import { expect } from 'chai';
import type { KubeTransport } from '../../sdk/kube/kube-transport.js';
import { createKubeTransport } from '../../sdk/kube/kube-transport.js';
import type { ApiWorld } from '../support/api-world.js';
import { startApiWorld } from '../support/api-world.js';
import {
  DEFINITION_CASES,
  OBJECT_CASES,
  RICH_DEFINITION,
} from '../support/custom-resource-cases.js';
import { conditionOf, DEFINITIONS } from '../support/custom-resource-world.js';
import { eventually } from '../support/eventually.js';
import type { RealCluster } from '../support/real-cluster.js';
import { startRealCluster } from '../support/real-cluster.js';

const WIDGETS = '/apis/example.com/v1/namespaces/default/widgets';

type Send = (
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  body?: unknown,
  // oxlint-disable-next-line typescript/no-explicit-any -- a test looks into it as it likes
) => Promise<{ status: number; body: any }>;

/** Fields and reasons of a refusal, in order; or what was stored, but for what differs anyway. */
// oxlint-disable-next-line typescript/no-explicit-any -- any object of the API
function outcomeOf(status: number, body: any): unknown {
  if (status < 300) return { status, spec: body.spec, objectStatus: body.status };
  const causes = (body.details?.causes ?? []) as Cause[];
  const faults = causes
    .map((cause) => `${fieldOf(cause)} ${reasonOf(cause)}`)
    .filter((fault) => !fault.startsWith('spec.version '));
  return { status, faults: [...new Set(faults)].sort() };
}

interface Cause {
  readonly field?: string;
  readonly reason?: string;
  readonly message: string;
}

/**
 * Kubernetes speaks of its former form of a definition, in which all versions shared their schema:
 * Threeport names the field that the author wrote. Of list items Kubernetes 1.20 does not say which.
 */
function fieldOf({ field = '', message }: Cause): string {
  const named = field === '<nil>' ? (/"([^"]+)" must validate/.exec(message)?.[1] ?? '') : field;
  return named
    .replace(/^spec\.validation\./, 'spec.versions[0].schema.')
    .replace(/^spec\.(subresources|additionalPrinterColumns)/, 'spec.versions[0].$1')
    .replace(/JSONPath$/, 'jsonPath')
    .replace(/^(spec\.ports)\[\d+\](?=\.)/, '$1');
}

/** Kubernetes 1.20 has fewer reasons than it has today. */
function reasonOf({ reason = '' }: Cause): string {
  return reason.replace(/Value(Type|TooLong|TooMany)?(Invalid)?$/, 'ValueInvalid');
}

describe('custom resources compared with a real kube-apiserver', function () {
  this.timeout(120_000);
  let cluster: RealCluster | undefined;
  let transport: KubeTransport;
  let world: ApiWorld;
  let real: Send;
  let ours: Send;

  before(async function () {
    cluster = await startRealCluster('crd');
    if (cluster === undefined) return this.skip();
    transport = createKubeTransport(cluster.kubeconfig);
    world = await startApiWorld();
    real = async (method, path, body) => {
      const answer = await transport.request({ method, path, body });
      return { status: answer.statusCode, body: answer.body };
    };
    ours = (method, path, body) => world.call(method, path, { body });
  });
  after(async () => {
    transport?.close();
    await world?.stop();
    await cluster?.stop();
  });

  for (const { name, reason, body } of DEFINITION_CASES) {
    it(`definition ${name}: ${reason}`, async () => {
      const path = `${DEFINITIONS}?dryRun=All`;
      const [theirs, mine] = await Promise.all([
        real('POST', path, body),
        ours('POST', path, body),
      ]);
      const withoutStatus = (answer: { status: number; body: { status?: unknown } }) => ({
        ...(outcomeOf(answer.status, answer.body) as object),
        objectStatus: undefined,
      });
      expect(withoutStatus(mine), JSON.stringify(mine.body.message)).to.deep.equal(
        withoutStatus(theirs),
        JSON.stringify(theirs.body.message),
      );
    });
  }

  describe('objects', () => {
    before(async () => {
      for (const send of [real, ours]) {
        const made = await send('POST', DEFINITIONS, RICH_DEFINITION);
        expect(made.status, JSON.stringify(made.body)).to.equal(201);
        await eventually('it is established', async () => {
          const { body } = await send('GET', `${DEFINITIONS}/widgets.example.com`);
          return conditionOf(body, 'Established') === 'True';
        });
        await eventually('it is served', async () => (await send('GET', WIDGETS)).status === 200);
      }
    });

    for (const { name, reason, spec, status } of OBJECT_CASES) {
      it(`${name}: ${reason}`, async () => {
        const body = {
          apiVersion: 'example.com/v1',
          kind: 'Widget',
          metadata: { name: name.toLowerCase() },
          spec,
          status,
        };
        const [theirs, mine] = await Promise.all([
          real('POST', WIDGETS, body),
          ours('POST', WIDGETS, body),
        ]);
        expect(outcomeOf(mine.status, mine.body), JSON.stringify(mine.body)).to.deep.equal(
          outcomeOf(theirs.status, theirs.body),
          JSON.stringify(theirs.body),
        );
        if (mine.status >= 300) return;
        const path = `${WIDGETS}/${name.toLowerCase()}`;
        const [read, readMine] = await Promise.all([real('GET', path), ours('GET', path)]);
        expect(outcomeOf(readMine.status, readMine.body)).to.deep.equal(
          outcomeOf(read.status, read.body),
        );
      });
    }
  });
});
