import { expect } from 'chai';
import type { Condition } from '../../sdk/api/condition.js';
import type {
  Health,
  PlacedResource,
  WorkloadInstanceStatus,
} from '../../sdk/api/zz_generated.types.js';
import { refKey } from './resource-ref.js';
import type { KnownBefore } from './still-verified.js';
import { stillVerified } from './still-verified.js';

const web = (more: Partial<PlacedResource> = {}): PlacedResource => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  namespace: 'shop',
  name: 'web',
  uid: 'u',
  health: 'Healthy',
  revision: '3-aa',
  ...more,
});
const { revision: _revision, ...withoutRevision } = web();
const settings: PlacedResource = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  namespace: 'shop',
  name: 'settings',
  health: 'Healthy',
  revision: '17',
};
const reconciled = (more: Partial<Condition> = {}): Condition => ({
  type: 'Reconciled',
  status: 'True',
  reason: 'Reconciled',
  message: '',
  observedGeneration: 2,
  lastTransitionTime: '2026-01-01T00:00:00Z',
  ...more,
});
const status = (more: Partial<WorkloadInstanceStatus> = {}): WorkloadInstanceStatus => ({
  observedGeneration: 2,
  definitionGeneration: 5,
  appliedHash: 'h',
  resources: [web({ verified: '3-aa' }), { ...settings, verified: '17' }],
  conditions: [reconciled()],
  ...more,
});
const known = (more: Partial<KnownBefore> = {}): KnownBefore => ({
  status: status(),
  generation: 2,
  definitionGeneration: 5,
  appliedHash: 'h',
  report: { resources: [web(), settings] },
  agentLost: undefined,
  ...more,
});
const reported = (...resources: PlacedResource[]): Partial<KnownBefore> => ({
  report: { resources },
});
const was = (more: Partial<WorkloadInstanceStatus>): Partial<KnownBefore> => ({
  status: status(more),
});
const ofHealth = (health: Health): Partial<KnownBefore> => reported(web({ health }), settings);

const WEB = refKey(web());
const SETTINGS = refKey(settings);

interface Case {
  readonly name: string;
  readonly reason: string;
  readonly given: Partial<KnownBefore>;
}

describe('stillVerified', () => {
  it('knows every resource that is reported in the revision that was verified', () => {
    expect([...stillVerified(known())]).to.deep.equal([
      [WEB, '3-aa'],
      [SETTINGS, '17'],
    ]);
  });

  const same: readonly Case[] = [
    {
      name: 'another health',
      reason: 'that is what most reports are about, and no manifest says it',
      given: ofHealth('Degraded'),
    },
    {
      name: 'another version of the kind in the report',
      reason: 'it is the same object',
      given: reported(web({ apiVersion: 'apps/v1beta1' }), settings),
    },
    {
      name: 'a status that shows an older revision than was verified',
      reason: 'it is as of the report before our own apply',
      given: was({ resources: [web({ revision: '2-aa', verified: '3-aa' }), settings] }),
    },
  ];
  for (const { name, reason, given } of same) {
    it(`trusts ${name}: ${reason}`, () => {
      expect([...stillVerified(known(given)).keys()]).to.include(WEB);
    });
  }

  const one: readonly Case[] = [
    {
      name: 'another revision in the report',
      reason: 'somebody changed it, or it is our own change, which nobody has compared',
      given: reported(web({ revision: '3-bb' }), settings),
    },
    {
      name: 'an older revision in the report',
      reason: 'the agent has not seen what was applied; nor has it seen what came after',
      given: reported(web({ revision: '2-aa' }), settings),
    },
    { name: 'Missing', reason: 'it is to be made again', given: ofHealth('Missing') },
    { name: 'Unknown', reason: 'the agent cannot say what is there', given: ofHealth('Unknown') },
    { name: 'not in the report', reason: 'nobody has seen it', given: reported(settings) },
    {
      name: 'no revision in the report',
      reason: 'nobody says in which state it is',
      given: reported(withoutRevision, settings),
    },
    {
      name: 'a revision that was reported and never verified',
      reason: 'it may be of a state that somebody else made',
      given: was({ resources: [web(), { ...settings, verified: '17' }] }),
    },
    {
      name: 'not in the status',
      reason: 'it is new',
      given: was({ resources: [{ ...settings, verified: '17' }] }),
    },
  ];
  for (const { name, reason, given } of one) {
    it(`has one resource looked at, ${name}: ${reason}`, () => {
      expect([...stillVerified(known(given)).keys()]).to.deep.equal([SETTINGS]);
    });
  }

  const all: readonly Case[] = [
    { name: 'no status', reason: 'nothing was verified yet', given: { status: undefined } },
    { name: 'no report', reason: 'nobody watches', given: { report: undefined } },
    {
      name: 'a lost agent',
      reason: 'what it said last may be old',
      given: { agentLost: 'no heartbeat' },
    },
    { name: 'an edit of the definition', reason: 'as asked', given: { definitionGeneration: 6 } },
    { name: 'an edit of the instance', reason: 'as asked', given: { generation: 3 } },
    {
      name: 'other manifests under the same generation',
      reason: 'the definition was made anew, or Threeport adds something else to it',
      given: { appliedHash: 'other' },
    },
    {
      name: 'a failure before',
      reason: 'nothing is taken for granted',
      given: was({ conditions: [reconciled({ status: 'False', reason: 'ResourcesFailed' })] }),
    },
    {
      name: 'no end of an attempt before',
      reason: 'nobody knows how far it came',
      given: was({ conditions: [] }),
    },
    {
      name: 'a success of an older generation',
      reason: 'it was about something else',
      given: was({ conditions: [reconciled({ observedGeneration: 1 })] }),
    },
    {
      name: 'a generation that was not acted on',
      reason: 'it was about something else',
      given: was({ observedGeneration: 1 }),
    },
  ];
  for (const { name, reason, given } of all) {
    it(`has all looked at after ${name}: ${reason}`, () => {
      expect([...stillVerified(known(given))]).to.deep.equal([]);
    });
  }
});
