// What receivers answer, byte by byte, and what a push makes of it under both presets.
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { judge, maxAnswerBytes } from '../../../src/core/deliveries/judge.ts';
import type { Judgement } from '../../../src/core/deliveries/judge.ts';
import { preflight } from '../../../src/core/deliveries/preflight.ts';
import { sendTestEvent } from '../../../src/core/deliveries/test-event.ts';
import { inWords, toDestinationSettings } from '../../../src/domain/delivery.ts';
import type { Destination, Preset } from '../../../src/domain/delivery.ts';
import { openRawReceiver } from '../../support/raw-receiver.ts';
import type { RawAnswer } from '../../support/raw-receiver.ts';
import { openLocalClient } from '../../support/client.ts';
import { monotonicNow } from '../../../src/runtime/clock.ts';

const client = openLocalClient();
after(() => client.close());

async function judgementOf(answer: RawAnswer, preset: Preset, sent = ['a', 'b']): Promise<Judgement> {
  const receiver = await openRawReceiver(() => answer);
  try {
    const request = { headers: {}, body: '[]', timeoutMs: 5000, maxBytes: maxAnswerBytes };
    return judge(await client.post(receiver.url, request), preset, 0, sent);
  } finally {
    await receiver.close();
  }
}

const yes = '{"code":0}';
const no = '{"code":1}';

/** An answer as HTTP wants it, of a body in bytes. */
function plain(body: string | Buffer, headers = ''): RawAnswer {
  const bytes = Buffer.from(body);
  const head = `HTTP/1.1 200 OK\r\n${headers}Content-Length: ${bytes.byteLength}\r\n\r\n`;
  return { pieces: [Buffer.concat([Buffer.from(head), bytes])], then: 'open' };
}
const raw = (text: string, then: RawAnswer['then'] = 'close'): RawAnswer => ({ pieces: [text], then });

describe('a code', () => {
  // [body, standard, cams]: a = accepted, n = not acknowledged.
  const bodies: readonly [string, 'a' | 'n', 'a' | 'n'][] = [
    [yes, 'a', 'a'],
    ['{"code":"0"}', 'a', 'a'],
    ['{"code":"\\u0030"}', 'a', 'a'],
    ['{"code":0.0}', 'a', 'a'],
    ['{"code":-0}', 'a', 'a'],
    ['{"code":0e5}', 'a', 'a'],
    ['{ "msg" : "OK" , "code" : 0 }\n', 'a', 'a'],
    ['{"\\u0063ode":0}', 'a', 'a'],
    ['{"Code":0,"Msg":"OK"}', 'a', 'a'],
    ['{"data":{"code":1},"code":0}', 'a', 'a'],
    ['{"msg":"\\"code\\":1","code":0}', 'a', 'a'],
    ['[{"code":0}]', 'a', 'a'],
    ['"{\\"code\\":0}"', 'a', 'a'],
    ['\n\t {"code":0}', 'a', 'a'],
    ['{}', 'a', 'n'],
    ['{"msg":"OK"}', 'a', 'n'],
    ['{"data":{"code":0}}', 'a', 'n'],
    ['', 'a', 'n'],
    ['OK', 'a', 'n'],
    ['<html>{"code":1}</html>', 'a', 'n'],
    ['[]', 'a', 'n'],
    ['0', 'a', 'n'],
    ['"0"', 'a', 'n'],
    [no, 'n', 'n'],
    ['{"Code":1}', 'n', 'n'],
    ['{"CODE":"FAIL"}', 'n', 'n'],
    ['{"code":null}', 'n', 'n'],
    ['{"code":""}', 'n', 'n'],
    ['{"code":" "}', 'n', 'n'],
    ['{"code":"00"}', 'n', 'n'],
    ['{"code":" 0"}', 'n', 'n'],
    ['{"code":"0.0"}', 'n', 'n'],
    ['{"code":"0x0"}', 'n', 'n'],
    ['{"code":"-0"}', 'n', 'n'],
    ['{"code":false}', 'n', 'n'],
    ['{"code":true}', 'n', 'n'],
    ['{"code":[]}', 'n', 'n'],
    ['{"code":[0]}', 'n', 'n'],
    ['{"code":[[[0]]]}', 'n', 'n'],
    ['{"code":[["x"],[["y"]]]}', 'n', 'n'],
    ['{"code":{}}', 'n', 'n'],
    ['{"code":{"toString":0,"valueOf":0}}', 'n', 'n'],
    ['{"code":{"code":0}}', 'n', 'n'],
    ['{"code":1e-400}', 'n', 'n'],
    ['{"code":1e400}', 'n', 'n'],
    ['{"code":18446744073709551616}', 'n', 'n'],
    ['{"code":NaN}', 'n', 'n'],
    ['{"code":00}', 'n', 'n'],
    ['{"code":}', 'n', 'n'],
    ['{"code":1,"code":0}', 'n', 'n'],
    ['{"code":0,"code":0}', 'n', 'n'],
    ['{"code":0,"Code":1}', 'n', 'n'],
    ['{"code":0,"\\u0063ode":1}', 'n', 'n'],
    ['{"code":0}{"code":1}', 'n', 'n'],
    ['{"code":0} Warning: headers already sent', 'n', 'n'],
    ["{'code':0}", 'n', 'n'],
    ['{code:0}', 'n', 'n'],
    ['{"code":0', 'n', 'n'],
    ['{', 'n', 'n'],
    ['[{"code":1}]', 'n', 'n'],
    ['"{\\"code\\":1}"', 'n', 'n'],
    ['"{\\"code\\":0"', 'n', 'n'],
    ['{"__proto__":{"code":0},"code":2}', 'n', 'n'],
    [`{"code":${'['.repeat(60_000)}${']'.repeat(60_000)}}`, 'n', 'n'],
    [`{"code":${'['.repeat(60_000)}`, 'n', 'n'],
    [`${'{"a":'.repeat(30_000)}0${'}'.repeat(30_000)}`, 'a', 'n'],
  ];
  for (const [body, standard, cams] of bodies) {
    const shown = body.length > 60 ? `${body.slice(0, 60)}… of ${body.length}` : body;
    it(`${shown === '' ? 'nothing' : shown} is ${standard} by standard, ${cams} by cams`, async () => {
      const word = { a: 'accepted', n: 'not_acknowledged' };
      for (const [preset, expected] of [
        ['standard', standard],
        ['cams', cams],
      ] as const) {
        const judgement = await judgementOf(plain(body), preset);
        assert.equal(judgement.outcome, word[expected], preset);
        if (expected === 'n')
          assert.ok(
            judgement.why !== null && judgement.answer.startsWith(judgement.why.slice(0, 1).toUpperCase()),
          );
      }
    });
  }
});

