import { expect } from 'chai';
import { verifySource } from './verify-reconciler.js';

/** Every way around the ports that somebody thought of, and what is said of it. */
const evasions: { readonly name: string; readonly text: string; readonly want: RegExp }[] = [
  { name: 'Fetch', text: 'await1(fetch("x"));', want: /fetch is outside/ },
  { name: 'FetchOfGlobalThis', text: 'f(globalThis.fetch("x"));', want: /globalThis is outside/ },
  { name: 'FetchByText', text: "f(globalThis['fetch']);", want: /globalThis is outside/ },
  { name: 'AliasOfGlobalThis', text: 'const g = globalThis;', want: /globalThis is outside/ },
  { name: 'Global', text: 'f(global.process);', want: /global is outside/ },
  { name: 'AliasOfFetch', text: 'const get = fetch;', want: /fetch is outside/ },
  { name: 'FetchInObject', text: 'const o = { fetch };', want: /fetch is outside/ },
  { name: 'FetchAsDefault', text: 'function f(get = fetch) {}', want: /fetch is outside/ },
  { name: 'DestructuredGlobal', text: 'const { fetch: get } = self;', want: /self is outside/ },
  { name: 'AssertedGlobal', text: '(globalThis as any).x;', want: /globalThis is outside/ },
  { name: 'Process', text: 'const { env } = process;', want: /process is outside/ },
  { name: 'Console', text: 'console.log(1);', want: /console is outside/ },
  { name: 'Timeout', text: 'setTimeout(() => 1, 1);', want: /setTimeout is outside/ },
  { name: 'Interval', text: 'const t = setInterval;', want: /setInterval is outside/ },
  { name: 'Microtask', text: 'queueMicrotask(f);', want: /queueMicrotask is outside/ },
  {
    name: 'TimeoutOfASignal',
    text: 'f(AbortSignal.timeout(5));',
    want: /AbortSignal.timeout is a timer/,
  },
  { name: 'Atomics', text: 'Atomics.wait(a, 0, 0, 9);', want: /Atomics is outside/ },
  { name: 'Now', text: 'f(Date.now());', want: /Date.now is the time of the machine/ },
  { name: 'NowByText', text: "f(Date['now']());", want: /Date.now is the time/ },
  { name: 'NowInPieces', text: "f(Date['no' + 'w']());", want: /Date.now is the time/ },
  { name: 'NowByTemplate', text: 'f(Date[`n${"ow"}`]());', want: /Date.now is the time/ },
  { name: 'NowByName', text: 'f(Date[name]());', want: /Date is used by its members alone/ },
  { name: 'NewDate', text: 'f(new Date());', want: /Date is used by its members alone/ },
  {
    name: 'NewDateOfNothing',
    text: 'f(new Date(...[]));',
    want: /Date is used by its members alone/,
  },
  { name: 'DateCalled', text: 'f(Date());', want: /Date is used by its members alone/ },
  { name: 'AliasOfDate', text: 'const D = Date;', want: /Date is used by its members alone/ },
  {
    name: 'ExtendedDate',
    text: 'class D extends Date {}',
    want: /Date is used by its members alone/,
  },
  {
    name: 'DestructuredNow',
    text: 'const { now } = Date;',
    want: /Date is used by its members alone/,
  },
  { name: 'DateOfADate', text: 'f(new Date(1).constructor);', want: /\.constructor leads around/ },
  { name: 'Random', text: 'f(Math.random());', want: /Math.random is chance/ },
  { name: 'RandomByText', text: "f(Math?.['random']?.());", want: /Math.random is chance/ },
  { name: 'AliasOfMath', text: 'const m = Math;', want: /Math is used by its members alone/ },
  {
    name: 'DestructuredRandom',
    text: 'const { random } = Math;',
    want: /Math is used by its members/,
  },
  { name: 'Performance', text: 'f(performance.now());', want: /performance is outside/ },
  { name: 'Crypto', text: 'f(crypto.randomUUID());', want: /crypto is outside/ },
  { name: 'OldMemory', text: 'f(Buffer.allocUnsafe(9));', want: /Buffer.allocUnsafe shows/ },
  { name: 'Eval', text: "eval('1');", want: /eval is outside/ },
  { name: 'IndirectEval', text: "(0, eval)('1');", want: /eval is outside/ },
  { name: 'Function', text: "new Function('return fetch')();", want: /Function is outside/ },
  {
    name: 'FunctionBehind',
    text: "[].constructor.constructor('return 1')();",
    want: /\.constructor leads/,
  },
  { name: 'FunctionByText', text: "f([]['constructor']);", want: /\.constructor leads/ },
  { name: 'FunctionInPieces', text: "f([]['con' + 'structor']);", want: /\.constructor leads/ },
  { name: 'FunctionByPattern', text: 'const { constructor: c } = f;', want: /\.constructor leads/ },
  {
    name: 'AsyncFunction',
    text: 'f(Object.getPrototypeOf(f));',
    want: /Object.getPrototypeOf leads/,
  },
  { name: 'ProtoOf', text: 'f(x.__proto__);', want: /\.__proto__ leads around/ },
  { name: 'PatchedPrototype', text: 'Array.prototype.at = f;', want: /\.prototype leads around/ },
  {
    name: 'PatchedJson',
    text: 'JSON.parse = f;',
    want: /a change of JSON is one for the whole process/,
  },
  { name: 'Reflect', text: "Reflect.get(x, 'y');", want: /Reflect is outside/ },
  { name: 'Proxy', text: 'new Proxy({ a: 1 }, h);', want: /Proxy is outside/ },
  { name: 'StackTrace', text: 'Error.prepareStackTrace = f;', want: /prepareStackTrace leads/ },
  { name: 'Require', text: "f(require('fs'));", want: /require is outside/ },
  { name: 'ImportEquals', text: "import fs = require('fs');", want: /import … = require/ },
  { name: 'DynamicImport', text: "f(import('node:fs'));", want: /loads a module while it runs/ },
  { name: 'DynamicImportByName', text: 'f(import(name));', want: /loads a module while it runs/ },
  { name: 'ImportMeta', text: 'f(import.meta.url);', want: /import.meta depends/ },
  {
    name: 'NodeModule',
    text: "import { readFile } from 'node:fs/promises';",
    want: /node:fs\/promises may reach/,
  },
  { name: 'OldNodeModule', text: "import fs from 'fs';", want: /fs may reach anything/ },
  {
    name: 'Sdk',
    text: "import { S3 } from '@aws-sdk/client-s3';",
    want: /client-s3 may reach anything/,
  },
  { name: 'SideEffect', text: "import 'undici';", want: /undici may reach anything/ },
  {
    name: 'ReExport',
    text: "export { get } from 'node:http';",
    want: /node:http may reach anything/,
  },
  {
    name: 'ReExportOfAll',
    text: "export * from 'threeport/sdk';",
    want: /\* of threeport\/sdk is not for reconcilers/,
  },
  {
    name: 'WholeSdk',
    text: "import * as sdk from 'threeport/sdk';",
    want: /\* of threeport\/sdk is not for reconcilers/,
  },
  {
    name: 'RunInside',
    text: "import { runReconcilers } from 'threeport/sdk';",
    want: /runReconcilers of threeport\/sdk is not for/,
  },
  {
    name: 'ChanceOfCrypto',
    text: "import { randomUUID as u } from 'node:crypto';",
    want: /randomUUID of node:crypto is not for/,
  },
  {
    name: 'WholeCrypto',
    text: "import crypto2 from 'node:crypto';",
    want: /default of node:crypto is not for/,
  },
  { name: 'Url', text: "import { x } from 'data:text/javascript,1';", want: /may reach anything/ },
  { name: 'Variable', text: 'let count = 0;', want: /"let" at the top is state/ },
  { name: 'ExportedVariable', text: 'export let count = 0;', want: /"let" at the top is state/ },
  {
    name: 'Cache',
    text: 'const cache = new Map<string, string>();',
    want: /begins empty at the top is state/,
  },
  { name: 'List', text: 'const seen: string[] = [];', want: /begins empty at the top is state/ },
  {
    name: 'Record',
    text: 'const seen = {} as Record<string, 1>;',
    want: /begins empty at the top is state/,
  },
  {
    name: 'FilledCache',
    text: "const c = new Map([['a', 1]]); const f = () => c.set('b', 2);",
    want: /a change of c, which stands at the top/,
  },
  {
    name: 'Field',
    text: 'const s = { n: 0 }; const f = () => { s.n += 1; };',
    want: /a change of s, which stands/,
  },
  {
    name: 'Count',
    text: 'const s = { n: 0 }; const f = () => s.n++;',
    want: /a change of s, which stands/,
  },
  {
    name: 'Deletion',
    text: 'const s = { n: 0 }; const f = () => delete s.n;',
    want: /a change of s, which stands/,
  },
  {
    name: 'DeepField',
    text: 'const s = { a: { b: [1] } }; const f = () => s.a.b.push(2);',
    want: /a change of s/,
  },
  {
    name: 'AssignedObject',
    text: 'const s = { n: 0 }; const f = () => Object.assign(s, { n: 1 });',
    want: /a change of s/,
  },
  {
    name: 'StateOfANeighbour',
    text: "import { s } from './s.js'; const f = () => { s.n = 1; };",
    want: /a change of s/,
  },
  { name: 'StaticField', text: 'class C { static n = 0; }', want: /a static field is state/ },
  { name: 'StaticBlock', text: 'class C { static { f(); } }', want: /a static block makes state/ },
  {
    name: 'FieldOfAFunction',
    text: 'function f() { f.count = 1; }',
    want: /a change of f, which stands/,
  },
  {
    name: 'Closure',
    text: 'const next = (() => { let n = 0; return () => n++; })();',
    want: /a function called at the top/,
  },
  { name: 'TopAwait', text: 'const x = await f();', want: /works while it is loaded/ },
  { name: 'Namespace', text: 'namespace N { export let n = 0; }', want: /a namespace is state/ },
  { name: 'Shadow', text: 'function f(fetch: () => void) { fetch(); }', want: /fetch is outside/ },
  { name: 'Nonsense', text: 'const const = 1;', want: /Unexpected|reserved/ },
];

