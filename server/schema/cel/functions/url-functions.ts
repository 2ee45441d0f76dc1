import { CelError } from '../cel-error.js';
import type { CelFunction, FunctionLibrary } from '../compiled-node.js';
import type { CostMeter } from '../cost-meter.js';
import type { Url as UrlType } from '../url-value.js';
import { Url, parseUrl } from '../url-value.js';
import { CelList, LiteralMap } from '../values.js';
import { instanceAt, stringAt } from './arguments.js';

/** Kubernetes' URL library (k8s.io/apiserver/pkg/cel/library). */
export const urlFunctions: FunctionLibrary = {
  signatures: [
    'isURL(string): bool',
    'url(string): kubernetes.URL',
    ...['getScheme', 'getHost', 'getHostname', 'getPort', 'getEscapedPath'].map(
      (name) => `.${name}(kubernetes.URL): string`,
    ),
    '.getQuery(kubernetes.URL): map<string, list<string>>',
  ],
  functions: {
    'isURL/1': (args, meter) => parse(stringAt(args, 0), meter) !== undefined,
    'url/1': (args, meter) => {
      const text = stringAt(args, 0);
      const url = parse(text, meter);
      if (url === undefined)
        throw new CelError('URL parse error', JSON.stringify(text.slice(0, 100)));
      return url;
    },
    '.getScheme/0': part((url) => url.scheme),
    '.getHost/0': part((url) => url.host),
    '.getHostname/0': part((url) => url.hostname),
    '.getPort/0': part((url) => url.port),
    '.getEscapedPath/0': part((url) => url.escapedPath),
    '.getQuery/0': (args, meter) => {
      const url = instanceAt(args, 0, Url);
      meter.spend(1 + url.text.length);
      return new LiteralMap(
        Array.from(url.query(), ([key, values]) => [key, new CelList(values)] as const),
      );
    },
  },
};

function parse(text: string, meter: CostMeter): UrlType | undefined {
  meter.spend(20 + text.length);
  return parseUrl(text);
}

function part(of: (url: UrlType) => string): CelFunction {
  return (args, meter) => {
    const url = instanceAt(args, 0, Url);
    meter.spend(1 + url.text.length);
    return of(url);
  };
}
