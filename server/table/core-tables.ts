import type { KindDefinition } from '../../sdk/api/kind.js';
import { resourceName } from '../../sdk/api/kind.js';
import type { StoredApiObject } from '../../sdk/api/object.js';
import { age, column, since, wide } from './cells.js';
import type { ComputedTable } from './table.js';

interface EventSubject {
  readonly kind?: string;
  readonly name?: string;
  readonly fieldPath?: string;
}

interface EventSource {
  readonly component?: string;
  readonly host?: string;
}

/** The fields of an Event that are printed, in the names of the core group. */
interface PrintedEvent {
  readonly involvedObject?: EventSubject;
  readonly source?: EventSource;
  readonly reportingComponent?: string;
  readonly firstTimestamp?: string | null;
  readonly lastTimestamp?: string | null;
  readonly count?: number;
  readonly message?: string;
  readonly eventTime?: string | null;
  readonly series?: { readonly count?: number; readonly lastObservedTime?: string | null } | null;
  readonly type?: string;
  readonly reason?: string;
}

/** `kubectl get events`, column for column as Kubernetes has it. */
function eventTable(printed: (object: StoredApiObject) => PrintedEvent): ComputedTable {
  return {
    beginsWithName: false,
    columns: [
      column('Last Seen'),
      column('Type'),
      column('Reason'),
      column('Object'),
      wide('Subobject'),
      wide('Source'),
      column('Message'),
      wide('First Seen'),
      wide('Count'),
      wide('Name'),
    ],
    cells(object, nowMs) {
      const event = printed(object);
      const { involvedObject: subject, source, series } = event;
      const first = event.firstTimestamp ?? event.eventTime;
      const last = series?.lastObservedTime ?? event.lastTimestamp ?? first;
      const component = source?.component ?? event.reportingComponent;
      return [
        since(last, nowMs),
        event.type ?? '',
        event.reason ?? '',
        `${(subject?.kind ?? '').toLowerCase()}/${subject?.name ?? ''}`,
        subject?.fieldPath ?? '',
        [component, source?.host].filter(Boolean).join(', '),
        (event.message ?? '').trim(),
        since(first, nowMs),
        String(series?.count ?? event.count ?? 1),
        object.metadata.name,
      ];
    },
  };
}

/** Of the newer form. */
function printedOfView(object: StoredApiObject): PrintedEvent {
  return {
    ...(object as PrintedEvent),
    involvedObject: object['regarding'] as EventSubject,
    source: object['deprecatedSource'] as EventSource,
    reportingComponent: object['reportingController'] as string,
    firstTimestamp: object['deprecatedFirstTimestamp'] as string,
    lastTimestamp: object['deprecatedLastTimestamp'] as string,
    count: object['deprecatedCount'] as number,
    message: object['note'] as string,
  };
}

const TABLES: Readonly<Record<string, ComputedTable>> = {
  events: eventTable((object) => object as PrintedEvent),
  'events.events.k8s.io': eventTable(printedOfView),
  configmaps: {
    columns: [column('Data', 'integer'), column('Age')],
    cells: (object, nowMs) => [entriesOf(object, 'data', 'binaryData'), age(object, nowMs)],
  },
  secrets: {
    columns: [column('Type'), column('Data', 'integer'), column('Age')],
    cells: (object, nowMs) => [
      String(object['type'] ?? ''),
      entriesOf(object, 'data'),
      age(object, nowMs),
    ],
  },
  serviceaccounts: {
    columns: [column('Secrets', 'integer'), column('Age')],
    cells: (object, nowMs) => [entriesOf(object, 'secrets'), age(object, nowMs)],
  },
};

/** How Kubernetes prints the kinds of its core group that paths into the object cannot say. */
export function coreTable(kind: KindDefinition): ComputedTable | undefined {
  return TABLES[resourceName(kind)];
}

function entriesOf(object: StoredApiObject, ...fields: readonly string[]): number {
  return fields.reduce((sum, field) => sum + Object.keys(object[field] ?? {}).length, 0);
}
