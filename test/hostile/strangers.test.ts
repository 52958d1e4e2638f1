// Those who have no key: what they send, hold back and leave unread costs the service little and the others nothing.
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { after, afterEach, before, describe, it } from 'node:test';
import { rootAccount, waitUntil } from '../support/service.ts';
import { maxConnections, openBed } from './bed.ts';
import type { Bed, Side } from './bed.ts';
import { doors } from './doors.ts';
import { isApart, isLong } from './form.ts';
import { destroyAll, pour, readAll, repeat, toTinyChunks } from './wire.ts';

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

/** Addresses that strangers come from; newcomers come from 127.0.0.1. */
const toAddress = (index: number): string => `127.0.1.${1 + (index % 200)}`;

async function dialMany(count: number, side: Side = 'public', isBare = false): Promise<Socket[]> {
  const opened: Socket[] = [];
  for (let i = 0; i < count; i += 50) {
    const part = Array.from({ length: Math.min(50, count - i) }, (_, index) =>
      isBare ? bed.dialBare(side, toAddress(i + index)) : bed.dial(side, toAddress(i + index)),
    );
    opened.push(...(await Promise.all(part)));
  }
  sockets.push(...opened);
  return opened;
}

/** Resolves once the service has let go of all but a few of the files and sockets that it got since `calm`. */
const untilLetGo = (calm: number, limitMs: number): Promise<void> =>
  waitUntil('the service has let go of the connections', limitMs, () => bed.countHandles() <= calm + 20);

const get = (path: string, headers = ''): string => `GET ${path} HTTP/1.1\r\nHost: x\r\n${headers}\r\n`;

const unread: readonly [name: string, side: Side, request: string][] = [
  ['the API’s document', 'admin', get('/api/v1/openapi.json')],
  ['pages of the console', 'admin', get('/console/channels')],
  ['a program of the console', 'admin', get('/console/main.js')],
  ['addresses of nothing', 'public', get('/nothing')],
  ['the handshake of a webhook', 'public', get('/hooks/whatsapp/wa?hub.mode=subscribe&hub.challenge=1')],
  [
    'webhooks',
    'public',
    'POST /hooks/whatsapp/wa HTTP/1.1\r\nHost: x\r\nX-Hub-Signature-256: sha256=00\r\nContent-Length: 2\r\n\r\n{}',
  ],
  ['CAMS', 'public', get('/?Action=SendChatappMessage')],
  ['SMQ', 'public', get('/queues/any/messages?waitseconds=30', 'Authorization: MNS nobody:AAAA\r\n')],
  ['media', 'public', get('/media/1000000000000001/00000000000000000000000000000000.png?e=1&s=x')],
  ['signed-in pages', 'admin', get('/api/v1/channels', 'Authorization: Basic bm9ib2R5Om5vYm9keQ==\r\n')],
  ['metrics', 'admin', get('/metrics')],
];

describe('requests one after another whose answers nobody reads', () => {
  const [connections, requests] = isLong ? [20, 3000] : [2, 1424];
  for (const [name, side, request] of isLong ? unread : unread.slice(0, 4))
    it(`of ${name}`, async () => {
      await bed.withstand(async ({ newcomers }) => {
        for (const socket of await dialMany(connections, side)) {
          socket.pause();
          void pour(socket, repeat(request, requests));
        }
        await newcomers(isLong ? 10 : 4);
      });
    });

  it('end their connections', { skip: !isLong }, async () => {
    await bed.withstand(async ({ newcomers }) => {
      const calm = bed.countHandles();
      for (const socket of await dialMany(20, 'admin')) {
        socket.pause();
        void pour(socket, repeat(get('/api/v1/openapi.json'), 1424));
      }
      await newcomers(2);
      await untilLetGo(calm, 30_000);
    });
  });

  it('end their connections when they are read a few bytes at a time', { skip: !isLong }, async () => {
    await bed.withstand(async ({ newcomers }) => {
      const calm = bed.countHandles();
      const timers = (await dialMany(20, 'admin')).map((socket) => {
        socket.pause();
        void pour(socket, repeat(get('/api/v1/openapi.json'), 1424));
        return setInterval(() => void socket.read(10), 500);
      });
      await newcomers(2);
      await untilLetGo(calm, 45_000);
      timers.forEach(clearInterval);
    });
  });
});

describe('a body in chunks of one byte', () => {
  for (const door of isLong ? doors : doors.filter((_, index) => index % 3 === 0))
    it(`at ${door.name}`, async () => {
      await bed.withstand(async ({ newcomers }) => {
        const poured = (await dialMany(isLong ? 4 : 1, door.side)).map((socket) => {
          socket.resume();
          socket.write(`${door.head}Transfer-Encoding: chunked\r\n\r\n`);
          return pour(socket, toTinyChunks(3_000_000));
        });
        await Promise.race([Promise.all(poured), newcomers(isLong ? 50 : 20)]);
        await newcomers(1);
      });
    });
});

