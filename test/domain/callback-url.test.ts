import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCallbackUrl, toKeptUrl } from '../../src/domain/callback-url.ts';

test('a callback URL has one spelling, that of its parser', () => {
  const spellings: [given: string, kept: string][] = [
    ['https://example.com', 'https://example.com/'],
    [' https://EXAMPLE.com:443/In?b=1#part ', 'https://example.com/In?b=1'],
    ['http:1.1.1.1', 'http://1.1.1.1/'],
    ['http:\\\\example.com\\a', 'http://example.com/a'],
    ['https://example.com/a/../b', 'https://example.com/b'],
    ['https://例え.jp/', 'https://xn--r8jz45g.jp/'],
    ['http://0x7f.1/', 'http://127.0.0.1/'],
  ];
  for (const [given, url] of spellings) {
    assert.deepEqual(parseCallbackUrl(given), { url });
    assert.deepEqual(parseCallbackUrl(url), { url });
  }
});

test('a URL that cannot be called is refused in words that do not repeat it', () => {
  for (const given of [
    'https://example.com/hunter2\nHost: x',
    'https://example.com/\thunter2',
    'https://example.com/hunter2\u0000',
    'https://example.com/a hunter2',
    'https://example.com:0/hunter2',
    'https://ana:hunter2@example.com/',
    'ftp://example.com/hunter2',
    'example.com/hunter2',
    'https://example.com:99999/hunter2',
    `https://example.com/hunter2${'a'.repeat(2000)}`,
    '',
  ]) {
    const parsed = parseCallbackUrl(given);
    assert.ok('fault' in parsed, given);
    assert.doesNotMatch(parsed.fault, /hunter2/);
    assert.match(parsed.fault, /^[A-Z].*\.$/);
  }
});

test('a destination that was written down in another spelling is the same one', () => {
  const known = [{ url: 'nonsense' }, { url: 'https://Example.com' }, { url: 'https://other.example/' }];
  assert.equal(toKeptUrl('https://example.com/', known), 'https://Example.com');
  assert.equal(toKeptUrl('https://other.example/', known), 'https://other.example/');
  assert.equal(toKeptUrl('https://new.example/', known), 'https://new.example/');
  assert.equal(
    toKeptUrl('https://example.com/', [...known, { url: 'https://example.com/' }]),
    'https://example.com/',
  );
});
