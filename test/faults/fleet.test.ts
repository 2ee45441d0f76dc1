import { expect } from 'chai';
import { Fleet, shares, takenOver, unevenness } from '../support/fleet.js';
import type { ProcessPlane } from '../support/process-plane.js';
import { startProcessPlane } from '../support/process-plane.js';

const WORKLOADS = 200;
const CLUSTERS = 10;
const LEASE_MS = 5_000;
/** Workloads and instances, this many of each at once. */
const MOST_HELD = 2 * 8;
/** A sweep with its jitter, and the claims that are ahead. */
const SWEEP_MS = 2_400;
const SLACK_MS = 6_000;
/** The goal is 0.2 of the whole size; the start of a worker weighs more in a short run. */
const MOST_UNEVEN = 0.3;
const PATIENCE_MS = 40_000;

/** hack/bench/fleet.ts has the whole size. */
describe(`two workers share ${WORKLOADS} workloads over ${CLUSTERS} clusters`, function () {
  this.timeout(90_000);
  let plane: ProcessPlane;
  let fleet: Fleet;

  beforeEach(async () => {
    plane = await startProcessPlane({ clusters: CLUSTERS, leaseMs: LEASE_MS });
    fleet = await Fleet.open(plane);
  });
  afterEach(async () => {
    await fleet?.close();
    await plane?.stop();
  });

  /** Each resource came to be, and nothing else ever happened to any. */
  async function expectMadeOnce(): Promise<void> {
    const made = Array.from({ length: WORKLOADS }, (_, number) => {
      const name = `w${number}`;
      return [`namespaces ${name}`, `configmaps ${name}/a`, `configmaps ${name}/b`];
    });
    const changes = made.flat().map((resource) => `ADDED ${resource}`);
    expect((await fleet.changes()).toSorted()).to.deep.equal(changes.toSorted());
  }

  it('each is applied once, and the work is spread evenly', async () => {
    await fleet.create(WORKLOADS);
    await fleet.reconciled(WORKLOADS, PATIENCE_MS);
    await expectMadeOnce();
    expect([...fleet.writtenAgain()], 'sent twice').to.deep.equal([]);
    const attempts = await fleet.attempts();
    expect(takenOver(attempts)).to.deep.equal([]);
    const counts = shares(attempts);
    expect(counts).to.have.length(2);
    expect(unevenness(counts), counts.join(' / ')).to.be.at.most(MOST_UNEVEN);
  });

  it('one is killed midway, which costs nothing but its lease', async () => {
    const creating = fleet.create(WORKLOADS);
    await fleet.applied(WORKLOADS / 2, PATIENCE_MS);
    await plane.workers.at(-1)?.kill();
    const killedAt = Date.now();
    await creating;
    await fleet.reconciled(WORKLOADS, PATIENCE_MS);
    await expectMadeOnce();
    const attempts = await fleet.attempts();
    const late = takenOver(attempts);
    expect(late.length).to.be.within(1, MOST_HELD);
    expect(late.map(({ name }) => name)).to.include.members([...fleet.writtenAgain()]);
    const waits = late.map(({ startedAt }) => Date.parse(startedAt) - killedAt);
    expect(Math.max(...waits)).to.be.below(LEASE_MS + SWEEP_MS + SLACK_MS);
    const outcomes = new Set(attempts.map(({ outcome }) => outcome));
    expect([...outcomes]).to.have.members(['waiting', 'done']);
  });
});
