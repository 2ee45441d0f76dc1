/** What two servers cannot agree on, and what stands for it. */
const VARYING: readonly (readonly [RegExp, string])[] = [
  [/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<uid>'],
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, '<time>'],
  [/("?resourceVersion"?: )"\d+"/g, '$1<version>'],
  [/(Resource Version: +)\d+/g, '$1<version>'],
  [/(?<=\s)\d+[smh](?:\d+[sm])?(?=\s|$)/g, '<age>'],
  [/https:\/\/127\.0\.0\.1:\d+/g, '<server>'],
  [/^ +selfLink: .*\n/gm, ''],
];

/** Standard output without what differs from server to server and from second to second. */
export function comparableOutput(text: string): string {
  const same = VARYING.reduce((rest, [pattern, stand]) => rest.replace(pattern, stand), text);
  // Columns are as wide as their widest cell: an age or a uid moves the others.
  return same.replaceAll(/ {2,}/g, '  ').replaceAll(/ +$/gm, '').trimEnd();
}
