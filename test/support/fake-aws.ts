import { ApiError } from '../../sdk/api/errors.js';
import {
  awsDeclaration,
  type AwsPort,
  type AwsRequest,
  type AwsResource,
  type AwsTag,
} from '../../sdk/ports/aws-port.js';
import { portTable } from '../../sdk/ports/port-table.js';
import type { Ports } from '../../sdk/ports/ports.js';
import { noPorts } from './work-plane.js';

/** How one call for a create goes wrong: before it takes effect, or after it. */
export type CreateFault = 'before' | 'after' | 'refused' | 'hangs after';

/** An account that names what it makes, and counts it. */
export class FakeAws implements AwsPort {
  readonly #resources = new Map<string, AwsResource & { readonly tags: readonly AwsTag[] }>();
  readonly faults: CreateFault[] = [];
  made = 0;

  get identifiers(): string[] {
    return [...this.#resources.keys()];
  }

  /** For a worker: `ctx.aws` with its declaration. */
  get ports(): { readonly ports: Ports; readonly portTable: typeof tableWithAws } {
    return { ports: { ...noPorts, aws: () => this } as Ports, portTable: tableWithAws };
  }

  async find(_type: string, identifier: string): Promise<AwsResource | undefined> {
    return this.#resources.get(identifier);
  }

  async findTagged(type: string, tag: AwsTag): Promise<readonly AwsResource[]> {
    return [...this.#resources.values()].filter(
      (each) =>
        each.type === type &&
        each.tags.some(({ key, value }) => key === tag.key && value === tag.value),
    );
  }

  async create({ type, properties, tags = [] }: AwsRequest): Promise<AwsResource> {
    const fault = this.faults.shift();
    if (fault === 'refused') throw new ApiError('Forbidden', 'not in this account');
    if (fault === 'before') throw new ApiError('Timeout', 'no answer');
    const resource = { type, identifier: `id-${++this.made}`, properties, tags };
    this.#resources.set(resource.identifier, resource);
    if (fault === 'after') throw new ApiError('Timeout', 'no answer');
    if (fault === 'hangs after') return new Promise(() => undefined);
    return resource;
  }

  put(request: AwsRequest): Promise<AwsResource> {
    return this.create(request);
  }

  async delete(_type: string, identifier: string): Promise<void> {
    this.#resources.delete(identifier);
  }
}

const tableWithAws = { ...portTable, aws: awsDeclaration };
