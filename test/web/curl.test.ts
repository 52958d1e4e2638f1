// The command that a reader copies is read by a real shell: what comes out is what was put in.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { toCurl } from '../../web/src/pages/messages/curl.ts';

/** What a POSIX shell hands to curl. */
function read(command: string): string[] {
  const program = `curl() { printf '%s\\0' "$@"; }\n${command}\n`;
  return execFileSync('sh', ['-c', program], { encoding: 'utf8' }).split('\0').slice(0, -1);
}

const hostile = [
  `it's "quoted"`,
  '$HOME ${HOME} $(id) `id`',
  'a\\b\\',
  "''\\''",
  '; rm -rf / & echo |',
  '!history #comment *?[a]{b,c} ~',
  'two\nlines\ttab',
  '-- --data @/etc/passwd',
  'Grüße 你好 👍',
];

test('the command has each header and the body exactly, whatever is in them', () => {
  for (const text of hostile) {
    const url = `https://example.com/a?q=${encodeURI(text)}&it's=[1-9]{a}`;
    const headers = { 'content-type': 'application/json', 'x-odd': text };
    const body = JSON.stringify([{ Message: text }]) + text;
    assert.deepEqual(read(toCurl({ url, headers, body })), [
      ...['--globoff', '--request', 'POST', url],
      ...['--header', 'content-type: application/json', '--header', `x-odd: ${text}`],
      ...['--data-raw', body],
    ]);
  }
});
