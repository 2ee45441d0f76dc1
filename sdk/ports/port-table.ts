import { apiContract, type ApiPort, type ApiReads } from './api-port.js';
import { kubeContract, type KubeReads } from './kube-port.js';
import { declareOpenedPort, declarePort, type PortDeclaration } from './port-contract.js';
import type { Ports } from './ports.js';
import { secretsContract, type SecretsPort } from './secrets-port.js';

/**
 * Every port of `ctx`. `local`: nothing of it reaches the outside. A port is added here and in Ports,
 * and is then guarded, recorded, journaled and made dry like the others.
 */
export type PortTable = Readonly<Record<string, PortDeclaration | 'local'>>;

export const portTable = {
  api: declarePort<ApiPort, ApiReads>(apiContract, { outside: false }),
  kube: declareOpenedPort<Ports['kube'], KubeReads>(kubeContract, {
    outside: true,
    placeOf: ({ runtime }) => runtime,
  }),
  secrets: declarePort<SecretsPort, SecretsPort>(secretsContract, { outside: false }),
  clock: 'local',
  random: 'local',
  log: 'local',
} as const satisfies Record<keyof Ports, PortDeclaration | 'local'>;