/** What a reconciler may well do. */
const allowed: { readonly name: string; readonly text: string }[] = [
  { name: 'TimeOfCtx', text: 'const f = (ctx: C) => new Date(ctx.clock.nowMs()).toISOString();' },
  { name: 'ParsedTime', text: 'const f = (text: string) => Date.parse(text);' },
  {
    name: 'Types',
    text: 'interface A { at: Date; fetch: typeof fetch }\nconst f = (x: Date): Date => x;',
  },
  {
    name: 'TypesAlone',
    text: "import type { Agent } from 'node:http';\nimport { type X } from 'aws';",
  },
  {
    name: 'FieldsOfSuchNames',
    text: 'const o = { fetch: 1, process: 2 };\nf(o.fetch, o.process);',
  },
  { name: 'MethodOfSuchName', text: 'class C { constructor() {} fetch() {} }' },
  { name: 'Arithmetic', text: 'const f = (n: number) => Math.max(1, Math.ceil(n));' },
  { name: 'Tables', text: "const KINDS = new Set(['a']); const f = (k: string) => KINDS.has(k);" },
  {
    name: 'OwnCollections',
    text: 'const f = () => { const seen = new Map(); seen.set(1, 2); let n = 0; n++; return seen; };',
  },
  { name: 'ReadonlyStatic', text: 'class C { static readonly LIMIT = 5; }' },
  {
    name: 'Hash',
    text: "import { createHash } from 'node:crypto';\nconst f = () => createHash('sha256');",
  },
  { name: 'Sdk', text: "import { done, waitingFor } from 'threeport/sdk';\nf(done, waitingFor);" },
  {
    name: 'Records',
    text: 'const f = (r: Record<string, string>, k: string) => r[`${k}/x`] ?? r[k];',
  },
  { name: 'Buffers', text: "const f = (s: string) => Buffer.from(s, 'base64').toString('utf8');" },
  { name: 'Dates', text: 'const f = (x: unknown) => x instanceof Date;' },
];

describe('verifySource', () => {
  for (const { name, text, want } of evasions) {
    it(`finds ${name}`, () => {
      const messages = verifySource(text).found.map(({ message }) => message);
      expect(messages.join('\n')).to.match(want);
    });
  }

  for (const { name, text } of allowed) {
    it(`takes ${name}`, () => {
      expect(verifySource(text).found.map(({ message }) => message)).to.deep.equal([]);
    });
  }

  it('says on which line', () => {
    const [finding] = verifySource('const a = 1;\n\nconsole.log(a);').found;
    expect(finding?.line).to.equal(3);
  });

  it('takes a package that somebody allowed', () => {
    const text = "import { gt } from 'semver';\nf(gt);";
    expect(verifySource(text, { allow: ['semver'] }).found).to.deep.equal([]);
  });
});
