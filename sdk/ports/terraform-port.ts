import { declareOpenedPort, type PortContract } from './port-contract.js';

/** Where the state of a configuration is kept: Terraform finds by it what it made before. */
export interface TerraformWorkspace {
  readonly name: string;
}

export interface TerraformConfig {
  /** File names and their text. */
  readonly files: Readonly<Record<string, string>>;
  readonly variables: Readonly<Record<string, unknown>>;
}

export interface TerraformPlan {
  readonly create: number;
  readonly update: number;
  readonly delete: number;
}

export type TerraformOutputs = Readonly<Record<string, unknown>>;

export interface TerraformReads {
  plan(config: TerraformConfig): Promise<TerraformPlan>;
  /** Of what was applied last; empty before. */
  outputs(): Promise<TerraformOutputs>;
}

/** The shape of `ctx.terraform(workspace)`. Variables and outputs are never recorded. */
export interface TerraformPort extends TerraformReads {
  apply(config: TerraformConfig): Promise<TerraformOutputs>;
  /** Nothing left already is no error. */
  destroy(config: TerraformConfig): Promise<void>;
}

export const terraformContract: PortContract<TerraformPort, TerraformReads> = {
  plan: { nature: 'read', target: () => 'configuration' },
  outputs: { nature: 'read', target: () => 'outputs' },
  apply: {
    nature: 'update',
    idempotent: true,
    foundAgain: { by: 'name' },
    target: () => 'configuration',
    dry: (terraform) => terraform.outputs(),
  },
  destroy: {
    nature: 'delete',
    idempotent: true,
    foundAgain: { by: 'name' },
    target: () => 'configuration',
    dry: async () => undefined,
  },
};

export type OpenTerraform = (workspace: TerraformWorkspace) => TerraformPort;

export const terraformDeclaration = declareOpenedPort<OpenTerraform, TerraformReads>(
  terraformContract,
  { outside: true, placeOf: ({ name }) => name },
);
