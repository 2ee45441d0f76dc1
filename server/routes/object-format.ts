import type { StoredApiObject } from '../../sdk/api/object.js';
import { badRequest } from '../api-errors.js';
import { viewFormat } from '../resource/kind-view.js';
import { partialMetadata } from '../table/partial-metadata.js';
import type { IncludeObject, TableCells } from '../table/table.js';
import { renderTable } from '../table/table.js';
import type { ObjectFormat } from '../watch/watch-event.js';
import { PLAIN_FORMAT } from '../watch/watch-event.js';
import type { ObjectForm } from './content-negotiation.js';
import type { ResourceTarget } from './request-info.js';

const PARTIAL_FORMAT: ObjectFormat = {
  key: 'metadata',
  render: (_kind, stored) => partialMetadata(JSON.parse(stored.json) as StoredApiObject),
};

/** How single objects, and those in events, are put into words for a request. */
export function formatFor(
  form: ObjectForm,
  { view }: Pick<ResourceTarget, 'view'>,
  query: URLSearchParams,
  cells: TableCells | undefined,
): ObjectFormat {
  const format = objectFormat(form, query, cells);
  return view === undefined ? format : viewFormat(view, format);
}

function objectFormat(
  form: ObjectForm,
  query: URLSearchParams,
  cells: TableCells | undefined,
): ObjectFormat {
  switch (form) {
    case 'object':
      return PLAIN_FORMAT;
    case 'metadata':
    case 'metadataList':
      return PARTIAL_FORMAT;
    case 'table':
      return tableFormat(includeObject(query), cells);
  }
}

/** @throws ApiError BadRequest for an unknown value. */
export function includeObject(query: URLSearchParams): IncludeObject {
  const value = query.get('includeObject') ?? 'Metadata';
  if (value === 'None' || value === 'Metadata' || value === 'Object') return value;
  throw badRequest(`includeObject: want None, Metadata or Object, found ${JSON.stringify(value)}`);
}

function tableFormat(include: IncludeObject, cells: TableCells | undefined): ObjectFormat {
  const render =
    (withColumns: boolean): ObjectFormat['render'] =>
    (kind, stored) =>
      renderTable(kind, [stored], {
        includeObject: include,
        withColumns,
        ...(cells !== undefined && { cells }),
        metadata: { resourceVersion: String(stored.resourceVersion) },
      });
  const following = { key: `rows ${include}`, render: render(false) };
  return { key: `table ${include}`, render: render(true), following };
}
