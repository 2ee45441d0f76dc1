import { apiVersionOf } from '../../sdk/api/object.js';
import type { StoredApiObject } from '../../sdk/api/object.js';
import { failpoint } from '../../sdk/failpoint.js';
import { shownAs } from '../resource/kind-view.js';
import type { WriteResult } from '../resource/write-request.js';
import type { ObjectList } from '../store/object-store.js';
import { partialMetadata } from '../table/partial-metadata.js';
import type { TableCells } from '../table/table.js';
import { renderTable } from '../table/table.js';
import { negotiateForm } from './content-negotiation.js';
import { encodeContinue } from './continue-token.js';
import { formatFor, includeObject } from './object-format.js';
import type { ResourceCall } from './resource-route.js';
import { sendJson, setWarnings } from './response.js';

/** What the answer depends on: the request's form and kind. */
type ObjectCall = Pick<ResourceCall, 'request' | 'response' | 'target' | 'query'>;

/** Answers a write with the object as it is now, and its warnings. */
export function sendWritten(
  { request, response, target, query }: ObjectCall,
  result: WriteResult,
  cells: TableCells | undefined,
): void {
  failpoint('before-answer');
  setWarnings(response, result.warnings);
  const format = formatFor(negotiateForm(request.headers.accept), target, query, cells);
  sendJson(response, result.created ? 201 : 200, format.render(target.kind, result.object));
}

/** Answers with a list, a Table or a list of metadata, as the request asks. */
export function sendList(
  { request, response, target, query }: ObjectCall,
  list: ObjectList,
  cells: TableCells | undefined,
): void {
  const { view } = target;
  const kind = view ?? target.kind;
  const stored = view ? list.items.map((item) => shownAs(view, item)) : list.items;
  const form = negotiateForm(request.headers.accept);
  const metadata = {
    resourceVersion: String(list.resourceVersion),
    ...(list.next !== undefined && {
      continue: encodeContinue({
        ...list.next,
        resourceVersion: list.resourceVersion,
        ...(list.remaining !== undefined && { left: list.remaining }),
      }),
    }),
    ...(list.remaining !== undefined &&
      list.next !== undefined && { remainingItemCount: list.remaining }),
  };
  if (form.type === 'table') {
    sendJson(
      response,
      200,
      renderTable(kind, stored, {
        version: form.version,
        includeObject: includeObject(query),
        metadata,
        ...(cells !== undefined && { cells }),
      }),
    );
    return;
  }
  const items = stored.map((item) =>
    form.type === 'object'
      ? item.json
      : partialMetadata(JSON.parse(item.json) as StoredApiObject, form.version),
  );
  const listKind = form.type === 'object' ? kind.listKind : 'PartialObjectMetadataList';
  const apiVersion = form.type === 'object' ? apiVersionOf(kind) : form.version;
  sendJson(
    response,
    200,
    `{"kind":"${listKind}","apiVersion":"${apiVersion}","metadata":${JSON.stringify(metadata)},"items":[${items.join(',')}]}`,
  );
}
