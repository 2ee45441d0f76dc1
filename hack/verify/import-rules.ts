/**
 * Who may import whom: design, section 9. A file belongs to the longest matching `folder`; it may
 * import what `may` lists (files or folders of this repository), its own folder always.
 */
export interface FolderRule {
  readonly folder: string;
  readonly may: readonly string[];
}

const SDK_BASE = [
  'sdk/api',
  'sdk/env',
  'sdk/error-chain',
  'sdk/failpoint',
  'sdk/logger',
  'sdk/map-limited',
  'sdk/process',
];

export const folderRules: readonly FolderRule[] = [
  { folder: 'sdk/api', may: [] },
  { folder: 'sdk/index', may: ['sdk'] },
  { folder: 'sdk/env', may: ['sdk/logger'] },
  { folder: 'sdk/logger', may: [] },
  { folder: 'sdk/error-chain', may: [] },
  { folder: 'sdk/failpoint', may: ['sdk/env'] },
  { folder: 'sdk/map-limited', may: [] },
  { folder: 'sdk/yaml-documents', may: [] },
  { folder: 'sdk/metrics', may: [] },
  { folder: 'sdk/tracing', may: ['sdk/env'] },
  { folder: 'sdk/health-server', may: ['sdk/metrics', 'sdk/process'] },
  { folder: 'sdk/process', may: SDK_BASE },
  { folder: 'sdk/watchdog', may: [] },
  { folder: 'sdk/ports', may: [...SDK_BASE] },
  { folder: 'sdk/queue', may: SDK_BASE },
  { folder: 'sdk/kube', may: [...SDK_BASE, 'sdk/ports'] },
  { folder: 'sdk/run', may: ['sdk', 'client'] },
  { folder: 'sdk/verify', may: [] },
  {
    folder: 'sdk/runtime',
    may: [...SDK_BASE, 'sdk/metrics', 'sdk/ports', 'sdk/queue', 'sdk/tracing'],
  },
  { folder: 'client', may: ['sdk/api', 'sdk/error-chain'] },
  { folder: 'server', may: [...SDK_BASE, 'sdk/metrics', 'sdk/tracing', 'sdk/queue'] },
  { folder: 'server/store', may: SDK_BASE },
  { folder: 'server/apply', may: ['sdk/api'] },
  { folder: 'reconcilers', may: ['sdk', 'client'] },
  { folder: 'agent', may: ['sdk', 'client'] },
  { folder: 'sandbox', may: ['sdk', 'server'] },
  { folder: 'tptctl', may: ['sdk', 'client'] },
  { folder: 'simulation', may: ['sdk', 'client', 'server', 'reconcilers'] },
  { folder: 'hack', may: [''] },
  { folder: 'test', may: [''] },
  { folder: 'examples', may: [] },
];

/** Each npm package has one home (or few); importing it elsewhere is a finding. */
export const packageOwners: Readonly<Record<string, readonly string[]>> = {
  '@babel/parser': ['sdk/verify'],
  '@kubernetes/client-node': ['sdk/kube'],
  '@opentelemetry/api': ['sdk/tracing/open-telemetry'],
  '@opentelemetry/exporter-trace-otlp-http': ['sdk/tracing/open-telemetry'],
  '@opentelemetry/resources': ['sdk/tracing/open-telemetry'],
  '@opentelemetry/sdk-trace-base': ['sdk/tracing/open-telemetry'],
  '@marcbachmann/cel-js': ['server/schema/cel'],
  '@peculiar/x509': ['tptctl/embedded'],
  ajv: ['server'],
  'ajv-formats': ['server'],
  commander: ['tptctl'],
  express: ['server', 'sandbox'],
  'js-yaml': ['client', 'tptctl', 'server', 'sdk/kube', 'sdk/yaml-documents'],
  kysely: ['server/store'],
  'light-my-request': ['simulation'],
  nats: ['sdk/queue'],
  pg: ['server/store', 'tptctl/embedded'],
  re2js: ['server/schema'],
  'reflect-metadata': ['tptctl/embedded'],
  threeport: ['examples'],
  winston: ['sdk/logger'],
};

/** Test code and tools may use these besides. */
export const anyPackageIn: readonly string[] = ['hack', 'test'];

/** Packages that compute and no more: reconcilers may load them. */
export const computingPackages: readonly string[] = ['js-yaml'];

/** Where the configuration of a process may be read from its environment. */
export const environmentReaders: readonly RegExp[] = [
  /(^|\/)(config|main)\.ts$/,
  /^sdk\/process\.ts$/,
  /^tptctl\//,
  /^hack\//,
  /^test\//,
];
