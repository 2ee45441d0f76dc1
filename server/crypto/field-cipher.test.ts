import { expect } from 'chai';
import { createFieldCipher } from './field-cipher.js';

describe('createFieldCipher', () => {
  const cipher = createFieldCipher(Buffer.alloc(32, 1));

  it('gives back what it took, and never the same text twice', () => {
    const [first, second] = [cipher.encrypt('grün', 'a'), cipher.encrypt('grün', 'a')];
    expect(first).to.not.equal(second).and.not.include('grün');
    expect(cipher.decrypt(first, 'a')).to.equal('grün');
  });

  it('refuses another context, another key, and a changed text', () => {
    const text = cipher.encrypt('secret', 'secrets/default/a/data.x');
    expect(() => cipher.decrypt(text, 'secrets/default/b/data.x')).to.throw(
      /cannot decrypt secrets\/default\/b/,
    );
    expect(() => createFieldCipher(Buffer.alloc(32, 2)).decrypt(text, 'x')).to.throw(
      /it needs key/,
    );
    const changed = text.slice(0, -4) + (text.endsWith('AAAA') ? 'BBBB' : 'AAAA');
    expect(() => cipher.decrypt(changed, 'secrets/default/a/data.x')).to.throw(/cannot decrypt/);
    expect(() => cipher.decrypt('secret', 'x')).to.throw(/not an encrypted value/);
  });

  it('wants a whole key', () => {
    expect(() => createFieldCipher(Buffer.alloc(16))).to.throw(/want 32 bytes, found 16/);
  });
});