describe('a body', () => {
  const bom = '\ufeff';
  const long = (code: number) =>
    `{"pad":"${'x'.repeat(20_000)}","code":${code},"more":"${'y'.repeat(40_000)}"}`;
  const wrap: readonly [string, (text: string) => RawAnswer][] = [
    ['as it is', (text) => plain(text)],
    ['behind a BOM', (text) => plain(bom + text)],
    [
      'in chunks',
      (text) =>
        raw(
          `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${text.length.toString(16)}\r\n${text}\r\n0\r\n\r\n`,
          'open',
        ),
    ],
    ['in gzip', (text) => plain(gzipSync(text), 'Content-Encoding: gzip\r\n')],
    ['in x-gzip', (text) => plain(gzipSync(text), 'content-encoding: X-GZip\r\n')],
    ['in gzip that no header names', (text) => plain(gzipSync(text))],
    ['in gzip with a BOM', (text) => plain(gzipSync(bom + text), 'Content-Encoding: gzip\r\n')],
    ['in zlib that no header names', (text) => plain(deflateSync(text))],
    ['in zstd that no header names', (text) => plain(zstdCompressSync(text))],
    ['in deflate', (text) => plain(deflateSync(text), 'Content-Encoding: deflate\r\n')],
    ['in raw deflate', (text) => plain(deflateRawSync(text), 'Content-Encoding: deflate\r\n')],
    ['in br', (text) => plain(brotliCompressSync(text), 'Content-Encoding: br\r\n')],
    ['in zstd', (text) => plain(zstdCompressSync(text), 'Content-Encoding: zstd\r\n')],
    ['in gzip in br', (text) => plain(brotliCompressSync(gzipSync(text)), 'Content-Encoding: gzip, br\r\n')],
    ['that is gzip in name only', (text) => plain(text, 'Content-Encoding: gzip\r\n')],
    ['that is br in name only', (text) => plain(text, 'Content-Encoding: br\r\n')],
    ['of another content type', (text) => plain(text, 'Content-Type: text/html; charset=gbk\r\n')],
  ];
  for (const [how, answer] of wrap) {
    it(`is read ${how}`, async () => {
      for (const preset of ['standard', 'cams'] as const) {
        assert.equal((await judgementOf(answer(yes), preset)).outcome, 'accepted', preset);
        assert.equal((await judgementOf(answer(long(0)), preset)).outcome, 'accepted', `${preset}, long`);
        assert.equal((await judgementOf(answer(no), preset)).outcome, 'not_acknowledged', preset);
        assert.equal(
          (await judgementOf(answer(long(1)), preset)).outcome,
          'not_acknowledged',
          `${preset}, long`,
        );
        const partial = await judgementOf(answer('{"code":0,"failed":["b"]}'), preset);
        assert.deepEqual([partial.outcome, partial.failed], ['accepted', ['b']], preset);
      }
    });
  }

  const huge = ' '.repeat(maxAnswerBytes);
  const unreadable: readonly [string, RawAnswer, RegExp][] = [
    ['longer than what is read', plain(`{"code":0,"x":"${huge}"}`), /cannot be read: it is longer/],
    ['behind more blanks than what is read', plain(' '.repeat(300_000) + no), /cannot be read: it is longer/],
    [
      'a bomb',
      plain(gzipSync(`{"code":0,"x":"${huge.repeat(200)}"}`), 'Content-Encoding: gzip\r\n'),
      /longer than \d+ bytes when it is decoded/,
    ],
    [
      'an unknown encoding',
      plain(Buffer.from([1, 2, 3, 200]), 'Content-Encoding: compress\r\n'),
      /"compress" is not known/,
    ],
    [
      'broken gzip',
      plain(gzipSync(yes).subarray(0, 15), 'Content-Encoding: gzip\r\n'),
      /gzip cannot be undone/,
    ],
    ['UTF-16 with a mark', plain(Buffer.from(`\ufeff${yes}`, 'utf16le')), /not UTF-8/],
    [
      'UTF-16 without one',
      plain(Buffer.from(no, 'utf16le'), 'Content-Type: application/json; charset=utf-16\r\n'),
      /not UTF-8/,
    ],
    ['UTF-16, big end first', plain(Buffer.from(`\ufeff${no}`, 'utf16le').swap16()), /not UTF-8/],
    [
      'encoded too many times',
      plain(gzipSync(yes), 'Content-Encoding: gzip, gzip, gzip, gzip\r\n'),
      /too many times/,
    ],
  ];
  for (const [what, answer, reason] of unreadable) {
    it(`is no acknowledgement and says so: ${what}`, async () => {
      for (const preset of ['standard', 'cams'] as const) {
        const judgement = await judgementOf(answer, preset);
        assert.equal(judgement.outcome, 'not_acknowledged', preset);
        assert.match(judgement.answer, reason, preset);
      }
    });
  }

  it('longer than what is read says no by its beginning, and is no matter when it is no JSON', async () => {
    const refused = await judgementOf(plain(`{"code":7,"x":"${huge}"}`), 'standard');
    assert.deepEqual([refused.outcome, refused.why], ['not_acknowledged', '"code" ≠ 0']);
    const quotes = await judgementOf(plain(`{"x":"${'\\"'.repeat(maxAnswerBytes)}`), 'standard');
    assert.equal(quotes.outcome, 'not_acknowledged');
    assert.equal((await judgementOf(plain(`<html>${huge}`), 'standard')).outcome, 'accepted');
    assert.equal((await judgementOf(plain(`<html>${huge}`), 'cams')).outcome, 'not_acknowledged');
  });

  it('is asked for without an encoding', async () => {
    const receiver = await openRawReceiver(() => plain(yes));
    await client.post(receiver.url, { headers: {}, body: '[]', timeoutMs: 5000, maxBytes: 100 });
    assert.match(receiver.requests[0] ?? '', /accept-encoding: identity\r\n/);
    await receiver.close();
  });
});

