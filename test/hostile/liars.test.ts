// Receivers and vendors that lie: whatever they answer is a try with its reason, none is taken for success that did not say so, and
// an honest receiver is served meanwhile.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { after, before, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { toText, toWebhook } from '../support/hooks.ts';
import { openReceiver } from '../support/receiver.ts';
import { waitUntil } from '../support/service.ts';
import { appSecret, openBed } from './bed.ts';
import type { Bed } from './bed.ts';
import { isLong } from './form.ts';

/** What a liar does to a connection once a whole request has come. */
type Lie = (socket: Socket) => void;

interface Liar {
  readonly name: string;
  readonly lie: Lie;
  /** Whether it says, in its odd way, that it has taken the receipt. */
  readonly acknowledges?: boolean;
  /** Ends only by a time limit of ours, so the short form leaves it out. */
  readonly isSlow?: boolean;
}

/** Keeps writing until the other side has had enough. */
function flood(socket: Socket, piece: string | Buffer, everyMs = 0): void {
  if (socket.destroyed) return;
  const again = (): void => flood(socket, piece, everyMs);
  const isRoom = socket.write(piece);
  if (everyMs > 0) setTimeout(again, everyMs);
  else if (isRoom) setImmediate(again);
  else socket.once('drain', again);
}

const reply =
  (status: string, body: string | Buffer, headers = ''): Lie =>
  (socket) => {
    const length = Buffer.byteLength(body);
    socket.write(
      `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n${headers}\r\n`,
    );
    socket.end(body);
  };
const ok = (body: string): Lie => reply('200 OK', body);
const bomb = gzipSync(Buffer.alloc(50_000_000, ' '));

const liars: readonly Liar[] = [
  { name: 'never answers', lie: () => undefined, isSlow: true },
  { name: 'drips its head', lie: (socket) => flood(socket, 'H', 500), isSlow: true },
  {
    name: 'drips its body',
    lie: (socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n');
      flood(socket, ' ', 500);
    },
    isSlow: true,
  },
  {
    name: 'never ends its body',
    lie: (socket) => {
      socket.write('HTTP/1.1 500 Oh\r\n\r\n');
      flood(socket, Buffer.alloc(65_536, 'a'));
    },
  },
  {
    name: 'never ends its headers',
    lie: (socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      flood(socket, `X-A: ${'a'.repeat(8000)}\r\n`);
    },
  },
  {
    name: 'sends one header without end',
    lie: (socket) => {
      socket.write('HTTP/1.1 200 OK\r\nX-A: ');
      flood(socket, 'a'.repeat(65_536));
    },
  },
  {
    name: 'floods with informational answers',
    lie: (socket) => flood(socket, 'HTTP/1.1 102 Processing\r\n\r\n'.repeat(500)),
    isSlow: true,
  },
  {
    name: 'switches protocols',
    lie: (socket) =>
      socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n'),
    isSlow: true,
  },
  { name: 'sends a gzip bomb', lie: reply('500 Oh', bomb, 'Content-Encoding: gzip\r\n') },
  { name: 'says gzip and is not', lie: reply('500 Oh', 'plain', 'Content-Encoding: gzip\r\n') },
  { name: 'redirects to itself', lie: reply('302 Found', '', 'Location: /\r\n') },
  { name: 'redirects inside', lie: reply('307 Moved', '', 'Location: http://169.254.169.254/latest\r\n') },
  {
    name: 'says a longer length than it sends',
    lie: (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"code":0}'),
  },
  {
    name: 'says a length that is none',
    acknowledges: true,
    lie: (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n{"code":0}'),
  },
  {
    name: 'says two lengths',
    lie: (socket) =>
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\nContent-Length: 10\r\n\r\n{"code":1}'),
  },
  {
    name: 'breaks a chunk off',
    lie: (socket) => socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{"code":0}'),
  },
  {
    name: 'sends chunks of nonsense',
    lie: (socket) =>
      socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{"code":0}\r\n0\r\n\r\n'),
  },
  { name: 'answers 99', lie: reply('099 Low', '') },
  { name: 'answers 600', lie: reply('600 High', '') },
  { name: 'answers 999', lie: reply('999 Higher', '') },
  { name: 'answers in HTTP/0.9', lie: (socket) => socket.end('{"code":0}') },
  { name: 'answers in HTTP/2', lie: (socket) => socket.end('HTTP/2 200 OK\r\n\r\n'), acknowledges: true },
  { name: 'answers TLS junk', lie: (socket) => socket.end(Buffer.from('15030300020228', 'hex')) },
  { name: 'answers NULs', lie: (socket) => socket.end(Buffer.alloc(5000)) },
  { name: 'resets', lie: (socket) => socket.resetAndDestroy() },
  {
    name: 'resets in the middle of its body',
    lie: (socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"code":0', () =>
        socket.resetAndDestroy(),
      );
    },
  },
  { name: 'closes without a word', lie: (socket) => socket.end() },
  { name: 'answers 410', lie: reply('410 Gone', '') },
  {
    name: 'asks for a wait of a million years',
    lie: reply('503 Wait', '', 'Retry-After: 31536000000000\r\n'),
  },
  { name: 'asks for a wait of nonsense', lie: reply('429 Wait', '', 'Retry-After: soon, -5\r\n') },
  { name: 'says code 1', lie: ok('{"code":1}') },
  { name: 'says a code of lists in lists', lie: ok(`{"code":${'['.repeat(4000)}${']'.repeat(4000)}}`) },
  { name: 'says a code that is a list of 0', lie: ok('{"code":[0]}') },
  { name: 'says a code that is an empty list', lie: ok('{"code":[]}') },
  { name: 'says a code that is an object', lie: ok('{"code":{"valueOf":0,"toString":"0"}}') },
  { name: 'says a code that is nothing', lie: ok('{"code":null}') },
  { name: 'says a code that is an empty text', lie: ok('{"code":""}') },
  { name: 'says a code that is a space', lie: ok('{"code":" "}') },
  { name: 'says a code that is false', lie: ok('{"code":false}') },
  { name: 'says a code of 0x0', lie: ok('{"code":"0x0"}') },
  { name: 'says a code of 0.0', lie: ok('{"code":"0.0"}') },
  { name: 'says OK for a code', lie: ok('{"code":"OK"}') },
  { name: 'says code 0', lie: ok('{"code":0}'), acknowledges: true },
  { name: 'says "0"', lie: ok('{"code":"0"}'), acknowledges: true },
  { name: 'says nothing but 204', lie: reply('204 None', ''), acknowledges: true },
  { name: 'says something else', lie: ok('<html>'), acknowledges: true },
];

