// Requests that are none, and bodies made to blow up: each is refused in words or by closing, none reaches a second request that was
// hidden in the first, and none costs the others anything.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import type { Socket } from 'node:net';
import { after, afterEach, before, it } from 'node:test';
import { signAcs3 } from '../support/cams-client.ts';
import { rootAccount } from '../support/service.ts';
import { appSecret, openBed } from './bed.ts';
import type { Bed } from './bed.ts';
import { isLong } from './form.ts';
import { destroyAll, readAll } from './wire.ts';

let bed: Bed;
const sockets: Socket[] = [];
before(async () => {
  bed = await openBed();
});
afterEach(async () => {
  destroyAll(sockets.splice(0));
  if (!bed.isSpent()) return;
  await bed.close();
  bed = await openBed();
});
after(() => bed.close());

type Row = readonly [what: string, text: string, allowed?: RegExp];

/** Refused as the client's fault or as not supported, or closed without a word. */
const refused = /^(?:HTTP\/1\.1 (?:4\d\d|501|505) |$)/;
/** Refused, or taken for what it says plainly. */
const plain = /^(?:HTTP\/1\.1 (?:2\d\d|3\d\d|4\d\d|501|505) |$)/;
/** Refused, or given the page of the console that every address below it has. */
const page = /^HTTP\/1\.1 (?:4\d\d |200 [^]*<!doctype html>)/i;
const head = 'Host: x\r\n';
const post = (headers: string, body: string, path = '/hooks/whatsapp/wa'): string =>
  `POST ${path} HTTP/1.1\r\n${head}${headers}\r\n${body}`;
const hidden = 'GET /health/live HTTP/1.1\r\nHost: hidden\r\n\r\n';