describe('bodies in chunks of one byte that nobody reads yet', () => {
  const shredded = `${get('/').replace('GET', 'POST').slice(0, -2)}Transfer-Encoding: chunked\r\n\r\n`;
  const [connections, pieces] = isLong ? [60, 60_000] : [40, 30_000];
  const body = Buffer.from('1\r\na\r\n'.repeat(pieces));
  it('behind answers that are not taken', async () => {
    await bed.withstand(async ({ newcomers }) => {
      for (const socket of await dialMany(connections, 'admin')) {
        socket.pause();
        void pour(socket, [get('/api/v1/openapi.json').repeat(14), shredded, body]);
      }
      await newcomers(isLong ? 10 : 4);
    });
  });
  it('behind sign-ins that wait', { skip: !isLong }, async () => {
    await bed.withstand(async ({ newcomers }) => {
      const signIns = (await dialMany(connections, 'admin')).map((socket, index) => {
        const given = JSON.stringify({ name: `nobody-${index}`, password: 'a-long-password-of-nobody' });
        const head = `POST /api/v1/session HTTP/1.1\r\nHost: x\r\nX-Chasqui-Console: 1\r\nContent-Type: application/json\r\n`;
        socket.resume();
        return pour(socket, [`${head}Content-Length: ${given.length}\r\n\r\n${given}`, shredded, body]);
      });
      await Promise.race([Promise.all(signIns), newcomers(10)]);
      await newcomers(2);
    });
  });
});

describe('forms that take long to understand, under the name of a key that is there', () => {
  const bytes = 4 * 1024 * 1024 - 1024;
  const time = encodeURIComponent(`${new Date().toISOString().slice(0, 19)}Z`);
  const claims = `Action=SendChatappMessage&Version=2020-06-06&AccessKeyId=${rootAccount.keyId}&Timestamp=${time}&SignatureNonce=1&Signature=AAAA&x=`;
  const kinds: readonly [name: string, piece: string][] = [
    ['of characters that the signature writes in another way', '*'],
    ['of spaces', '+'],
    ['of parameters without a name', '&'],
    ['of escapes', '%2A'],
  ];
  for (const [name, piece] of isLong ? kinds : kinds.slice(0, 1))
    it(name, async () => {
      const body = claims + piece.repeat((bytes - claims.length) / piece.length);
      const post = Buffer.from(
        'POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n' +
          `Content-Length: ${body.length}\r\n\r\n${body}`,
      );
      await bed.withstand(async ({ newcomers }) => {
        for (const socket of await dialMany(isLong ? 20 : 8)) {
          socket.on('data', () => void pour(socket, [post]));
          void pour(socket, [post]);
        }
        await newcomers(isLong ? 15 : 5);
      });
    });
});

describe('bodies that are never finished', () => {
  const bytes = 4 * 1024 * 1024;
  const piece = Buffer.alloc(64 * 1024, 'a');
  for (const door of isLong ? doors : doors.slice(0, 1))
    it(`at ${door.name}`, async () => {
      await bed.withstand(async ({ newcomers }) => {
        for (const socket of await dialMany(isLong ? 300 : 60, door.side)) {
          socket.resume();
          socket.write(`${door.head}Content-Length: ${bytes}\r\n\r\n`);
          void pour(socket, [...repeat(piece, bytes / piece.length - 1), piece.subarray(10)]);
        }
        await newcomers(isLong ? 10 : 4);
      });
    });

  it('of the largest size that a webhook may have', async () => {
    const largest = 2_999_990;
    await bed.withstand(async ({ newcomers }) => {
      for (const socket of await dialMany(isLong ? 300 : 100)) {
        socket.resume();
        socket.write(`${doors[0]?.head ?? ''}Content-Length: ${largest}\r\n\r\n`);
        void pour(socket, [...repeat(piece, Math.floor(largest / piece.length)), piece.subarray(0, 50_000)]);
      }
      await newcomers(isLong ? 20 : 6);
    });
  });
});