describe('a list of failed receipts', () => {
  const lists: readonly [string, string, readonly string[] | null][] = [
    ['{"code":0,"failed":["b"]}', 'accepted', ['b']],
    ['{"code":"0","Failed":["a"]}', 'accepted', ['a']],
    ['{"code":0,"failed":[]}', 'accepted', null],
    ['{"code":0,"failed":null}', 'accepted', null],
    ['{"code":0,"failed":["a","b"]}', 'not_acknowledged', ['a', 'b']],
    ['{"code":0,"failed":["c"]}', 'not_acknowledged', null],
    ['{"code":0,"failed":["a",3]}', 'not_acknowledged', null],
    ['{"code":0,"failed":"a"}', 'not_acknowledged', null],
    ['{"code":0,"failed":{"a":true}}', 'not_acknowledged', null],
    ['{"code":0,"failed":true}', 'not_acknowledged', null],
    ['{"code":0,"failed":1}', 'not_acknowledged', null],
    ['{"code":0,"failed":["a"],"failed":[]}', 'not_acknowledged', null],
    ['{"code":1,"failed":["a"]}', 'not_acknowledged', null],
  ];
  for (const [body, outcome, failed] of lists) {
    it(`${body}: ${outcome}`, async () => {
      for (const preset of ['standard', 'cams'] as const) {
        const judgement = await judgementOf(plain(body), preset);
        assert.deepEqual([judgement.outcome, judgement.failed], [outcome, failed], preset);
      }
    });
  }
  it('counts without a code', async () => {
    const judgement = await judgementOf(plain('{"failed":["a"]}'), 'standard');
    assert.deepEqual([judgement.outcome, judgement.failed], ['accepted', ['a']]);
    assert.equal((await judgementOf(plain('{"failed":["a"]}'), 'cams')).outcome, 'not_acknowledged');
  });
});