const lines: readonly Row[] = [
  ['an empty line alone', '\r\n\r\n', plain],
  ['no method', ' / HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['a method in small letters', 'get /health/live HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['a method of nobody', 'STEAL /health/live HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['a very long method', `${'A'.repeat(5000)} / HTTP/1.1\r\nHost: x\r\n\r\n`],
  ['TRACE', 'TRACE / HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['CONNECT', 'CONNECT inside.example:443 HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['CONNECT to ourselves', 'CONNECT 127.0.0.1:1 HTTP/1.1\r\nHost: 127.0.0.1:1\r\n\r\n'],
  ['PRI of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['an upgrade to h2c', `GET /nothing HTTP/1.1\r\n${head}Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n`],
  [
    'an upgrade to a web socket',
    `GET /nothing HTTP/1.1\r\n${head}Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n`,
  ],
  ['OPTIONS of everything', `OPTIONS * HTTP/1.1\r\n${head}\r\n`],
  ['no version', 'GET /nothing\r\n\r\n'],
  ['HTTP/0.9', 'GET /nothing HTTP/0.9\r\nHost: x\r\n\r\n'],
  ['HTTP/1.0 without a host', 'GET /nothing HTTP/1.0\r\n\r\n'],
  ['HTTP/1.2', 'GET /nothing HTTP/1.2\r\nHost: x\r\n\r\n'],
  ['HTTP/9.9', 'GET /nothing HTTP/9.9\r\nHost: x\r\n\r\n'],
  ['HTTP/11', 'GET /nothing HTTP/11\r\nHost: x\r\n\r\n'],
  ['another protocol', 'GET /nothing RTSP/1.0\r\nHost: x\r\n\r\n'],
  ['two spaces before the target', 'GET  /nothing HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['two spaces before the version', 'GET /nothing  HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['a tab for a space', 'GET\t/nothing\tHTTP/1.1\r\nHost: x\r\n\r\n'],
  ['line feeds alone', 'GET /nothing HTTP/1.1\nHost: x\n\n'],
  ['carriage returns alone', 'GET /nothing HTTP/1.1\rHost: x\r\r'],
  ['a NUL in the target', 'GET /noth\0ing HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['a NUL in the method', 'G\0T /nothing HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['a line feed in the target', 'GET /noth\ning HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['eight bits in the target', 'GET /\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['an absolute form', 'GET http://other.example/nothing HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['an absolute form of another scheme', 'GET file:///etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['an absolute form with a password', 'GET http://a:b@other.example/nothing HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['an authority form', 'GET other.example:443 HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['a target without a slash', 'GET nothing HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['two slashes', 'GET //other.example/nothing HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['a target that climbs', 'GET /console/../../../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n', page],
  ['one that climbs, encoded', 'GET /console/%2e%2e%2f%2e%2e%2fetc/passwd HTTP/1.1\r\nHost: x\r\n\r\n', page],
  [
    'one that climbs, encoded twice',
    'GET /console/%252e%252e%252fetc/passwd HTTP/1.1\r\nHost: x\r\n\r\n',
    page,
  ],
  ['one that climbs by backslashes', 'GET /console/..\\..\\etc\\passwd HTTP/1.1\r\nHost: x\r\n\r\n', page],
  ['half a percent sign', 'GET /queues/% HTTP/1.1\r\nHost: x\r\nAuthorization: MNS a:b\r\n\r\n'],
  ['percent and no digits', 'GET /queues/%zz HTTP/1.1\r\nHost: x\r\nAuthorization: MNS a:b\r\n\r\n'],
  ['percent and no UTF-8', 'GET /queues/%ff%fe HTTP/1.1\r\nHost: x\r\nAuthorization: MNS a:b\r\n\r\n'],
  ['percent at the hooks', post('Content-Length: 2\r\n', '{}', '/hooks/whatsapp/%zz')],
  ['percent at the hooks’ handshake', 'GET /hooks/whatsapp/wa?hub.mode=%zz HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['percent at media', 'GET /media/%zz/%ff HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['percent at CAMS', 'GET /?Action=%zz&Version=%ff HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['an encoded NUL', 'GET /media/%00 HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['a fragment', 'GET /nothing#here HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['a target of 20 KB', `GET /${'a'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`],
  ['a target of 3 MB', `GET /?Action=X&a=${'a'.repeat(3_000_000)} HTTP/1.1\r\nHost: x\r\n\r\n`],
  ['ten thousand parameters', `GET /?Action=X${'&a=1'.repeat(10_000)} HTTP/1.1\r\nHost: x\r\n\r\n`],
];

const fields: readonly Row[] = [
  ['no host', 'GET /nothing HTTP/1.1\r\n\r\n'],
  ['two hosts', 'GET /health/live HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n'],
  ['two hosts that are the same', 'GET /health/live HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n'],
  ['two hosts at a queue', 'GET /queues HTTP/1.1\r\nHost: x\r\nHost: y\r\nAuthorization: MNS a:b\r\n\r\n'],
  ['an empty host', 'GET /nothing HTTP/1.1\r\nHost:\r\n\r\n'],
  ['a host with spaces', 'GET /nothing HTTP/1.1\r\nHost: a b\r\n\r\n'],
  ['a host that is a script', 'GET /nothing HTTP/1.1\r\nHost: "><script>\r\n\r\n'],
  ['a field without a colon', `GET /nothing HTTP/1.1\r\n${head}X-A\r\n\r\n`],
  ['a field without a name', `GET /nothing HTTP/1.1\r\n${head}: a\r\n\r\n`],
  ['a space before the colon', `GET /nothing HTTP/1.1\r\n${head}X-A : a\r\n\r\n`],
  ['a name with a space', `GET /nothing HTTP/1.1\r\n${head}X A: a\r\n\r\n`],
  ['a name with brackets', `GET /nothing HTTP/1.1\r\n${head}X(A): a\r\n\r\n`],
  ['a name with eight bits', `GET /nothing HTTP/1.1\r\n${head}X-\xff: a\r\n\r\n`],
  ['a NUL in a name', `GET /nothing HTTP/1.1\r\n${head}X-\0A: a\r\n\r\n`],
  ['a NUL in a value', `GET /nothing HTTP/1.1\r\n${head}X-A: a\0b\r\n\r\n`],
  ['a carriage return in a value', `GET /nothing HTTP/1.1\r\n${head}X-A: a\rb\r\n\r\n`],
  ['a folded value', `GET /nothing HTTP/1.1\r\n${head}X-A: a\r\n b\r\n\r\n`],
  ['a field before the first', `GET /nothing HTTP/1.1\r\n Host: x\r\n\r\n`],
  ['a name of 20 KB', `GET /nothing HTTP/1.1\r\n${head}${'X'.repeat(20_000)}: a\r\n\r\n`],
  ['a value of 20 KB', `GET /nothing HTTP/1.1\r\n${head}X-A: ${'a'.repeat(20_000)}\r\n\r\n`],
  ['three thousand fields', `GET /nothing HTTP/1.1\r\n${head}${'X-A: a\r\n'.repeat(3000)}\r\n`],
  ['a prototype for a name', `GET /nothing HTTP/1.1\r\n${head}__proto__: a\r\nconstructor: b\r\n\r\n`],
  ['Basic and no more', `GET /nothing HTTP/1.1\r\n${head}Authorization: Basic\r\n\r\n`],
  ['MNS and no more', `GET /queues HTTP/1.1\r\n${head}Authorization: MNS\r\n\r\n`],
  ['MNS and eight bits', `GET /queues HTTP/1.1\r\n${head}Authorization: MNS \xff:\xff\r\n\r\n`],
  [
    'two authorizations',
    `GET /queues HTTP/1.1\r\n${head}Authorization: MNS a:b\r\nAuthorization: MNS c:d\r\n\r\n`,
  ],
  ['a date of nonsense', `GET /queues HTTP/1.1\r\n${head}Authorization: MNS a:b\r\nDate: tomorrow\r\n\r\n`],
  [
    'a range of nonsense',
    `GET /media/1/2.png HTTP/1.1\r\n${head}Range: bytes=-1-,9999999999999999999-\r\n\r\n`,
  ],
  ['cookies without end', `GET /nothing HTTP/1.1\r\n${head}Cookie: ${'a=b; '.repeat(2500)}\r\n\r\n`],
];

const bodies: readonly Row[] = [
  ['a length and chunks', post('Content-Length: 5\r\nTransfer-Encoding: chunked\r\n', `0\r\n\r\n${hidden}`)],
  ['chunks and a length', post('Transfer-Encoding: chunked\r\nContent-Length: 5\r\n', `0\r\n\r\n${hidden}`)],
  ['two lengths', post('Content-Length: 0\r\nContent-Length: 47\r\n', hidden)],
  ['two equal lengths', post('Content-Length: 2\r\nContent-Length: 2\r\n', '{}')],
  ['lengths in a list', post('Content-Length: 0, 47\r\n', hidden)],
  ['a negative length', post('Content-Length: -1\r\n', '')],
  ['a length with a plus', post('Content-Length: +2\r\n', '{}')],
  ['a length in hex', post('Content-Length: 0x2\r\n', '{}')],
  ['a length with a point', post('Content-Length: 2.0\r\n', '{}')],
  ['a length in powers', post('Content-Length: 1e3\r\n', '{}')],
  ['a length with a space', post('Content-Length: 1 2\r\n', '{}')],
  ['a length of nothing', post('Content-Length:\r\n', '')],
  ['a length beyond numbers', post('Content-Length: 99999999999999999999999\r\n', '{}')],
  ['a length beyond every limit', post('Content-Length: 9007199254740991\r\n', '{}')],
  [
    'chunks in capitals, twice',
    post('Transfer-Encoding: chunked\r\nTransfer-Encoding: CHUNKED\r\n', `0\r\n\r\n`),
  ],
  ['chunks and then something', post('Transfer-Encoding: chunked, identity\r\n', `0\r\n\r\n${hidden}`)],
  ['something like chunks', post('Transfer-Encoding: xchunked\r\n', `0\r\n\r\n${hidden}`)],
  ['chunks with a space before the colon', post('Transfer-Encoding : chunked\r\n', `0\r\n\r\n${hidden}`)],
  ['chunks after a tab', post('Transfer-Encoding:\x0bchunked\r\n', `0\r\n\r\n${hidden}`)],
  ['a compressed body', post('Transfer-Encoding: gzip\r\n', '')],
  ['a chunk of a negative size', post('Transfer-Encoding: chunked\r\n', '-1\r\n\r\n0\r\n\r\n')],
  ['a chunk of no size', post('Transfer-Encoding: chunked\r\n', '\r\n\r\n0\r\n\r\n')],
  ['a chunk of a size that is no hex', post('Transfer-Encoding: chunked\r\n', 'xyz\r\n{}\r\n0\r\n\r\n')],
  ['a chunk of 0x', post('Transfer-Encoding: chunked\r\n', '0x2\r\n{}\r\n0\r\n\r\n')],
  ['a chunk beyond numbers', post('Transfer-Encoding: chunked\r\n', `${'f'.repeat(17)}\r\n{}\r\n0\r\n\r\n`)],
  ['a chunk longer than it says', post('Transfer-Encoding: chunked\r\n', `1\r\n{}\r\n0\r\n\r\n`)],
  [
    'a chunk with a long extension',
    post('Transfer-Encoding: chunked\r\n', `2;${'a'.repeat(20_000)}\r\n{}\r\n0\r\n\r\n`),
  ],
  ['chunks ended by line feeds', post('Transfer-Encoding: chunked\r\n', `2\n{}\n0\n\n`)],
  [
    'trailers',
    post('Transfer-Encoding: chunked\r\n', `2\r\n{}\r\n0\r\nX-Hub-Signature-256: sha256=00\r\n\r\n`),
  ],
  ['trailers without end', post('Transfer-Encoding: chunked\r\n', `0\r\n${'X-A: b\r\n'.repeat(3000)}\r\n`)],
  ['a trailer that is no field', post('Transfer-Encoding: chunked\r\n', `0\r\nnothing\r\n\r\n`)],
  ['an expectation of nobody', post('Content-Length: 2\r\nExpect: miracles\r\n', '{}')],
  ['a GET with a body', `GET /nothing HTTP/1.1\r\n${head}Content-Length: 47\r\n\r\n${hidden}`],
  ['no length at all', post('', hidden)],
];

/** How many answers there are beside informational ones. */
const countAnswers = (text: string): number => text.split(/HTTP\/1\.1 [2-5]\d\d /).length - 1;

/** What is answered; where silence is an answer too, it is not waited for long. */
async function send(text: string, allowed: RegExp): Promise<string> {
  const socket = await bed.dial();
  sockets.push(socket);
  socket.write(Buffer.from(text, 'latin1'));
  const quietMs = isLong ? 1500 : 400;
  return (await readAll(socket, quietMs, allowed.test('') ? quietMs : 15_000)).text;
}

for (const [name, rows] of [
  ['lines', lines],
  ['fields', fields],
  ['bodies', bodies],
] as const)
  it(`refuses ${rows.length} malformed ${name}`, async () => {
    await bed.withstand(async ({ newcomers }) => {
      const answers = await Promise.all(
        rows.map(async (row) => [row, await send(row[1], row[2] ?? refused)] as const),
      );
      const wrong = answers
        .map(([[what, text, allowed = refused], answer]) => {
          const isHidden = text.includes(hidden) && countAnswers(answer) > 1;
          // Only a message without a body is followed by another one.
          const isSecond = isHidden && !['no length at all'].includes(what);
          return allowed.test(answer) && !isSecond ? null : `${what}: ${answer.slice(0, 200)}`;
        })
        .filter((line) => line !== null);
      assert.deepEqual(wrong, []);
      await newcomers(1);
    });
  });

const { keyId, keySecret } = rootAccount;
const deep = (count: number): string => '['.repeat(count) + ']'.repeat(count);
const deepObject = (count: number): string => '{"a":'.repeat(count) + '1' + '}'.repeat(count);

/** A queue’s own caller, who is known, with a body that is not what it should be. */
async function sendXml(body: string): Promise<number> {
  const date = new Date().toUTCString();
  const target = '/queues/bombs/messages';
  const text = `POST\n\ntext/xml\n${date}\nx-mns-version:2015-06-06\n${target}`;
  const signature = createHmac('sha1', keySecret).update(text).digest('base64');
  const headers = {
    date,
    'content-type': 'text/xml',
    'x-mns-version': '2015-06-06',
    authorization: `MNS ${keyId}:${signature}`,
  };
  return (await bed.call('POST', target, headers, body)).status;
}

const entities = Array.from({ length: 10 }, (_, i) => `<!ENTITY e${i + 1} "${`&e${i};`.repeat(10)}">`).join(
  '',
);
const xml: readonly [string, string][] = [
  [
    'entities of entities',
    `<?xml version="1.0"?><!DOCTYPE m [<!ENTITY e0 "lol">${entities}]><Message><MessageBody>&e10;</MessageBody></Message>`,
  ],
  [
    'an entity that is a file',
    '<?xml version="1.0"?><!DOCTYPE m [<!ENTITY x SYSTEM "file:///etc/passwd">]><Message><MessageBody>&x;</MessageBody></Message>',
  ],
  [
    'an entity that is an address',
    '<!DOCTYPE m SYSTEM "http://127.0.0.1:1/"><Message><MessageBody>a</MessageBody></Message>',
  ],
  ['elements in elements', '<a>'.repeat(100_000)],
  ['elements in elements, closed', '<a>'.repeat(50_000) + '</a>'.repeat(50_000)],
  ['attributes without end', `<Message ${Array.from({ length: 40_000 }, (_, i) => `a${i}="1"`).join(' ')}/>`],
  ['an element without end', `<Message${'a'.repeat(900_000)}`],
  ['nothing', ''],
  ['NULs', '\0'.repeat(100_000)],
];

it('refuses bombs of XML by those whose key it knows', async () => {
  await bed.withstand(async ({ newcomers }) => {
    const statuses = await Promise.all(xml.map(async ([what, body]) => [what, await sendXml(body)] as const));
    for (const [what, status] of statuses) assert.ok(status >= 400 && status < 500, `${what}: ${status}`);
    await newcomers(1);
  });
});

const json: readonly [string, string][] = [
  ['lists in lists', deep(15_000)],
  ['lists in lists, many more', deep(100_000)],
  ['objects in objects', deepObject(15_000)],
  ['lists in a text', JSON.stringify({ text: deep(15_000) })],
  ['a number without end', '9'.repeat(100_000)],
  ['a million members', `{${Array.from({ length: 200_000 }, (_, i) => `"${i}":1`).join(',')}}`],
  ['prototypes', '{"__proto__":{"toString":1},"constructor":{"prototype":{"a":1}}}'],
  ['half a surrogate', '{"text":"\\ud800"}'],
  ['not UTF-8', '{"text":"\xff\xfe"}'],
];

/** Where nested values may stand in a call: its operation, and its values with BOMB in the place. */
const places: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ['SendChatappMessage', { Type: 'message', MessageType: 'text', Content: 'BOMB' }],
  ['SendChatappMessage', { Type: 'message', MessageType: 'text', Content: '{"text":BOMB}' }],
  ['SendChatappMessage', { Type: 'message', MessageType: 'interactive', Content: '{"action":{"a":BOMB}}' }],
  ['SendChatappMessage', { Type: 'message', MessageType: 'contacts', Content: '{"contacts":[BOMB]}' }],
  ['SendChatappMessage', { Type: 'template', TemplateCode: 'x', Language: 'en', TemplateParams: 'BOMB' }],
  [
    'SendChatappMessage',
    { Type: 'template', TemplateCode: 'x', Language: 'en', TemplateParams: '{"a":BOMB}' },
  ],
  ['SendChatappMessage', { Type: 'template', TemplateCode: 'x', Language: 'en', Payload: 'BOMB' }],
  ['SendChatappMessage', { Type: 'template', TemplateCode: 'x', Language: 'en', FlowAction: 'BOMB' }],
  ['SendChatappMassMessage', { TemplateCode: 'x', Language: 'en', SenderList: 'BOMB' }],
  [
    'SendChatappMassMessage',
    { TemplateCode: 'x', Language: 'en', SenderList: '[{"To":"1","TemplateParams":BOMB}]' },
  ],
  ['CreateChatappTemplate', { Name: 'a', Language: 'en', Category: 'UTILITY', Components: 'BOMB' }],
  [
    'CreateChatappTemplate',
    { Name: 'a', Language: 'en', Category: 'UTILITY', Components: '[{"Type":"BODY","Text":BOMB}]' },
  ],
  [
    'CreateChatappTemplate',
    {
      Name: 'a',
      Language: 'en',
      Category: 'UTILITY',
      Components: '[{"Type":"BODY","Text":"a"}]',
      Example: 'BOMB',
    },
  ],
  ['UpdateAccountWebhook', { StatusCallbackUrl: 'BOMB' }],
];

it('takes bombs of JSON in a call for bad content', async () => {
  await bed.withstand(async ({ newcomers }) => {
    for (const [what, bomb] of isLong ? json : json.slice(0, 2))
      for (const [operation, values] of places) {
        const filled = Object.entries(values).map(([name, value]) => [
          name,
          value.replace('BOMB', () => bomb),
        ]);
        const given = { ChannelType: 'whatsapp', From: '15550001111', To: '15550002222', CustSpaceId: 'wa' };
        const all = { ...given, ...(Object.fromEntries(filled) as Record<string, string>) };
        const key = { id: keyId, secret: keySecret };
        const { method, headers, body } = signAcs3(key, operation, all, { form: true });
        const { status, text } = await bed.call(method, '/', headers, body);
        assert.ok(status < 500, `${what} in ${JSON.stringify(values)}: ${status} ${text.slice(0, 200)}`);
        assert.doesNotMatch(text.slice(0, 500), /SignatureDoesNotMatch/);
      }
    await newcomers(1);
  });
});

it('keeps bombs of JSON that a channel signed, and answers 200', async () => {
  await bed.withstand(async ({ newcomers }) => {
    for (const [what, text] of json) {
      const body = text.slice(0, 2_900_000);
      const signature = createHmac('sha256', appSecret).update(body).digest('hex');
      const headers = { 'x-hub-signature-256': `sha256=${signature}`, 'content-type': 'application/json' };
      const answer = await bed.call('POST', '/hooks/whatsapp/wa', headers, body);
      assert.equal(answer.status, 200, `${what}: ${answer.text.slice(0, 200)}`);
    }
    await newcomers(1);
  });
});

it('refuses bombs of JSON at the admin API', async () => {
  await bed.withstand(async ({ newcomers }) => {
    for (const [what, text] of json) {
      const headers = {
        'content-type': 'application/json',
        authorization: `Basic ${Buffer.from(`${keyId}:${keySecret}`).toString('base64')}`,
      };
      const path = '/sandbox/15550100001/inbound';
      const answer = await bed.call('POST', path, headers, text);
      assert.ok(answer.status >= 400 && answer.status < 500, `${what}: ${answer.status}`);
    }
    await newcomers(1);
  });
});
