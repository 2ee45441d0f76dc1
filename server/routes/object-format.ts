import type { StoredApiObject } from '../../sdk/api/object.js';
import { badRequest } from '../api-errors.js';
import { viewFormat } from '../resource/kind-view.js';
import type { MetaVersion } from '../table/meta-version.js';
import { partialMetadata } from '../table/partial-metadata.js';
import type { IncludeObject, TableCells } from '../table/table.js';
import { renderTable } from '../table/table.js';
import type { ObjectFormat } from '../watch/watch-event.js';
import { PLAIN_FORMAT } from '../watch/watch-event.js';
import type { ObjectForm } from './content-negotiation.js';
import type { ResourceTarget } from './request-info.js';

function partialFormat(version: MetaVersion): ObjectFormat {
  return {
    key: `metadata ${version}`,
    render: (_kind, stored) => partialMetadata(JSON.parse(stored.json) as StoredApiObject, version),
  };
}

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
  switch (form.type) {
    case 'object':
      return PLAIN_FORMAT;
    case 'metadata':
    case 'metadataList':
      return partialFormat(form.version);
    case 'table':
      return tableFormat(form.version, includeObject(query), cells);
  }
}

/** @throws ApiError BadRequest for an unknown value. */
export function includeObject(query: URLSearchParams): IncludeObject {
  const value = query.get('includeObject') ?? 'Metadata';
  if (value === 'None' || value === 'Metadata' || value === 'Object') return value;
  throw badRequest(`includeObject: want None, Metadata or Object, found ${JSON.stringify(value)}`);
}

function tableFormat(
  version: MetaVersion,
  include: IncludeObject,
  cells: TableCells | undefined,
): ObjectFormat {
  const render =
    (withColumns: boolean): ObjectFormat['render'] =>
    (kind, stored) =>
      renderTable(kind, [stored], {
        version,
        includeObject: include,
        withColumns,
        ...(cells !== undefined && { cells }),
        metadata: { resourceVersion: String(stored.resourceVersion) },
      });
  const following = { key: `rows ${version} ${include}`, render: render(false) };
  return { key: `table ${version} ${include}`, render: render(true), following };
}
