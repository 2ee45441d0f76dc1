/** A machine as the cloud has it. */
export interface CloudMachine {
  /** The cloud's own choice: nobody knows it before. */
  readonly id: string;
  /** Whom it was made for. */
  readonly token: string;
  readonly owner: string;
  readonly value: string;
}

/** A cloud whose creates have no name of ours: the shape of EC2, EKS and their like. */
export interface CloudPort {
  /** Twice with one token: the same machine. */
  create(machine: Omit<CloudMachine, 'id'>): Promise<CloudMachine>;
  findByToken(token: string): Promise<CloudMachine | undefined>;
  find(id: string): Promise<CloudMachine | undefined>;
  change(id: string, value: string): Promise<void>;
  /** Gone already is no error. */
  delete(id: string): Promise<void>;
}
