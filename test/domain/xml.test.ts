import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SaxesParser } from 'saxes';
import { escapeXml } from '../../src/domain/xml.ts';

test('what would be markup is escaped, and what XML cannot hold is left out', () => {
  const cases: readonly (readonly [text: string, written: string])[] = [
    ['plain', 'plain'],
    ['', ''],
    ['a & b < c > d "e"', 'a &amp; b &lt; c &gt; d &quot;e&quot;'],
    ['&amp;', '&amp;amp;'],
    [']]>', ']]&gt;'],
    ['tab\tand\nline', 'tab\tand\nline'],
    ['nul\0, bell\u0007, half \ud83d, none \uffff', 'nul, bell, half , none '],
    ['whole 👍', 'whole 👍'],
  ];
  for (const [text, written] of cases) assert.equal(escapeXml(text), written);
});

test('whatever the text, a strict parser reads it back without what XML cannot hold', () => {
  for (let unit = 0; unit <= 0xffff; unit += 1) {
    const text = `a${String.fromCharCode(unit)}b`;
    let read = '';
    const parser = new SaxesParser();
    parser.on('text', (piece) => (read += piece));
    parser.on('error', (error) => assert.fail(`${unit}: ${error.message}`));
    parser.write(`<r>${escapeXml(text)}</r>`).close();
    assert.ok(read === text || read === 'ab' || unit === 0x0d, String(unit));
  }
});
