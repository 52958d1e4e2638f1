import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMediaLinks } from '../../../src/core/media/links.ts';
import type { MediaLinks } from '../../../src/core/media/links.ts';
import { toId } from '../../store/contract/fixture.ts';
import { createClock } from '../../support/store.ts';

const day = 86_400_000;
const mediaId = toId('picture');

function open(clock = createClock(), fill = 1): MediaLinks {
  return createMediaLinks({
    masterKey: Buffer.alloc(32, fill),
    publicUrl: () => 'https://receipts.example/base',
    lifeMs: 7 * day,
    now: clock.now,
  });
}

function parts(url: string): [string, string, string, string] {
  const { pathname, searchParams } = new URL(url);
  const [accountId = '', file = ''] = pathname.split('/').slice(-2);
  return [
    accountId,
    file.split('.')[0] ?? '',
    searchParams.get('Expires') ?? '',
    searchParams.get('Signature') ?? '',
  ];
}

test('a link stands below the public URL, ends in an extension, and is good', () => {
  const links = open();
  const url = links.url(42, mediaId, 'image/jpeg');
  assert.match(
    url,
    /^https:\/\/receipts\.example\/base\/media\/42\/[0-9a-f]{32}\.jpg\?Expires=\d+&Signature=[0-9a-f]{64}$/,
  );
  assert.equal(links.check(...parts(url)), 'good');
});

for (const [mimeType, extension] of [
  ['audio/ogg; codecs=opus', 'ogg'],
  ['IMAGE/PNG', 'png'],
  ['application/pdf', 'pdf'],
  ['application/vnd.unheard-of', 'bin'],
  ['', 'bin'],
] as const) {
  test(`a link to '${mimeType}' ends in ${extension}`, () => {
    assert.match(open().url(1, mediaId, mimeType), new RegExp(`${mediaId}\\.${extension}\\?`));
  });
}

test('a link is good for its life and not a second longer', () => {
  const clock = createClock();
  const links = open(clock);
  const link = parts(links.url(42, mediaId, 'image/jpeg'));
  clock.advance(7 * day - 1);
  assert.equal(links.check(...link), 'good');
  clock.advance(1);
  assert.equal(links.check(...link), 'expired');
});

test('a link whose account, media or time was changed is bad', () => {
  const links = open();
  const [accountId, media, expires, signature] = parts(links.url(42, mediaId, 'image/jpeg'));
  assert.equal(links.check('43', media, expires, signature), 'bad');
  assert.equal(links.check(accountId, toId('another'), expires, signature), 'bad');
  assert.equal(links.check(accountId, media, String(Number(expires) + 1), signature), 'bad');
  // The slash between the parts cannot be moved.
  assert.equal(links.check('4', `2/${media}`, expires, signature), 'bad');
  for (const text of ['', signature.slice(1), signature.toUpperCase(), `${signature}0`, 'ä'.repeat(32)])
    assert.equal(links.check(accountId, media, expires, text), 'bad', text);
});

test('a link of another master key is bad', () => {
  const link = parts(open(createClock(), 1).url(42, mediaId, 'image/jpeg'));
  assert.equal(open(createClock(), 2).check(...link), 'bad');
});
