// A store with something of everything in it, and what is done to its file.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { system } from '../../src/domain/account.ts';
import { noSenderWebhook } from '../../src/domain/channel.ts';
import { defaultQueueAttributes } from '../../src/domain/queue.ts';
import { openSqliteStore } from '../../src/store/sqlite/adapter.ts';
import type { EmbeddedStore, SqliteStoreOptions } from '../../src/store/sqlite/adapter.ts';
import type { Events } from '../../src/telemetry/events.ts';
import { inbound, intake } from '../store/contract/fixture.ts';
import type { Fixture } from '../store/contract/fixture.ts';
import { createClock } from './store.ts';

export const accountId = 1_000_000_000_000_001;
const channelId = 'wa-main';
const senderId = '4915550100';
const url = 'https://shop.example/receipts';

/** Numbers from 0 to 1 that a seed gives, the same each time. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 2 ** 32;
  };
}

/** Opens a store and notes what it tells of damage. */
export async function openTold(
  file: string,
  options: Partial<SqliteStoreOptions> = {},
): Promise<{ store: EmbeddedStore; told: Events['store.damaged'][] }> {
  const told: Events['store.damaged'][] = [];
  const store = await openSqliteStore({
    file,
    masterKey: Buffer.alloc(32, 7),
    ...createClock(),
    emit: (name, fields) => {
      if (name === 'store.damaged') told.push(fields as Events['store.damaged']);
    },
    ...options,
  });
  return { store, told };
}

/** What a filled store was made of. */
export interface Filled {
  readonly file: string;
  readonly fixture: Omit<Fixture, 'store'>;
  /** Bodies of the messages in the queue `orders`, each different and none in another. */
  readonly bodies: readonly string[];
  readonly receipts: number;
}

/** Fills a store with messages, receipts and deliveries, some of them dealt with already, and closes it. */
export async function fillStore(
  folder: string,
  messages: number,
  receipts: number,
  random: () => number,
): Promise<Filled> {
  const file = join(folder, 'chasqui.sqlite');
  const clock = createClock();
  const { store } = await openTold(file, clock);
  const fixture = { clock, accountId, otherId: 2, channelId, senderId };
  const account = { id: accountId, name: 'First' };
  await store.createFirstAccount({ account, key: { id: 'first-key', secret: 'first-secret' } });
  const channel = { id: channelId, type: 'whatsapp', name: 'Main', wabaId: '501', credentials: {} } as const;
  await store.putChannel(accountId, channel, system);
  const sender = { id: senderId, type: 'whatsapp', name: 'Shop', routeId: '7001' } as const;
  await store.putSender(accountId, channelId, sender, system);
  const webhook = { ...noSenderWebhook, http: true, inboundUrl: url };
  await store.setSenderWebhook(accountId, channelId, senderId, webhook, 'standard', system);
  const destination = await store.findDestinationByUrl(accountId, url);
  await store.createQueue(accountId, 'orders', defaultQueueAttributes);
  const queue = await store.findQueue(accountId, 'orders');
  if (destination === undefined || queue === undefined) throw new Error('What was just made is not there.');
  const bodies: string[] = [];
  const everyone = { ...fixture, store };
  for (let n = 0; n < Math.max(messages, receipts); n += 1) {
    if (n < messages) {
      // Most fit into a page; some reach over several.
      const length = n % 40 === 39 ? 9000 : 200 + Math.floor(random() * 1200);
      const body = `message ${n} ${toNoise(length, random)}`;
      bodies.push(body);
      await store.sendMessages(queue, [{ body, priority: 8 }], clock.now());
    }
    if (n < receipts) {
      const receipt = inbound(everyone, `r${n}`, {
        destinationId: destination.id,
        content: { text: `text ${n} ${toNoise(300, random)}` },
      });
      await store.recordIntake([intake(everyone, [receipt])]);
    }
    clock.advance(1);
  }
  await store.close();
  return { file, fixture, bodies, receipts };
}

function toNoise(length: number, random: () => number): string {
  let text = '';
  while (text.length < length) text += random().toString(36).slice(2);
  return text.slice(0, length);
}

/** Writes random bytes, or zeros, over a part of a file. */
export function overwrite(file: string, at: number, length: number, random?: () => number): void {
  const bytes = readFileSync(file);
  for (let place = at; place < Math.min(at + length, bytes.byteLength); place += 1)
    bytes[place] = random === undefined ? 0 : Math.floor(random() * 256);
  writeFileSync(file, bytes);
}
