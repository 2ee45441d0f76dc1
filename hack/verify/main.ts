import { readdir } from 'node:fs/promises';
import { formatFinding, verifyReconcilers } from '../../sdk/verify/verify-reconciler.js';
import { computingPackages } from './import-rules.js';
import { findViolations, readSources } from './verify-imports.js';

/**
 * `make verify-imports`: prints what breaks the import rules, and every way by which a reconciler
 * could reach the world but by its ports, and exits 1; or says how much it read.
 */
const files = await readSources('.');
const domains = (await readdir('reconcilers', { withFileTypes: true }).catch(() => []))
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => `reconcilers/${name}`);
if (files.length === 0 || domains.length === 0) {
  console.error('no source was found: run it at the root of the repository');
  process.exit(1);
}
const reconcilers = await verifyReconcilers(
  [...domains, 'examples/website/website-reconciler.ts'],
  {
    allow: computingPackages,
  },
);
const violations = [...findViolations(files), ...reconcilers.findings.map(formatFinding)];
for (const violation of violations) console.error(violation);
if (violations.length > 0) process.exit(1);
console.log(`${files.length} files keep the import rules`);
console.log(
  `${reconcilers.files.length} files of reconcilers reach the world by their ports alone`,
);
