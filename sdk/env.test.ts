import { expect } from 'chai';
import { EnvReader } from './env.js';

describe('EnvReader', () => {
  it('takes an empty variable for one that is not set', () => {
    expect(new EnvReader({ A: '' }).optional('A')).to.equal(undefined);
  });

  it('names every problem at once, and no value that may be secret', () => {
    const reader = new EnvReader({ URL: 'secret-word', PORT: '70000', FILE: '/nonexistent/file' });
    reader.required('TOKEN');
    reader.url('URL', ['https:']);
    reader.integer('PORT', { min: 0, max: 65_535, byDefault: 1 });
    reader.file('FILE');
    reader.choice('MODE', ['a', 'b']);
    expect(() => reader.check()).to.throw(
      'the configuration cannot be used: TOKEN is not set; URL is no URL that starts with https:; ' +
        'PORT is "70000"; want a whole number from 0 to 65535; FILE: cannot read /nonexistent/file (ENOENT); ' +
        'MODE is not set',
    );
  });

  it('gives what is set, and the defaults of what is not', () => {
    const reader = new EnvReader({ URL: 'https://a', FLAG: '1', WORD: 'b' });
    expect(reader.url('URL', ['https:'])).to.equal('https://a');
    expect(reader.flag('FLAG')).to.equal(true);
    expect(reader.flag('OTHER')).to.equal(false);
    expect(reader.choice('WORD', ['a', 'b'])).to.equal('b');
    expect(reader.choice('NONE', ['a', 'b'], 'a')).to.equal('a');
    expect(reader.integer('N', { min: 0, max: 9, byDefault: 5 })).to.equal(5);
    expect(reader.logLevel()).to.equal('info');
    expect(() => reader.check()).to.not.throw();
  });
});