describe('connections up to the limit and beyond', () => {
  const crowds: readonly [name: string, said: string][] = [
    ['that say nothing', ''],
    ['that have said half a head', 'GET /health/live HTTP/1.1\r\nHost: x\r\nX-A: '],
    ['that rest after a request', get('/nothing')],
    ['that announce a body', `${doors[0]?.head ?? ''}Content-Length: 1000000\r\n\r\n{`],
    ['that announce a body to the sandbox', `${doors[5]?.head ?? ''}Content-Length: 1000\r\n\r\n{`],
    ['that announce chunks', `${doors[2]?.head ?? ''}Transfer-Encoding: chunked\r\n\r\n`],
    ['that begin an upload', `${doors[6]?.head ?? ''}Content-Length: 90000000\r\n\r\n--b\r\n`],
    ['that wait for a go-ahead', `${doors[0]?.head ?? ''}Content-Length: 10\r\nExpect: 100-continue\r\n\r\n`],
  ];
  for (const [name, said] of isLong ? crowds : [crowds[0], crowds[3]].filter((crowd) => crowd !== undefined))
    it(name, async () => {
      await bed.withstand(async ({ newcomers }) => {
        for (const socket of await dialMany(maxConnections + 100)) {
          socket.resume();
          if (said !== '') socket.write(said);
        }
        await newcomers(isLong ? 10 : 4);
      });
    });

  it('that say nothing, as many as there may be when nobody sets less', { skip: !isLong }, async () => {
    const wide = await openBed({ env: { CHASQUI_MAX_CONNECTIONS: '20000' } });
    const silent: Socket[] = [];
    try {
      await wide.withstand(async ({ newcomers }) => {
        for (let at = 0; at < 6000; at += 50) {
          const some = Array.from({ length: 50 }, (_, index) => wide.dial('public', toAddress(at + index)));
          silent.push(...(await Promise.all(some)));
        }
        await newcomers(4);
      });
    } finally {
      destroyAll(silent);
      await wide.close();
    }
  });

  it('that never shake hands are let go of', { skip: !isLong || !isApart }, async () => {
    await bed.withstand(async ({ newcomers }) => {
      const calm = bed.countHandles();
      const silent = await dialMany(2 * maxConnections + 100, 'public', true);
      await newcomers(5);
      // Half of them go away without a word: their handles go with them.
      destroyAll(silent.filter((_, index) => index % 2 === 0));
      await untilLetGo(calm, 45_000);
    });
  });

  it('that send a byte of their head at a time are ended', { skip: !isLong }, async () => {
    await bed.withstand(async ({ newcomers }) => {
      const calm = bed.countHandles();
      const slow = await dialMany(200);
      for (const socket of slow) socket.resume();
      let at = 0;
      const timer = setInterval(() => {
        for (const socket of slow) if (!socket.destroyed) socket.write(get('/health/live')[at % 10] ?? 'G');
        at += 1;
      }, 500);
      await newcomers(3);
      await untilLetGo(calm, 45_000);
      clearInterval(timer);
    });
  });
});

describe('uploads that nobody signed', () => {
  const part = (name: string, value: string): string =>
    `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
  const form =
    part('key', 'x') +
    part('policy', Buffer.from('{}').toString('base64')) +
    part('OSSAccessKeyId', 'nobody') +
    part('Signature', 'AAAA') +
    '--b\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n';
  const head = doors.find(({ name }) => name === 'an upload')?.head ?? '';

  it('hold no places, however many begin', async () => {
    await bed.withstand(async ({ newcomers }) => {
      for (const socket of await dialMany(100)) {
        socket.resume();
        socket.write(`${head}Content-Length: 50000000\r\n\r\n${part('key', 'x')}`);
      }
      await newcomers(2);
      const answer = await bed.call(
        'POST',
        '/uploads',
        { 'content-type': 'multipart/form-data; boundary=b' },
        `${form}x\r\n--b--\r\n`,
      );
      assert.equal(answer.status, 403, answer.text);
    });
  });

  for (const [name, lead] of [
    ['an endless file', form],
    ['an endless field', '--b\r\nContent-Disposition: form-data; name="key"\r\n\r\n'],
    ['an endless name', '--b\r\nContent-Disposition: form-data; name="'],
    ['no part at all', ''],
  ] as const)
    it(`are not read on: ${name}`, async () => {
      await bed.withstand(async ({ newcomers }) => {
        const [socket] = await dialMany(1);
        assert.ok(socket);
        socket.resume();
        const piece = 'a'.repeat(16_384);
        const chunk = `4000\r\n${piece}\r\n`;
        socket.write(`${head}Transfer-Encoding: chunked\r\n\r\n`);
        socket.write(`${lead.length.toString(16)}\r\n${lead}\r\n`);
        await pour(socket, repeat(chunk, 64 * 1024));
        // What is in the sockets' own buffers has left us and was not read.
        assert.ok(socket.bytesWritten < 24 * 1024 * 1024, `${socket.bytesWritten} bytes were taken.`);
        await newcomers(1);
      });
    });
});

it('those who guess passwords are slowed down, and nobody else is', async () => {
  await bed.withstand(async ({ newcomers }) => {
    const body = (index: number): string =>
      JSON.stringify({ name: `guess-${index}`, password: `correct horse ${index}` });
    const answers = (await dialMany(isLong ? 300 : 16, 'admin')).map((socket, index) => {
      const text = body(index);
      socket.write(
        `POST /api/v1/session HTTP/1.1\r\nHost: x\r\nX-Chasqui-Console: 1\r\nSec-Fetch-Site: same-origin\r\n` +
          `Content-Type: application/json\r\nContent-Length: ${text.length}\r\nConnection: close\r\n\r\n${text}`,
      );
      return readAll(socket, 60_000);
    });
    await newcomers(isLong ? 10 : 4);
    const statuses = (await Promise.all(answers)).map(({ text }) => text.slice(9, 12));
    assert.deepEqual(
      [...new Set(statuses)].filter((status) => !['401', '429', '503'].includes(status)),
      [],
    );
  });
});
