import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clip, cut } from '../../src/domain/cut.ts';

/** One character to whoever reads it, in many units: an emoji, a family, a flag, a skin tone, accents, a syllable. */
const characters = ['👍', '👨‍👩‍👧‍👦', '🇺🇦', '👋🏽', 'e\u0301\u0323', '각', '1️⃣'];

test('a text that is clipped ends where a character ends, wherever the limit falls', () => {
  for (const character of characters) {
    const text = `ab${character.repeat(8)}`;
    for (let max = 2 + character.length; max < text.length; max += 1) {
      const clipped = clip(text, max);
      assert.ok(clipped.length <= max, `${character} ${max}`);
      assert.ok(clipped.length > max - character.length, `${character} ${max}`);
      assert.equal((clipped.length - 2) % character.length, 0, `${character} ${max}`);
      assert.ok(text.startsWith(clipped));
    }
  }
});

test('a text that fits stays as it is, and a character longer than the limit leaves no half of a pair', () => {
  assert.equal(clip('👍👍', 4), '👍👍');
  assert.equal(clip('', 0), '');
  assert.ok(clip(`a${'\u0301'.repeat(500)}`, 10).length <= 10);
  for (let max = 0; max < 11; max += 1) assert.ok(clip('👨‍👩‍👧‍👦x', max).isWellFormed(), String(max));
  assert.equal(cut(`${'a'.repeat(9)}👍b`, 10), `${'a'.repeat(9)}… (cut; 12 characters in all)`);
});
