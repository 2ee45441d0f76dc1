import { expect } from 'chai';
import { ApiError } from '../../sdk/api/errors.js';
import { requestTarget } from './request-target.js';

describe('requestTarget', () => {
  const good = [
    { name: 'a path', given: '/api/v1', want: '/api/v1' },
    { name: 'with a query', given: '/api?a=b|c"', want: '/api?a=b|c"' },
    { name: 'percent codes stay', given: '/a%2Fb%00', want: '/a%2Fb%00' },
    { name: 'scheme and host', given: 'http://evil.example/api/v1?a=b', want: '/api/v1?a=b' },
    { name: 'in capitals', given: 'HTTPS://x:1/api', want: '/api' },
    { name: 'two slashes are two', given: '//host/api', want: '//host/api' },
    { name: 'a backslash in a query', given: '/api?a=\\', want: '/api?a=\\' },
  ];
  for (const { name, given, want } of good) {
    it(name, () => expect(requestTarget(given)).to.equal(want));
  }

  const bad = [
    { name: 'an asterisk', given: '*' },
    { name: 'nothing', given: '' },
    { name: 'a host alone', given: 'http://x' },
    { name: 'another scheme', given: 'file:///etc/passwd' },
    { name: 'a host and port, as of CONNECT', given: 'x:443' },
    { name: 'a fragment, which a URL parser would cut off', given: '/openapi#/../threeport' },
    { name: 'a fragment after a query', given: '/a?b#c' },
    { name: 'a backslash, which a URL parser takes for a slash', given: '/docs\\..\\threeport' },
    { name: 'a space', given: '/a b' },
    { name: 'a tab, which a URL parser drops', given: '/thr\teeport' },
    { name: 'a C1 control', given: '/\x9b31m' },
  ];
  for (const { name, given } of bad) {
    it(`refuses ${name}`, () => {
      expect(() => requestTarget(given)).to.throw(ApiError, /must be a path/);
    });
  }
});
