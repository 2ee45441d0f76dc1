import { declareOpenedPort, type PortContract } from './port-contract.js';

/** One account in one region. Never its credential. */
export interface AwsPlace {
  readonly account: string;
  readonly region: string;
}

export interface AwsTag {
  readonly key: string;
  readonly value: string;
}

/** What there is, under the identifier that AWS or the caller gave it. */
export interface AwsResource {
  /** As CloudFormation names types: `AWS::EC2::VPC`. */
  readonly type: string;
  readonly identifier: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** What is wanted. */
export interface AwsRequest {
  readonly type: string;
  /** What it is to the object that it is made for: `vpc`, `subnet-a`. The same in every attempt. */
  readonly role: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly tags?: readonly AwsTag[];
}

/** What is wanted under a name that the caller gives. */
export interface AwsNamedRequest extends AwsRequest {
  readonly name: string;
}

export interface AwsReads {
  find(type: string, identifier: string): Promise<AwsResource | undefined>;
  /** What carries the tag; empty when nothing does. */
  findTagged(type: string, tag: AwsTag): Promise<readonly AwsResource[]>;
}

/** The shape of `ctx.aws(place)`: one cloud account. */
export interface AwsPort extends AwsReads {
  /** What AWS names itself. The runtime tags it with the token of its intent. */
  create(request: AwsRequest): Promise<AwsResource>;
  /** What the caller names: made, or changed to be as wanted. */
  put(request: AwsNamedRequest): Promise<AwsResource>;
  /** Gone already is no error. */
  delete(type: string, identifier: string): Promise<void>;
}

/** The tag that carries the token of an intent. */
export const INTENT_TAG = 'threeport.io/intent';

const PLANNED = '(known after it is made)';

export const awsContract: PortContract<AwsPort, AwsReads> = {
  find: { nature: 'read', target: (type, identifier) => `${type} ${identifier}` },
  findTagged: { nature: 'read', target: (type, { key }) => `${type} tagged ${key}` },
  create: {
    nature: 'create',
    idempotent: false,
    foundAgain: {
      by: 'tag',
      withToken: (token, request) => {
        const tags = [...(request.tags ?? []), { key: INTENT_TAG, value: token }];
        return [{ ...request, tags }];
      },
      find: async (aws, token, { type }) =>
        (await aws.findTagged(type, { key: INTENT_TAG, value: token }))[0],
    },
    target: ({ type, role }) => `${type} ${role}`,
    dry: async (_aws, { type, properties }) => ({ type, identifier: PLANNED, properties }),
  },
  put: {
    nature: 'update',
    idempotent: true,
    foundAgain: { by: 'name' },
    target: ({ type, name }) => `${type} ${name}`,
    dry: async (_aws, { type, name, properties }) => ({ type, identifier: name, properties }),
  },
  delete: {
    nature: 'delete',
    idempotent: true,
    foundAgain: { by: 'name' },
    target: (type, identifier) => `${type} ${identifier}`,
    dry: async () => undefined,
  },
};

export type OpenAws = (place: AwsPlace) => AwsPort;

export const awsDeclaration = declareOpenedPort<OpenAws, AwsReads>(awsContract, {
  outside: true,
  placeOf: ({ account, region }) => `${account}/${region}`,
});
