import type { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { isIPv4, isIPv6 } from 'node:net';

const HEX_COLOUR = /^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$/;
const RGB_COLOUR = /^rgb\( ?\d{1,3} ?, ?\d{1,3} ?, ?\d{1,3} ?\)$/;
const UUID =
  /^[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?([0-9a-fA-F])[0-9a-fA-F]{3}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}$/;
const GO_DURATION = /^[-+]?(0|(\d{1,19}(\.\d{0,19})?|\.\d{1,19})(ns|us|µs|μs|ms|s|m|h))+$/;
const WORD_DURATION =
  /^\d{1,19} ?(ns|nanos?|nanoseconds?|us|µs|micros?|microseconds?|ms|millis?|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|wks?|weeks?)$/;

/** Teaches ajv the formats that Kubernetes checks in custom resources, as Kubernetes reads them. */
export function addKubernetesFormats(ajv: Ajv2020): void {
  formats.default(ajv);
  const checks: Readonly<Record<string, true | RegExp | ((text: string) => boolean)>> = {
    quantity: true,
    password: true,
    bsonobjectid: /^[0-9a-fA-F]{24}$/,
    cidr: isCidr,
    mac: /^([0-9a-fA-F]{2}([:-])[0-9a-fA-F]{2}(\2[0-9a-fA-F]{2}){4,6}|[0-9a-fA-F]{4}(\.[0-9a-fA-F]{4}){2,3})$/,
    uuid: UUID,
    uuid3: (text) => UUID.exec(text)?.[1] === '3',
    uuid4: (text) => UUID.exec(text)?.[1] === '4',
    uuid5: (text) => UUID.exec(text)?.[1] === '5',
    isbn: (text) => /^[\d- ]{9,20}[\dXx]$/.test(text),
    isbn10: (text) => /^(\d[- ]?){9}[\dXx]$/.test(text),
    isbn13: (text) => /^(\d[- ]?){12}\d$/.test(text),
    creditcard: (text) => /^\d{12,19}$/.test(text.replaceAll(/[- ]/g, '')),
    ssn: /^\d{3}[- ]?\d{2}[- ]?\d{4}$/,
    hexcolor: HEX_COLOUR,
    rgbcolor: RGB_COLOUR,
    datetime: (text) => !Number.isNaN(Date.parse(text)),
    duration: (text) => GO_DURATION.test(text) || WORD_DURATION.test(text),
  };
  for (const [name, check] of Object.entries(checks)) ajv.addFormat(name, check);
}

function isCidr(text: string): boolean {
  const [address = '', prefix = '', ...more] = text.split('/');
  if (more.length > 0 || !/^\d{1,3}$/.test(prefix)) return false;
  return (isIPv4(address) && Number(prefix) <= 32) || (isIPv6(address) && Number(prefix) <= 128);
}
