import { describeBlocking } from './suite/blocking-suite.js';
import { describeJournal } from './suite/journal-suite.js';
import { describeLeases } from './suite/leases-suite.js';
import { describeLists } from './suite/lists-suite.js';
import { describeLog } from './suite/log-suite.js';
import { describePastLists } from './suite/past-lists-suite.js';
import { describePriority } from './suite/priority-suite.js';
import { describeRelations } from './suite/relations-suite.js';
import type { CreateHarness } from './suite/suite-kinds.js';
import { describeWork } from './suite/work-suite.js';
import { describeWrites } from './suite/writes-suite.js';

/** The one suite that every ObjectStore is held to. `create` gives stores on new, empty data. */
export function describeObjectStore(name: string, create: CreateHarness): void {
  describe(`${name}: ObjectStore`, function () {
    this.timeout(30_000);
    describeWrites(create);
    describeLog(create);
    describeLists(create);
    describePastLists(create);
    describeRelations(create);
    describeBlocking(create);
    describeWork(create);
    describeLeases(create);
    describePriority(create);
    describeJournal(create);
  });
}
