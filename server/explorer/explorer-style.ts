/** The explorer's looks: the reader's own fonts, light or dark as their system is. */
export const EXPLORER_STYLE = `
:root { color-scheme: light dark; --ink: #1b2430; --soft: #5b6675; --line: #dfe4ea; --paper: #fff;
  --tint: #f5f7fa; --accent: #0b63ce; --alarm: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6eaf0; --soft: #9aa5b4; --line: #2c3542;
  --paper: #11161d; --tint: #1a212b; --accent: #6cb0ff; --alarm: #ff8a80; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.55 system-ui, sans-serif; }
nav { padding: .9rem 1.5rem; border-bottom: 1px solid var(--line); background: var(--tint); }
nav a { color: var(--ink); font-weight: 600; text-decoration: none; }
main { max-width: 60rem; margin: 0 auto; padding: 1.5rem; }
h1 { margin: .5rem 0; font-size: 1.9rem; }
h2 { margin: 2.2rem 0 .7rem; font-size: 1.15rem; }
a { color: var(--accent); }
p { margin: .2rem 0; }
code, .name, .type, .verb, .group { font-family: ui-monospace, monospace; font-size: .9em; }
.lead { color: var(--soft); max-width: 46rem; }
.group { color: var(--soft); }
.kinds { list-style: none; margin: 0; padding: 0; display: grid; gap: .8rem;
  grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr)); }
.kinds li { padding: .8rem 1rem; border: 1px solid var(--line); border-radius: .5rem; }
.kinds a { font-weight: 600; }
.kinds p { color: var(--soft); font-size: .9rem; }
.verb { padding: .05rem .4rem; border-radius: .25rem; background: var(--tint);
  border: 1px solid var(--line); font-size: .75rem; }
table { border-collapse: collapse; width: 100%; display: block; overflow-x: auto; }
td { padding: .3rem .8rem .3rem 0; border-bottom: 1px solid var(--line); white-space: nowrap; }
.fields { list-style: none; margin: 0; padding: 0; }
.fields .fields { margin-left: .35rem; padding-left: 1rem; border-left: 2px solid var(--line); }
.fields li { padding: .35rem 0; }
.fields p { color: var(--soft); font-size: .92rem; max-width: 46rem; }
.fields .note { font-family: ui-monospace, monospace; font-size: .8rem; }
.head { padding-left: 1.05rem; }
.head ~ p { padding-left: 1.05rem; }
summary { cursor: pointer; }
.name { font-weight: 600; }
.type { color: var(--accent); }
.required { color: var(--alarm); font-size: .8rem; }
footer { margin-top: 3rem; color: var(--soft); font-size: .85rem; }
`;
