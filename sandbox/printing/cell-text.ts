import { wide } from '../../server/table/cells.js';
import type { ComputedColumn } from '../../server/table/table.js';
import type { LabelSelector, PodTemplate } from '../kubernetes-types.js';

/** What kubectl prints where there is nothing. */
export const NONE = '<none>';

/** The items with commas between them, or `<none>`. */
export function listed(items: readonly (string | undefined)[] | undefined): string {
  const known = (items ?? []).filter((item) => item !== undefined && item !== '');
  return known.length === 0 ? NONE : known.join(',');
}

/** `a=b,c in (d,e)`: a label selector as it is typed. */
export function selectorText(selector: LabelSelector | undefined): string {
  const labels = Object.entries(selector?.matchLabels ?? {}).map(
    ([key, value]) => `${key}=${value}`,
  );
  const expressions = (selector?.matchExpressions ?? []).map(({ key, operator, values }) => {
    switch (operator) {
      case 'Exists':
        return key;
      case 'DoesNotExist':
        return `!${key}`;
      default:
        return `${key} ${operator.toLowerCase()} (${(values ?? []).join(',')})`;
    }
  });
  return listed([...labels, ...expressions]);
}

export function mapText(map: Readonly<Record<string, string>> | undefined): string {
  return listed(Object.entries(map ?? {}).map(([key, value]) => `${key}=${value}`));
}

/** Names and images of a template's containers: two cells of `-o wide`. */
export function containerCells(template: PodTemplate | undefined): [string, string] {
  const containers = template?.spec?.containers ?? [];
  return [
    containers.map(({ name }) => name ?? '').join(','),
    containers.map(({ image }) => image ?? '').join(','),
  ];
}

export const CONTAINER_COLUMNS: readonly ComputedColumn[] = [wide('Containers'), wide('Images')];