describe('an answer that is not quite HTTP', () => {
  const length = `Content-Length: ${yes.length}\r\n`;
  const ok = `HTTP/1.1 200 OK\r\n${length}\r\n${yes}`;
  const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
  const headers = `X-A: ${'x'.repeat(190)}\r\n`.repeat(1000);
  /** Taken under both presets, and its body read: with `no` in place of `yes` it is not. */
  const taken: readonly [string, string][] = [
    ['100 that nobody asked for', `HTTP/1.1 100 Continue\r\n\r\n${ok}`],
    [
      '100, 102 and 103',
      `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${ok}`,
    ],
    [
      '101 that nobody asked for',
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n${ok}`,
    ],
    ['a folded header', `HTTP/1.1 200 OK\r\nX-A: a\r\n  b\r\n\tc\r\n${length}\r\n${yes}`],
    ['a folded header at the end', `HTTP/1.1 200 OK\r\n${length}X-A: a\r\n b\r\n\r\n${yes}`],
    [
      'chunks beside a length',
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n${length}\r\na\r\n${yes}\r\n0\r\n\r\n`,
    ],
    ['the same length twice', `HTTP/1.1 200 OK\r\n${length}${length}\r\n${yes}`],
    ['the same length twice in one line', `HTTP/1.1 200 OK\r\nContent-Length: 10, 10\r\n\r\n${yes}`],
    ['two different lengths', `HTTP/1.1 200 OK\r\n${length}Content-Length: 11\r\n\r\n${yes}`],
    ['a length that is none', `HTTP/1.1 200 OK\r\nContent-Length: abc\r\n\r\n${yes}`],
    ['no length', `HTTP/1.1 200 OK\r\n\r\n${yes}`],
    ['bytes behind the body', `${ok}and more`],
    ['a status line in lower case', `http/1.1 200 ok\r\n${length}\r\n${yes}`],
    ['no reason phrase', `HTTP/1.1 200\r\n${length}\r\n${yes}`],
    ['a reason phrase of strange bytes', `HTTP/1.1 200 \x01\x02\r\n${length}\r\n${yes}`],
    ['HTTP/1.0', `HTTP/1.0 200 OK\r\n\r\n${yes}`],
    ['HTTP/1.0 kept alive', `HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\n${yes}`],
    ['HTTP/2 in words', `HTTP/2 200\r\n${length}\r\n${yes}`],
    ['two blanks before the status', `HTTP/1.1  200 OK\r\n${length}\r\n${yes}`],
    ['bare line feeds', `HTTP/1.1 200 OK\nContent-Length: 10\n\n${yes}`],
    ['a blank in a header name', `HTTP/1.1 200 OK\r\nBad Header: x\r\n${length}\r\n${yes}`],
    ['a blank before the colon', `HTTP/1.1 200 OK\r\nContent-Length : 10\r\n\r\n${yes}`],
    ['a line without a colon', `HTTP/1.1 200 OK\r\nnonsense\r\n${length}\r\n${yes}`],
    ['a control character in a header', `HTTP/1.1 200 OK\r\nX-A: a\x01\x00b\r\n${length}\r\n${yes}`],
    ['20 KB of headers', `HTTP/1.1 200 OK\r\nX-A: ${'x'.repeat(20_000)}\r\n${length}\r\n${yes}`],
    ['empty lines before it', `\r\n\r\n${ok}`],
    ['200 KB of headers', `HTTP/1.1 200 OK\r\n${headers}${length}\r\n${yes}`],
    ['a header of 200 KB', `HTTP/1.1 200 OK\r\nX-A: ${'x'.repeat(200_000)}\r\n${length}\r\n${yes}`],
    [
      'a folded header of 200 KB',
      `HTTP/1.1 200 OK\r\nX-A: x\r\n${headers.replaceAll('X-A:', ' x')}${length}\r\n${yes}`,
    ],
    [
      '200 KB of headers behind an informational answer',
      `HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 200 OK\r\n${headers}${length}\r\n${yes}`,
    ],
    ['a chunk size with a blank behind it', `${chunked}a \r\n${yes}\r\n0\r\n\r\n`],
    ['a chunk size with blanks before it', `${chunked}  a\r\n${yes}\r\n0\r\n\r\n`],
    ['chunks with bare line feeds', `${chunked}a\n${yes}\n0\n\n`],
    ['a chunk extension that is none', `${chunked}a;x = y z\r\n${yes}\r\n0\r\n\r\n`],
    ['a chunk size of many digits', `${chunked}000000000a\r\n${yes}\r\n0000\r\n\r\n`],
    ['trailers behind chunks', `${chunked}a\r\n${yes}\r\n0\nX-A: a\nnonsense\n\n`],
    ['chunks without the last blank line', `${chunked}a\r\n${yes}\r\n0\r\n`],
    ['an unknown transfer encoding', `HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n${length}\r\n${yes}`],
  ];
  for (const [what, bytes] of taken) {
    it(`is taken: ${what}`, async () => {
      for (const preset of ['standard', 'cams'] as const) {
        assert.equal((await judgementOf(raw(bytes), preset)).outcome, 'accepted', preset);
        const refused = await judgementOf(raw(bytes.replace(yes, no)), preset);
        assert.deepEqual([refused.outcome, refused.why], ['not_acknowledged', '"code" ≠ 0'], preset);
      }
    });
    it(`is taken in packets of its lines: ${what}`, async () => {
      const pieces = bytes.split(/(?<=\n)/);
      const judgement = await judgementOf({ pieces, then: 'close' }, 'cams');
      assert.equal(judgement.outcome, 'accepted');
    });
  }

  for (const said of ['+10', '10.0', '"10"', '10 bytes', '10; x=y', '0010']) {
    it(`is taken with its connection left open and Content-Length: ${said}`, async () => {
      const bytes = `HTTP/1.1 200 OK\r\nContent-Length: ${said}\r\n\r\n${yes}`;
      assert.equal((await judgementOf(raw(bytes, 'open'), 'cams')).outcome, 'accepted');
      const refused = await judgementOf(raw(bytes.replace(yes, no), 'open'), 'cams');
      assert.equal(refused.outcome, 'not_acknowledged');
    });
  }

  const bodiless: readonly [string, string][] = [
    ['a length', `HTTP/1.1 204 No Content\r\n${length}\r\n`],
    ['a length and a body', `HTTP/1.1 204 No Content\r\n${length}\r\n${yes}`],
    ['a body', `HTTP/1.1 204 No Content\r\n\r\n${no}`],
    ['chunks', 'HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n'],
    [
      'chunks with a body',
      `HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\na\r\n${yes}\r\n0\r\n\r\n`,
    ],
    ['a status line alone', 'HTTP/1.1 204 No Content\r\n'],
    ['a head that is cut', 'HTTP/1.1 204 No Content\r\nContent-Le'],
    ['a status line in lower case', 'http/1.1 204\r\n\r\n'],
  ];
  for (const [what, bytes] of bodiless) {
    for (const then of ['open', 'close'] as const) {
      if (then === 'open' && !bytes.includes('\r\n\r\n')) continue;
      it(`is taken by its status: 204 with ${what}, connection left ${then}`, async () => {
        assert.equal((await judgementOf(raw(bytes, then), 'standard')).outcome, 'accepted');
        assert.equal((await judgementOf(raw(bytes, then), 'cams')).outcome, 'rejected');
      });
    }
  }

  const cut: readonly [string, string][] = [
    ['in its body', `HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n${yes}`],
    ['before its body', 'HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n'],
    ['in text', 'HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nOK'],
    ['in its chunks', `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\n${yes}\r\n`],
    ['in its head', 'HTTP/1.1 200 OK\r\nContent-Le'],
    ['behind its status line', 'HTTP/1.1 200 OK\r\n'],
    ['in its status line', 'HTTP/1.1 200'],
    [
      'by a chunk that is none',
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n${yes}\r\n0\r\n\r\n`,
    ],
    ['by a chunk that is longer than it says', `${chunked}5\r\n${yes}\r\n0\r\n\r\n`],
    ['in a head of more than a megabyte', `HTTP/1.1 200 OK\r\n${headers.repeat(6)}`],
    ['behind 100', 'HTTP/1.1 100 Continue\r\n\r\n'],
    ['before it began', ''],
  ];
  for (const [where, bytes] of cut) {
    for (const then of ['close', 'reset'] as const) {
      it(`is cut off ${where} (${then}): no acknowledgement, and not one that said no`, async () => {
        for (const preset of ['standard', 'cams'] as const) {
          const judgement = await judgementOf(raw(bytes, then), preset);
          assert.ok(['failed', 'refused'].includes(judgement.outcome), judgement.outcome);
          assert.ok(judgement.isCutOff, preset);
          assert.match(judgement.answer, /cut off|broken off/i);
        }
      });
    }
  }

  it('is judged by what is certain though it is cut off', async () => {
    const refused = await judgementOf(raw(`HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n${no}`), 'standard');
    assert.deepEqual([refused.outcome, refused.isCutOff], ['not_acknowledged', false]);
    const failed = await judgementOf(raw('HTTP/1.1 500 Oh\r\nContent-Length: 20\r\n\r\nno'), 'standard');
    assert.deepEqual([failed.outcome, failed.status], ['rejected', 500]);
    const later = await judgementOf(
      raw('HTTP/1.1 429 Slow\r\nRetry-After: 7\r\nContent-Length: 20\r\n\r\n'),
      'cams',
    );
    assert.deepEqual([later.outcome, later.retryAfterMs], ['throttled', 7000]);
  });

  it('is no HTTP at all', async () => {
    for (const bytes of [
      'SSH-2.0-OpenSSH_9.6\r\n',
      'HTTP',
      '\x16\x03\x01\x02',
      'HTTP/1.1 abc OK\r\n\r\n',
      'ICY 200 OK\r\n\r\n',
    ]) {
      const judgement = await judgementOf(raw(bytes), 'standard');
      assert.notEqual(judgement.outcome, 'accepted', bytes);
    }
  });

  it('does not spoil the next answer on its connection', async () => {
    const answers = [
      raw('HTTP/1.1 204 No Content\r\nContent-Length: 99\r\n\r\n', 'open'),
      plain(no),
      raw(`HTTP/1.1 200 OK\r\n${length}\r\n${yes}HTTP/1.1 200 OK\r\n${length}\r\n${yes}`, 'open'),
      plain(no),
    ];
    const receiver = await openRawReceiver((_request, count) => answers[count - 1] ?? plain(no));
    const outcomes: string[] = [];
    for (let count = 0; count < answers.length; count += 1) {
      const request = { headers: {}, body: '[]', timeoutMs: 5000, maxBytes: maxAnswerBytes };
      outcomes.push(judge(await client.post(receiver.url, request), 'standard', 0).outcome);
    }
    await receiver.close();
    assert.deepEqual(outcomes, ['accepted', 'not_acknowledged', 'accepted', 'not_acknowledged']);
  });
});

describe('preflight and test events', () => {
  const destination = (url: string): Destination => ({
    accountId: 1,
    id: 1,
    name: '',
    url,
    settings: toDestinationSettings('standard'),
    state: 'active',
    stateReason: inWords(''),
    stateSince: 0,
    pause: null,
    secrets: [],
    createdAt: 0,
  });
  const deps = { client, now: Date.now, monotonic: monotonicNow };
  for (const [body, said] of [
    ['{"code":[["x"]]}', 'HTTP 200, "code" ≠ 0'],
    ['{"code":null}', 'HTTP 200, "code" ≠ 0'],
    ['{"code":0', 'HTTP 200, the answer looks like JSON and is none'],
  ] as const) {
    it(`judge as a push does: ${body}`, async () => {
      const receiver = await openRawReceiver(() => plain(body));
      const { attempt } = await sendTestEvent(deps, destination(receiver.url));
      assert.equal(attempt.outcome, 'not_acknowledged');
      const { grade, checks } = await preflight(deps, destination(receiver.url));
      assert.equal(grade, 'F');
      assert.deepEqual(checks.find(({ name }) => name === 'reachable')?.params, { said });
      await receiver.close();
    });
  }
});
