import { statement } from './statement.js';

/** Below every version of the log: no reader of it ever comes here. */
const NO_VERSION = -1;

/**
 * Does what every write does, to the tables that every write is about, and takes it back: commits a
 * transaction that adds an entry to the log and removes it again. Nobody sees it.
 */
export const PROBE_WRITE = statement(
  '',
  `BEGIN;
INSERT INTO revisions (resource_version, previous_version, type, resource, uid, namespace, name,
    cause_uid, cause_fence, object)
  VALUES (${NO_VERSION}, NULL, 'DELETED', '', '', '', '', NULL, NULL, '{}');
DELETE FROM revisions WHERE resource_version = ${NO_VERSION};
INSERT INTO cursors (name, version) VALUES ('readyz', 1)
  ON CONFLICT (name) DO UPDATE SET version = cursors.version + 1;
COMMIT`,
  { repeatable: true, isTransaction: true },
);
