// Forms and query strings against what the language's own decoder makes of the same text.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { CamsError } from '../../../src/protocols/cams/errors.ts';
import { decodePairs } from '../../../src/protocols/cams/parameters.ts';

const refused = 'refused';

function toPairs(text: string): [string, string][] | typeof refused {
  const decode = (part: string): string => decodeURIComponent(part.replaceAll('+', ' '));
  const parts = text.split('&').filter((part) => part !== '');
  try {
    return parts.map((part) => {
      const [name = '', ...values] = part.split('=');
      return [decode(name), decode(values.join('='))];
    });
  } catch {
    return refused;
  }
}

function read(bytes: Buffer): readonly (readonly [string, string])[] | string {
  try {
    return decodePairs(bytes);
  } catch (error) {
    if (error instanceof CamsError) return error.code === 'InvalidParameter' ? refused : error.code;
    throw error;
  }
}

/** What forms are made of, whole escapes and torn ones. */
const piece = fc.oneof(
  fc.constantFrom(
    '&',
    '=',
    '+',
    '%',
    'a',
    '7',
    '%20',
    '%2B',
    '%2b',
    '%26',
    '%00',
    '%ZZ',
    '%C3',
    '%A9',
    '%ff',
  ),
  fc.string({ unit: 'grapheme', maxLength: 3 }).filter((text) => text.isWellFormed()),
  fc.string({ unit: 'grapheme', maxLength: 3 }).map((text) => encodeURIComponent(text)),
);

describe('a form', () => {
  it('is read as its percent-encoding says', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join('');
        assert.deepEqual(read(Buffer.from(text)), toPairs(text));
      }),
      { numRuns: 5000 },
    );
  });

  it('of bytes that are no UTF-8 is refused', () => {
    for (const bytes of [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0xc0, 0xaf]])
      assert.equal(read(Buffer.from([0x61, 0x3d, ...bytes])), refused);
  });

  it('has a bounded number of parameters', () => {
    assert.equal(read(Buffer.from('&'.repeat(19_999))).length, 0);
    assert.equal(read(Buffer.from('&'.repeat(20_000))), 'RequestTooLarge');
  });
});
