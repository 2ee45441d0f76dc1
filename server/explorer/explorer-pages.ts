import type { ExploredField, ExploredKind } from './explorer-model.js';
import type { Html, HtmlPart } from './html.js';
import { html } from './html.js';

export const STYLE_PATH = '/docs/style.css';

/** Where a kind's page is. */
export function pathOfKind({ group, version, kind }: ExploredKind): string {
  return `/docs/${[group === '' ? 'core' : group, version, kind].map(encodeURIComponent).join('/')}`;
}

/** Every group with its kinds. */
export function indexPage(kinds: readonly ExploredKind[], version: string): Html {
  const groups = new Map<string, ExploredKind[]>();
  for (const kind of kinds) {
    const name = groupVersionOf(kind);
    groups.set(name, [...(groups.get(name) ?? []), kind]);
  }
  return page(
    'API',
    html`<p class="lead">
        Everything that this server serves, by group and version. The same is told by
        <code>kubectl api-resources</code> and <code>kubectl explain</code>, and as
        <a href="/openapi/v3">OpenAPI</a>.
      </p>
      ${[...groups].map(
        ([name, members]) =>
          html`<section>
            <h2>${name}</h2>
            <ul class="kinds">
              ${members.map(
                (kind) =>
                  html`<li>
                    <a href="${pathOfKind(kind)}">${kind.kind}</a>
                    <p>${kind.description}</p>
                    ${verbsOf(kind)}
                  </li>`,
              )}
            </ul>
          </section>`,
      )}
      <footer>Threeport ${version}</footer>`,
  );
}

/** One kind: what it is, how it is reached, what it says. */
export function kindPage(kind: ExploredKind): Html {
  return page(
    kind.kind,
    html`<p class="group">${groupVersionOf(kind)}</p>
      <p class="lead">${kind.description}</p>
      <h2>Paths</h2>
      <table>
        ${kind.operations.map(
          ({ method, path, action }) =>
            html`<tr>
              <td><span class="verb">${method}</span></td>
              <td><code>${path}</code></td>
              <td>${action}</td>
            </tr>`,
        )}
      </table>
      <h2>Fields</h2>
      ${fieldList(kind.fields, 0)}`,
  );
}

/** Nothing there. */
export function missingPage(): Html {
  return page(
    'Not found',
    html`<p class="lead">There is no such kind. <a href="/docs">All kinds</a></p>`,
  );
}

function groupVersionOf({ group, version }: ExploredKind): string {
  return group === '' ? version : `${group}/${version}`;
}

function verbsOf({ operations }: ExploredKind): Html {
  const actions = [...new Set(operations.map(({ action }) => action))];
  return html`<p class="verbs">
    ${actions.map((action) => html`<span class="verb">${action}</span> `)}
  </p>`;
}

/** Nested fields are folded below the second level: the page opens as an overview. */
function fieldList(fields: readonly ExploredField[], depth: number): Html {
  return html`<ul class="fields">
    ${fields.map((field) => html`<li>${fieldItem(field, depth)}</li>`)}
  </ul>`;
}

function fieldItem(field: ExploredField, depth: number): HtmlPart {
  const head = html`<span class="name">${field.name}</span>
    <span class="type">${field.type}</span>
    ${field.isRequired ? html`<span class="required">required</span>` : undefined}`;
  const text = html`${field.description === '' ? undefined : html`<p>${field.description}</p>`}
  ${field.notes.map((note) => html`<p class="note">${note}</p>`)}`;
  if (field.fields.length === 0)
    return html`<div class="head">${head}</div>
      ${text}`;
  const isOpen = depth === 0 && field.name !== 'metadata';
  const below = [html`<summary>${head}</summary>`, text, fieldList(field.fields, depth + 1)];
  return isOpen ? html`<details open>${below}</details>` : html`<details>${below}</details>`;
}

function page(title: string, body: Html): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title} · Threeport</title>
        <link rel="stylesheet" href="${STYLE_PATH}" />
      </head>
      <body>
        <nav><a href="/docs">Threeport API</a></nav>
        <main>
          <h1>${title}</h1>
          ${body}
        </main>
      </body>
    </html>`;
}
