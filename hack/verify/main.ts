import { findViolations, readSources } from './verify-imports.js';

/** `make verify-imports`: prints what breaks the import rules and exits 1, or says how much it read. */
const files = await readSources('.');
const violations = findViolations(files);
for (const violation of violations) console.error(violation);
if (files.length === 0) {
  console.error('no source was found: run it at the root of the repository');
  process.exit(1);
}
if (violations.length > 0) process.exit(1);
console.log(`${files.length} files keep the import rules`);
