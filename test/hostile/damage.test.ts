// What a disk does to the store's file while the service is away: it starts, tells, hands out what can be read, and goes on.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { cpSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createRandom, overwrite } from '../support/damaged.ts';
import { toText, toWebhook } from '../support/hooks.ts';
import { openReceiver } from '../support/receiver.ts';
import type { Receiver } from '../support/receiver.ts';
import { waitUntil } from '../support/service.ts';
import type { SmqClient } from '../support/smq-client.ts';
import { appSecret, openBed } from './bed.ts';
import type { Bed } from './bed.ts';
import { databaseServer, isLong } from './form.ts';

const messages = 1200;
const receipts = 200;
const holeBytes = 65_536;
const pageBytes = 4096;
const phoneNumberId = '200000000000002';
/** Where the holes are. Those that a failed test names are made again with CHASQUI_HOSTILE_SEED. */
const firstSeed = Number(process.env['CHASQUI_HOSTILE_SEED'] ?? (isLong ? Date.now() % 1_000_000 : 1));
const seeds = Array.from({ length: isLong ? 6 : 1 }, (_, index) => firstSeed + index);

let bed: Bed;
let receiver: Receiver;
let smq: SmqClient;

const skip = databaseServer !== undefined && 'Damage to the file of the embedded store; PostgreSQL has none.';
describe('damage to the file of the embedded store', { skip }, () => {
  before(async () => {
    receiver = await openReceiver();
    bed = await openBed();
    smq = bed.openSmq();
    await fill();
    await bed.restart(() => cpSync(bed.dataDir, wholeDir(), { recursive: true }));
  });
  after(async () => {
    await smq.close();
    await bed.close();
    await receiver.close();
  });

  for (const seed of seeds)
    it(`64 KB in the middle written over (CHASQUI_HOSTILE_SEED=${seed})`, async (t) => {
      const random = createRandom(seed * 7919);
      let [at, lost] = [0, new Set<number>()];
      await bed.restart(() => {
        putBack();
        // Behind the first pages of all tables, which hold what is small: the account, the channel, the queue's name.
        at = Math.floor(statSync(storeFile()).size * (0.3 + random() * 0.6));
        lost = findMessages(at, at + holeBytes);
        overwrite(storeFile(), at, holeBytes, random);
      });
      const missing = await assertSaved(messages, lost, `seed ${seed}`);
      t.diagnostic(
        `from byte ${at}: ${lost.size} messages stood in the pages that were hit, ${missing} are lost`,
      );
    });

  it('the tail of the file cut off', async () => {
    let lost = new Set<number>();
    await bed.restart(() => {
      putBack();
      const { size } = statSync(storeFile());
      const end = Math.floor(size * 0.8);
      lost = findMessages(end, size);
      truncateSync(storeFile(), end);
    });
    await assertSaved(messages, lost, 'tail');
  });

  it('garbage in the log of a service that was killed', async () => {
    const late = 100;
    await bed.restart(putBack);
    await Promise.all(Array.from({ length: late }, (_, index) => send(messages + index)));
    await bed.restart(() => {
      const log = `${storeFile()}-wal`;
      assert.ok(statSync(log).size > 8 * pageBytes, 'the log holds what was sent last');
      overwrite(log, 4 * pageBytes, 2 * pageBytes, createRandom(firstSeed));
    }, 'kill');
    // What came through the log may be lost; what stood in the file may not.
    const lost = new Set(Array.from({ length: late }, (_, index) => messages + index));
    await assertSaved(messages + late, lost, 'log');
  });

  it('an empty file beside its key is refused in words', async () => {
    const empty = (): void => {
      putBack();
      writeFileSync(storeFile(), '');
    };
    await assert.rejects(
      bed.restart(empty),
      /ended with [1-9]\d* .*an empty chasqui\.sqlite.*CHASQUI_NEW_STORE/s,
    );
  });
});

const storeFile = (): string => join(bed.dataDir, 'chasqui.sqlite');
const wholeDir = (): string => join(bed.dataDir, '..', 'whole');

function putBack(): void {
  rmSync(bed.dataDir, { recursive: true });
  cpSync(wholeDir(), bed.dataDir, { recursive: true });
}

/** The body of a message: its number over and over, so that no piece of it can be taken for another's. */
function toBody(n: number): string {
  return `message ${n}. `.repeat(20 + ((n * 37) % 80));
}

/** The messages of which anything stands in the pages that a part of the file touches: no others may be lost. */
function findMessages(from: number, to: number): Set<number> {
  const end = Math.ceil(to / pageBytes) * pageBytes;
  const pages = readFileSync(storeFile()).subarray(Math.floor(from / pageBytes) * pageBytes, end);
  return new Set([...pages.toString('latin1').matchAll(/message (\d+)\. /g)].map(([, n]) => Number(n)));
}