/** Listens for requests and lies to each; a liar is told by the first part of the path. */
async function openLiars(): Promise<{ url: string; close: () => void }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      const head = text.indexOf('\r\n\r\n');
      const length = Number(/^content-length: *(\d+)/im.exec(text)?.[1] ?? 0);
      if (head < 0 || text.length < head + 4 + length) return;
      const liar = liars[Number(/^POST \/(\d+)/.exec(text)?.[1] ?? -1)];
      text = '';
      liar?.lie(socket);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

let bed: Bed;
before(async () => {
  bed = await openBed();
});
after(() => bed.close());

/** A number of channel `wa` whose messages go to a URL. */
async function addNumber(index: number, url: string): Promise<void> {
  const path = `/channels/wa/senders/${toNumber(index)}`;
  const made = await bed.api('PUT', path, { phoneNumberId: toPhoneNumberId(index) });
  assert.ok(made.status < 300, made.text);
  const set = await bed.api('PUT', `${path}/webhook`, { http: true, queue: false, inboundUrl: url });
  assert.equal(set.status, 200, set.text);
}

const toNumber = (index: number): string => `1555010${String(index).padStart(4, '0')}`;
const toPhoneNumberId = (index: number): string => `20000000001${String(index).padStart(4, '0')}`;

/** Plays a user who writes to a number, as WhatsApp tells it. */
async function writeTo(index: number): Promise<void> {
  const phoneNumberId = toPhoneNumberId(index);
  const body = toWebhook({ phoneNumberId, messages: [toText(`wamid.liar.${index}`)] });
  const signature = createHmac('sha256', appSecret).update(body).digest('hex');
  const headers = { 'x-hub-signature-256': `sha256=${signature}`, 'content-type': 'application/json' };
  assert.equal((await bed.call('POST', '/hooks/whatsapp/wa', headers, body)).status, 200);
}

interface Seen {
  readonly state: string;
  readonly tries: readonly { readonly outcome: string }[];
}

/** The delivery to a destination that was made first, with its tries. */
async function findDelivery(destinationId: number): Promise<Seen> {
  const found = await bed.api('GET', `/deliveries?destinationId=${destinationId}`);
  const id = (found.json['items'] as { id: string }[])[0]?.id ?? '';
  return (await bed.api('GET', `/deliveries/${id}`)).json as unknown as Seen;
}

