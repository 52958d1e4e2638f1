// Files by an address: what the vendor says of them, where an address leads on to, and how their bytes are wrapped.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import type { ServerResponse } from 'node:http';
import type { ExpectedMedia } from '../../../src/channels/channel.ts';
import { fetchFile, readFileName } from '../../../src/channels/kit/files.ts';
import { decodePieces } from '../../../src/http/content-encoding.ts';
import { openGraphBed, channel } from '../../support/graph.ts';
import { openReceiver } from '../../support/receiver.ts';
import type { ReceivedCall, Receiver } from '../../support/receiver.ts';
import { openLocalClient } from '../../support/client.ts';

const client = openLocalClient();
type Respond = (call: ReceivedCall, response: ServerResponse) => void;

let cdn: Receiver;
let other: Receiver;
let respond: Respond;
let respondElsewhere: Respond;

before(async () => {
  cdn = await openReceiver((call, response) => respond(call, response));
  other = await openReceiver((call, response) => respondElsewhere(call, response));
});
beforeEach(() => {
  respondElsewhere = (_call, response) => response.end('from elsewhere');
});
after(async () => {
  await cdn.close();
  await other.close();
  await client.close();
});

const anything: ExpectedMedia = { mimeType: 'application/octet-stream', fileName: null };

async function fetchIt(path = '/file', expected = anything) {
  const fetched = await fetchFile({ client, now: () => 0 }, cdn.url + path, expected);
  if ('fault' in fetched) return fetched;
  const chunks: Uint8Array[] = [];
  for await (const chunk of fetched.bytes) chunks.push(chunk);
  const { mimeType, fileName } = fetched;
  return { mimeType, fileName, text: Buffer.concat(chunks).toString() };
}

async function* toPieces(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += 1000) yield bytes.subarray(at, at + 1000);
}

it('an address that is put off is asked again when its server says', async () => {
  respond = (_call, response) => response.writeHead(503, { 'retry-after': '120' }).end();
  assert.partialDeepStrictEqual(await fetchIt(), { fault: 'later', retryAfterMs: 120_000 });
});

describe('a page of HTML', () => {
  const html = '<!doctype html><p>Dear shop</p>';
  const rows: readonly (readonly [string, ExpectedMedia, Record<string, string>, boolean])[] = [
    ['is a file where a document was announced', anything, {}, true],
    ['is a file by its name', { mimeType: 'text/html', fileName: 'letter.html' }, {}, true],
    [
      'is a file where the vendor gives it as one',
      { mimeType: 'image/jpeg', fileName: null },
      { 'content-disposition': 'attachment; filename="letter.html"' },
      true,
    ],
    ['is no picture', { mimeType: 'image/jpeg', fileName: null }, {}, false],
    ['is no voice', { mimeType: 'audio/mp4', fileName: null }, {}, false],
  ];
  for (const [name, expected, headers, isFile] of rows)
    it(name, async () => {
      respond = (_call, response) =>
        response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', ...headers }).end(html);
      const fetched = await fetchIt('/file', expected);
      if (isFile)
        assert.partialDeepStrictEqual(fetched, { mimeType: 'text/html; charset=utf-8', text: html });
      else assert.partialDeepStrictEqual(fetched, { fault: 'gone' });
    });

  it('to which another host leads is a page for people', async () => {
    respond = (_call, response) => response.writeHead(302, { location: `${other.url}/login` }).end();
    respondElsewhere = (_call, response) =>
      response.writeHead(200, { 'content-type': 'text/html' }).end('<p>Sign in</p>');
    assert.partialDeepStrictEqual(await fetchIt(), { fault: 'gone' });
  });
});

describe('an address that leads on', () => {
  it('is followed, to another host as well, and from one path to the next', async () => {
    respond = ({ path }, response) =>
      path === '/file'
        ? response.writeHead(302, { location: '/next' }).end()
        : response.writeHead(307, { location: `${other.url}/bytes` }).end();
    assert.partialDeepStrictEqual(await fetchIt(), { text: 'from elsewhere' });
  });

  it('for ever is given up', async () => {
    const before = cdn.calls.length;
    respond = (_call, response) => response.writeHead(302, { location: '/file' }).end();
    assert.partialDeepStrictEqual(await fetchIt(), { fault: 'gone' });
    assert.equal(cdn.calls.length - before, 4);
  });

  it('into a private network is not followed', async () => {
    const before = other.calls.length;
    const strict = openLocalClient({
      egressAllow: ['127.0.0.1/32'],
      resolve: async () => [{ address: '10.0.0.7', family: 4 }],
    });
    respond = (_call, response) => response.writeHead(302, { location: 'http://inside.example/x' }).end();
    const fetched = await fetchFile({ client: strict, now: () => 0 }, `${cdn.url}/file`, anything);
    await strict.close();
    assert.partialDeepStrictEqual(fetched, { fault: 'gone' });
    assert.equal(other.calls.length, before);
  });

  it('takes no token along to another host, nor back, and keeps it on its own', async (t) => {
    const bed = await openGraphBed(({ path }, url) => {
      if (path.startsWith('/v25.0')) return { body: { url: `${url}/lookaside`, id: '1037' } };
      if (path === '/lookaside')
        return { status: 302, headers: { location: '/step' }, body: Buffer.alloc(0) };
      if (path === '/step')
        return { status: 302, headers: { location: `${other.url}/a` }, body: Buffer.alloc(0) };
      return { headers: { 'content-type': 'image/png' }, body: Buffer.from('a picture') };
    });
    t.after(() => bed.close());
    let authorization: string | undefined = 'unasked';
    respondElsewhere = (call, response) => {
      authorization = call.headers.authorization;
      response.writeHead(302, { location: `${bed.url}/back` }).end();
    };
    const fetched = await bed.connector.fetchMedia(channel, '1037');
    assert.ok('bytes' in fetched, JSON.stringify(fetched));
    for await (const chunk of fetched.bytes) assert.ok(chunk.byteLength > 0);
    assert.equal(authorization, undefined);
    assert.deepEqual(
      bed.calls
        .filter(({ path }) => !path.startsWith('/v25.0'))
        .map(({ path, headers }) => [path, headers.authorization !== undefined]),
      [
        ['/lookaside', true],
        ['/step', true],
        ['/back', false],
      ],
    );
  });
});