async function send(n: number): Promise<void> {
  assert.equal((await smq.send('orders', toBody(n))).status, 201);
}

async function write(text: string): Promise<void> {
  const body = toWebhook({ phoneNumberId, messages: [toText(`wamid.${text}`, text)] });
  const signature = createHmac('sha256', appSecret).update(body).digest('hex');
  const headers = { 'x-hub-signature-256': `sha256=${signature}`, 'content-type': 'application/json' };
  const answer = await bed.call('POST', '/hooks/whatsapp/wa', headers, body);
  assert.equal(answer.status, 200, answer.text);
}

/** Fills a queue, and takes in receipts that are delivered. */
async function fill(): Promise<void> {
  const sender = '/channels/wa/senders/15550001112';
  assert.equal((await bed.api('PUT', sender, { phoneNumberId })).status, 201);
  const webhook = { http: true, queue: false, inboundUrl: receiver.url };
  assert.equal((await bed.api('PUT', `${sender}/webhook`, webhook)).status, 200);
  assert.equal((await smq.createQueue('orders')).status, 201);
  const all = Array.from({ length: messages }, (_, n) => n);
  await Promise.all(all.map(send));
  for (let n = 0; n < receipts; n += 50)
    await Promise.all(all.slice(n, n + 50).map((one) => write(`receipt ${one}`)));
  await waitUntil('the receipts are delivered', 60_000, () =>
    receiver.calls.some(({ body }) => body.includes(`receipt ${receipts - 1}`)),
  );
}

/** Asserts that damage is told, that of `sent` messages all come once but for `lost`, and that all else works; how many are lost. */
async function assertSaved(sent: number, lost: ReadonlySet<number>, name: string): Promise<number> {
  let received = 0;
  assert.ok(lost.size < sent / 2, `${lost.size} messages stood in the damaged part`);
  await bed.withstand(async ({ newcomers }) => {
    await assertTold();
    const got = await receiveAll(sent);
    const numbers = new Set(got);
    received = numbers.size;
    assert.equal(numbers.size, got.length, 'a message was handed out twice');
    const missing = Array.from({ length: sent }, (_, n) => n).filter((n) => !numbers.has(n) && !lost.has(n));
    assert.deepEqual(missing, [], 'messages whose pages were whole are missing');
    await assertLists();
    await send(0);
    assert.deepEqual(await receiveAll(sent), [0]);
    await write(`after ${name}`);
    await waitUntil('what was taken in is delivered', 60_000, () =>
      receiver.calls.some(({ body }) => body.includes(`after ${name}`)),
    );
    await newcomers(2);
  });
  return sent - received;
}

async function assertTold(): Promise<void> {
  const ready = await bed.look('/health/ready');
  assert.equal(ready.status, 200);
  assert.equal(ready.json['status'], 'degraded');
  assert.equal(ready.json['reason'], 'store_damaged');
  const metrics = await bed.look('/metrics');
  assert.match(metrics.text, /^chasqui_store_degraded 1$/m);
  assert.match(metrics.text, /^chasqui_store_damage_total [1-9]/m);
  assert.match(bed.output(), /store\.damaged/);
  await waitUntil('the notice is listed', 30_000, async () =>
    (await bed.api('GET', '/notices')).text.includes('"store_damaged"'),
  );
}

/** Receives and deletes, four at a time, until the queue is empty; the numbers of the messages. */
async function receiveAll(sent: number): Promise<number[]> {
  const got: number[] = [];
  const receive = async (): Promise<void> => {
    for (;;) {
      const batch = await smq.receive('orders', 0);
      if (batch.length === 0) return;
      for (const { body } of batch) {
        const n = Number(/^message (\d+)\. /.exec(body)?.[1]);
        assert.ok(n < sent && body === toBody(n), 'a message was handed out that nobody sent');
        got.push(n);
      }
      assert.ok(got.length <= sent, 'the queue never ends');
      const deleted = await Promise.all(batch.map(({ handle }) => smq.delete('orders', handle)));
      assert.ok(deleted.every(({ status }) => status === 204));
    }
  };
  await Promise.all([receive(), receive(), receive(), receive()]);
  return got;
}

const lists = [
  'receipts',
  'deliveries',
  'messages',
  'channels',
  'queues',
  'destinations',
  'changes',
  'unrouted',
];

/** Reads all lists to their ends. */
async function assertLists(): Promise<void> {
  for (const list of lists)
    for (let cursor = ''; ;) {
      const page = await bed.api('GET', `/${list}?limit=100${cursor}`);
      assert.equal(page.status, 200, `${list}: ${page.text}`);
      if (typeof page.json['next'] !== 'string') break;
      cursor = `&cursor=${encodeURIComponent(page.json['next'])}`;
    }
}
