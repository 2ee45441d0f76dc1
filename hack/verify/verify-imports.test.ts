import { expect } from 'chai';
import { findViolations } from './verify-imports.js';

const cases: {
  name: string;
  reason: string;
  path: string;
  text: string;
  want: RegExp | undefined;
}[] = [
  {
    name: 'SdkApiImportsSibling',
    reason: 'sdk/api is what everything stands on: it stands on nothing',
    path: 'sdk/api/object.ts',
    text: "import { createLogger } from '../logger.js';",
    want: /sdk\/api may not import sdk\/logger/,
  },
  {
    name: 'ServerImportsClient',
    reason: 'the server is not its own client',
    path: 'server/resource-service.ts',
    text: "import { createClient } from '../client/index.js';",
    want: /server may not import client/,
  },
  {
    name: 'StoreImportsItsServer',
    reason: 'data flows one way: route, service, store',
    path: 'server/store/sql/sql-object-store.ts',
    text: "import { x } from '../../resource-service.js';",
    want: /server\/store may not import server\/resource-service/,
  },
  {
    name: 'ServerImportsStore',
    reason: 'that is the way data flows',
    path: 'server/resource-service.ts',
    text: "import type { ObjectStore } from './store/object-store.js';",
    want: undefined,
  },
  {
    name: 'DomainImportsDomain',
    reason: 'controllers never talk to each other',
    path: 'reconcilers/workload/a.ts',
    text: "import { b } from '../kubernetes-runtime/b.js';",
    want: /never imports another/,
  },
  {
    name: 'PackageOutsideItsHome',
    reason: 'each package has one owner',
    path: 'agent/main.ts',
    text: "import pg from 'pg';",
    want: /package pg belongs to/,
  },
  {
    name: 'UnownedPackage',
    reason: 'a new dependency is a decision',
    path: 'agent/main.ts',
    text: "const x = await import('left-pad');",
    want: /left-pad has no owner/,
  },
  {
    name: 'EnvironmentReadAnywhere',
    reason: 'configuration is read once',
    path: 'server/app.ts',
    text: "const port = process.env['PORT'];",
    want: /config\.ts only/,
  },
  {
    name: 'TestsAreFree',
    reason: 'a test may look at anything',
    path: 'server/app.test.ts',
    text: "import { createClient } from '../client/index.js';",
    want: undefined,
  },
];

describe('findViolations', () => {
  for (const { name, reason, path, text, want } of cases) {
    it(name, () => {
      const violations = findViolations([{ path, text }]);
      if (want === undefined) expect(violations, reason).to.deep.equal([]);
      else expect(violations.join('\n'), reason).to.match(want);
    });
  }
});