it('every lie of a receiver is a try with its reason, and an honest one is served meanwhile', async (t) => {
  const lying = await openLiars();
  t.after(() => lying.close());
  const honest = await openReceiver();
  t.after(() => honest.close());
  const chosen = liars
    .map((liar, index) => ({ ...liar, index }))
    .filter(({ isSlow }) => isLong || isSlow !== true);
  for (const { index } of chosen) await addNumber(index, `${lying.url}/${index}`);
  await addNumber(9999, honest.url);
  await bed.withstand(async ({ newcomers }) => {
    for (const { index } of chosen) await writeTo(index);
    await writeTo(9999);
    await honest.waitFor(1);
    await newcomers(2);
    const listed = await bed.api('GET', '/destinations?limit=500');
    const destinations = listed.json['items'] as { id: number; url: string }[];
    const wrong: string[] = [];
    for (const { name, index, acknowledges = false } of chosen) {
      const id = destinations.find(({ url }) => url === `${lying.url}/${index}`)?.id ?? 0;
      await waitUntil(
        `the one that ${name} has been tried`,
        1120_000,
        async () => (await findDelivery(id)).tries.length > 0,
      );
      const { state, tries } = await findDelivery(id);
      const isTaken = state === 'done';
      if (isTaken !== acknowledges || (tries[0]?.outcome === 'accepted') !== acknowledges)
        wrong.push(`${name}: ${state}, ${tries[0]?.outcome ?? 'no try'}`);
    }
    assert.deepEqual(wrong, []);
  });
});

/** Which of the vendors’ answers to a send are no proof that the message was taken. */
const vendorLies: readonly Liar[] = [
  { name: 'answers nothing', lie: ok('') },
  { name: 'answers an empty object', lie: ok('{}') },
  { name: 'answers a list', lie: ok('[]') },
  { name: 'answers lists in lists', lie: ok('['.repeat(15_000) + ']'.repeat(15_000)) },
  { name: 'answers a page', lie: ok('<html><body>Sign in</body></html>') },
  { name: 'answers messages that are none', lie: ok('{"messages":{"id":5}}') },
  { name: 'answers an id that is a list', lie: ok('{"messages":[{"id":["wamid.1"]}]}') },
  { name: 'answers an error with 200', lie: ok('{"error":{"code":100,"message":"no"}}') },
  { name: 'answers an error that is a text', lie: reply('400 Bad', '{"error":"no"}') },
  {
    name: 'answers an error of lists',
    lie: reply('400 Bad', `{"error":{"code":${'['.repeat(4000)}${']'.repeat(4000)}}}`),
  },
  { name: 'redirects', lie: reply('302 Found', '', 'Location: http://169.254.169.254/\r\n') },
  { name: 'resets', lie: (socket) => socket.resetAndDestroy() },
  { name: 'closes', lie: (socket) => socket.end() },
  { name: 'answers 99', lie: reply('099 Low', '') },
  { name: 'sends a gzip bomb', lie: reply('500 Oh', bomb, 'Content-Encoding: gzip\r\n') },
  {
    name: 'never ends its body',
    lie: (socket) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      flood(socket, Buffer.alloc(65_536, 'a'));
    },
  },
  { name: 'never answers', lie: () => undefined, isSlow: true },
];

it('no lie of a vendor is taken for a message sent', async (t) => {
  const answers = new Map<string, Lie>();
  const asked = new Set<string>();
  const sockets = new Set<Socket>();
  const vendor = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      const head = text.indexOf('\r\n\r\n');
      const length = Number(/^content-length: *(\d+)/im.exec(text)?.[1] ?? 0);
      if (head < 0 || text.length < head + 4 + length) return;
      const to = /"to":"(\d+)"/.exec(text)?.[1] ?? '';
      text = '';
      asked.add(to);
      (answers.get(to) ?? reply('500 Oh', '{}'))(socket);
    });
  });
  vendor.listen(0, '127.0.0.1');
  await once(vendor, 'listening');
  const graph = `http://127.0.0.1:${(vendor.address() as AddressInfo).port}`;
  const lied = await openBed({ env: { CHASQUI_GRAPH_URL: graph } });
  t.after(async () => {
    await lied.close();
    for (const socket of sockets) socket.destroy();
    vendor.close();
  });
  const chosen = vendorLies.filter(({ isSlow }) => isLong || isSlow !== true);
  await lied.withstand(async ({ newcomers }) => {
    for (const [index, { lie }] of chosen.entries()) {
      const to = `1555020${String(index).padStart(4, '0')}`;
      answers.set(to, lie);
      const sent = await lied.api('POST', '/messages', {
        channelId: 'wa',
        senderId: '15550001111',
        to,
        type: 'text',
        text: 'hello',
      });
      assert.ok(sent.status < 300, sent.text);
    }
    await waitUntil('all have been asked', 120_000, () => asked.size >= chosen.length);
    await newcomers(5);
    const wrong: string[] = [];
    for (const [index, { name }] of chosen.entries()) {
      const to = `1555020${String(index).padStart(4, '0')}`;
      const listed = await lied.api('GET', `/messages?number=${to}`);
      const [message] = listed.json['items'] as { state: string; status: string | null }[];
      const isDoubted = message !== undefined && ['queued', 'unknown', 'failed'].includes(message.state);
      if (!isDoubted || ![null, 'failed'].includes(message.status))
        wrong.push(`${name}: ${message?.state ?? 'not there'}, ${message?.status ?? 'no status'}`);
    }
    assert.deepEqual(wrong, []);
  });
});
