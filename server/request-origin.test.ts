import { expect } from 'chai';
import type { IncomingMessage } from 'node:http';
import { originOf, sourceOf } from './request-origin.js';

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

const request = (headers: Record<string, string>, remoteAddress?: string): IncomingMessage =>
  ({ headers, socket: { remoteAddress } }) as unknown as IncomingMessage;

describe('origin of a request', () => {
  it('says who, for whom, what, from where and in which trace', () => {
    const headers = { 'user-agent': 'kubectl/v1.35.0', traceparent: TRACEPARENT };
    const source = sourceOf(request(headers, '::ffff:10.0.0.7'), 'apply');
    const user = { name: 'jane', groups: [], impersonatedBy: 'admin', source };
    expect(originOf(user)).to.deep.equal({
      user: 'jane',
      impersonatedBy: 'admin',
      verb: 'apply',
      address: '10.0.0.7',
      userAgent: 'kubectl/v1.35.0',
      traceparent: TRACEPARENT,
    });
  });

  it('leaves out what is not known', () => {
    expect(sourceOf(request({}), 'create')).to.deep.equal({ verb: 'create' });
    expect(sourceOf({ headers: {} } as IncomingMessage, 'create')).to.deep.equal({
      verb: 'create',
    });
    expect(originOf({ name: 'jane', groups: [] })).to.deep.equal({ user: 'jane' });
  });

  it('keeps no text that is long, or that a terminal would obey', () => {
    const userAgent = `\u001b[2Jevil\u0007\u202e\u200b${'x'.repeat(5_000)}`;
    const source = sourceOf(request({ 'user-agent': userAgent }), 'create');
    expect(source.userAgent)
      .to.match(/^\[2Jevilx+$/)
      .and.to.have.length.at.most(200);
    const user = { name: `a\nb${'c'.repeat(5_000)}`, groups: [] };
    expect(originOf(user).user)
      .to.match(/^abc+$/)
      .and.to.have.length.at.most(256);
  });

  for (const [traceparent, reason] of [
    [TRACEPARENT.replace('00-', 'ff-'), 'no version ff'],
    [TRACEPARENT.replace(/-[^-]{32}-/, `-${'0'.repeat(32)}-`), 'a trace id of zeros is invalid'],
    [TRACEPARENT.replace(/-[^-]{16}-/, `-${'0'.repeat(16)}-`), 'a span id of zeros is invalid'],
    [TRACEPARENT.toUpperCase(), 'hexadecimal digits are lower case'],
    [`${TRACEPARENT}-x`, 'nothing may follow'],
  ]) {
    it(`takes no trace from "${traceparent}": ${reason}`, () => {
      expect(sourceOf(request({ traceparent: traceparent ?? '' }), 'create')).to.deep.equal({
        verb: 'create',
      });
    });
  }
});