describe('an encoded answer', () => {
  const text = 'a letter '.repeat(5000);
  const rows: readonly (readonly [string, string, Buffer])[] = [
    ['gzip', 'gzip', gzipSync(text)],
    ['gzip by its old name', 'X-Gzip', gzipSync(text)],
    ['deflate', 'deflate', deflateSync(text)],
    ['deflate without its head', 'deflate', deflateRawSync(text)],
    ['brotli', 'br', brotliCompressSync(text)],
    ['zstd', 'zstd', zstdCompressSync(text)],
    ['one on top of the other', 'gzip, br', brotliCompressSync(gzipSync(text))],
    ['encoded in name only', 'gzip', Buffer.from(text)],
    ['identity', 'identity', Buffer.from(text)],
  ];
  for (const [name, encoding, body] of rows)
    it(`is undone: ${name}`, async () => {
      respond = (_call, response) => {
        response.writeHead(200, { 'content-type': 'text/plain', 'content-encoding': encoding });
        // In pieces, the first of one byte.
        response.write(body.subarray(0, 1));
        response.end(body.subarray(1));
      };
      assert.deepEqual(await fetchIt(), { mimeType: 'text/plain', fileName: null, text });
      assert.equal(cdn.calls.at(-1)?.headers['accept-encoding'], 'identity');
    });

  it('that nothing calls encoded is an archive, and stays one', async () => {
    const archive = gzipSync('hello');
    respond = (_call, response) => response.writeHead(200).end(archive);
    const fetched = await fetchFile({ client, now: () => 0 }, `${cdn.url}/a.gz`, anything);
    assert.ok('bytes' in fetched);
    const chunks: Uint8Array[] = [];
    for await (const chunk of fetched.bytes) chunks.push(chunk);
    assert.deepEqual(Buffer.concat(chunks), archive);
  });

  it('that becomes large on the way to something small is given up', async () => {
    // Ten thousand empty archives: together two hundred thousand bytes, which come to nothing.
    const inner = Buffer.concat(Array.from({ length: 10_000 }, () => gzipSync('')));
    const outer = gzipSync(inner);
    const read = async (maxBytes: number): Promise<number> => {
      let bytes = 0;
      const pieces = decodePieces(toPieces(outer), 'gzip, gzip', maxBytes);
      for await (const piece of pieces) bytes += piece.byteLength;
      return bytes;
    };
    assert.equal(await read(1_000_000), 0);
    await assert.rejects(read(100_000), /longer than 100000 bytes when it is decoded/);
  });

  for (const [name, encoding, body] of [
    ['is cut off', 'gzip', gzipSync(text).subarray(0, 60)],
    ['cannot be undone', 'br', Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff])],
    ['is of an unknown kind', 'rot13', Buffer.from('n yrggre')],
  ] as const)
    it(`that ${name} is left for later, in words`, async () => {
      respond = (_call, response) => response.writeHead(200, { 'content-encoding': encoding }).end(body);
      const fetched = await fetchFile({ client, now: () => 0 }, `${cdn.url}/file`, anything);
      assert.ok('bytes' in fetched);
      await assert.rejects(async () => {
        for await (const chunk of fetched.bytes) assert.ok(chunk.byteLength > 0);
      }, /cannot be read: its content-encoding/);
    });
});

it('the name of a file is what the vendor calls it, and never a place', () => {
  const rows: readonly (readonly [string | undefined, string | null])[] = [
    ['attachment; filename="offer 7.pdf"', 'offer 7.pdf'],
    ['attachment; filename=offer.pdf', 'offer.pdf'],
    ['attachment; filename="x.pdf"; filename*=UTF-8\'\'%D0%BB%D0%B8%D1%81%D1%82.pdf', 'лист.pdf'],
    ['attachment; filename*=UTF-8\'\'%zz; filename="plain.pdf"', 'plain.pdf'],
    ['attachment; filename="a\\"b.pdf"', 'a"b.pdf'],
    ['attachment; filename="../../etc/passwd"', 'passwd'],
    ['attachment; filename="C:\\\\temp\\\\x.pdf"', 'x.pdf'],
    ['attachment; filename=".."', null],
    ['attachment', null],
    [undefined, null],
  ];
  for (const [header, name] of rows) assert.equal(readFileName(header), name, header);
  assert.equal(readFileName(Buffer.from('inline; filename="лист.pdf"').toString('latin1')), 'лист.pdf');
});
