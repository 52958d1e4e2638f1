// Every answer of a vendor's API in the fixture folder is given to the call that it answers. The folder is not part of the
// project: where it is absent, the test says so and is skipped. `UPDATE_SNAPSHOT=1` writes the snapshot anew; the same goes to
// test/output/answer-fixtures.json.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import type { Connector, MediaFault, FetchedMedia, SendOutcome } from '../../src/channels/channel.ts';
import { createInstagramConnector } from '../../src/channels/instagram/connector.ts';
import { createMessengerConnector } from '../../src/channels/messenger/connector.ts';
import { createViberConnector } from '../../src/channels/viber/connector.ts';
import { createWhatsappConnector } from '../../src/channels/whatsapp/connector.ts';
import type { Channel, Sender } from '../../src/domain/channel.ts';
import type { Envelope } from '../../src/domain/message.ts';
import { channel as whatsapp, sender as number, toOutgoing } from '../support/graph.ts';
import { openReceiver } from '../support/receiver.ts';
import type { Receiver } from '../support/receiver.ts';
import { openLocalClient } from '../support/client.ts';
import { monotonicNow } from '../../src/runtime/clock.ts';

const root = new URL('../../../shared/fixtures/', import.meta.url);
const snapshotFile = new URL('answer-fixtures.json', import.meta.url);
const isThere = existsSync(root);
const skip = isThere ? false : 'the fixture folder ../shared/fixtures is not here';
const client = openLocalClient();
const folders = ['whatsapp', 'messenger', 'instagram', 'viber-bot', 'viber-business'] as const;
type Folder = (typeof folders)[number];

let vendor: Receiver;
let connectors: Readonly<Record<Folder, Connector>>;
/** What the vendor says to the call that a fixture answers. */
let said: { status: number; body: Buffer };

before(async () => {
  vendor = await openReceiver((call, response) => {
    response.setHeader('content-type', 'application/json');
    if (call.path.startsWith('/a-file')) response.setHeader('content-type', 'image/jpeg').end('a picture');
    // The question for the token of a Page, which comes first.
    else if (call.path.includes('fields=')) response.end('{"id":"501","access_token":"EAApage","data":[]}');
    else response.writeHead(said.status).end(said.body);
  });
  const now = Date.now;
  const graph = {
    client,
    now,
    monotonic: monotonicNow,
    random: () => 0.5,
    graphUrl: vendor.url,
    graphVersion: 'v25.0',
  };
  const meta = { ...graph, instagramUrl: vendor.url };
  const viber = createViberConnector({ client, now, botUrl: vendor.url, businessUrl: vendor.url });
  connectors = {
    whatsapp: createWhatsappConnector(graph),
    messenger: createMessengerConnector(meta),
    instagram: createInstagramConnector(meta),
    'viber-bot': viber,
    'viber-business': viber,
  };
});
after(async () => {
  await vendor.close();
  await client.close();
});

function toChannel(folder: Folder): Channel {
  if (folder === 'whatsapp') return whatsapp;
  if (folder === 'viber-bot') return { ...whatsapp, type: 'viber', credentials: { authToken: 'a-token' } };
  if (folder === 'viber-business')
    return { ...whatsapp, type: 'viber', credentials: { pathSecret: 'a-secret-of-the-path' } };
  return { ...whatsapp, type: folder };
}

function toSender(folder: Folder): Sender {
  return folder === 'whatsapp' ? number : { ...number, id: folder === 'viber-business' ? '42' : '501' };
}

function read(folder: Folder, file: string): Buffer {
  return readFileSync(new URL(`${folder}/${file}`, root));
}

function list(folder: Folder, pattern: RegExp): readonly string[] {
  return readdirSync(new URL(`${folder}/`, root))
    .filter((file) => pattern.test(file))
    .sort();
}

/** The HTTP status that goes with an answer; where the name does not tell it, the code in the body has to decide. */
function toStatus(folder: Folder, file: string): number {
  const told = /__api-error-(\d{3})-\d+|__api-response-(\d{3})-/.exec(file);
  if (folder === 'whatsapp' && told !== null) return Number(told[1] ?? told[2]);
  return folder !== 'viber-bot' && folder !== 'viber-business' && file.includes('-error-') ? 400 : 200;
}

function toLine(outcome: SendOutcome): string {
  if (outcome.kind === 'accepted') return `accepted ${outcome.channelMessageId}`;
  return outcome.kind === 'refused' ? `refused: ${outcome.failure}, code ${outcome.code}` : outcome.kind;
}

async function toMediaLine(file: FetchedMedia | MediaFault): Promise<string> {
  if ('fault' in file) return `no file: ${file.fault}`;
  let bytes = 0;
  for await (const chunk of file.bytes) bytes += chunk.byteLength;
  return `a file of ${bytes} bytes`;
}

/** Makes the call that the file answers, and says what came of it. */
async function play(folder: Folder, file: string): Promise<string> {
  const connector = connectors[folder];
  const channel = toChannel(folder);
  const sender = toSender(folder);
  said = { status: toStatus(folder, file), body: read(folder, file) };
  if (/set_webhook/.test(file)) {
    const fault = await connector.subscribe?.(channel, [sender], 'https://chasqui.example/hook');
    return fault === null ? 'subscribed' : JSON.stringify(fault);
  }
  if (/mark-read|typing|response-action/.test(file)) {
    const sign = { kind: 'read', userId: '15550002222', channelMessageId: 'wamid.X' } as const;
    const fault = await connector.show?.(channel, sender, sign);
    return fault === null ? 'shown' : JSON.stringify(fault);
  }
  if (/media-get/.test(file)) {
    const answer = JSON.parse(said.body.toString()) as Record<string, unknown>;
    said = { status: 200, body: Buffer.from(JSON.stringify({ ...answer, url: `${vendor.url}/a-file` })) };
    const fetched = await connector.fetchMedia?.(channel, '1037543291543636');
    assert.ok(fetched);
    return toMediaLine(fetched);
  }
  const isUpload = /media-upload/.test(file);
  const envelope: Partial<Envelope> = isUpload
    ? { messageType: 'image', content: { link: `${vendor.url}/a-file` } }
    : { content: { text: 'hello' }, label: 'promotion' };
  const options = isUpload ? { mediaBy: 'upload' } : {};
  const before = vendor.calls.length;
  const outcome = await connector.send?.({ ...channel, options }, sender, toOutgoing(envelope));
  assert.ok(outcome);
  if (!isUpload) return toLine(outcome);
  const sent = vendor.calls.slice(before).find(({ path }) => path.includes('/messages'));
  return `sent ${JSON.stringify((JSON.parse(sent?.body ?? '{}') as Record<string, unknown>)['image'])}`;
}

describe('the answers of vendors', { skip }, () => {
  it('are each understood by the call that they answer', { timeout: 600_000 }, async () => {
    const actual: Record<string, string> = {};
    for (const folder of folders) {
      const files = list(folder, /__api-(?!request)/);
      assert.ok(files.length > 5, `${folder}: ${files.length} files`);
      for (const file of files) actual[`${folder}/${file}`] = await play(folder, file);
    }
    const output = new URL('../output/', import.meta.url);
    mkdirSync(output, { recursive: true });
    const text = `${JSON.stringify(actual, null, 2)}\n`;
    writeFileSync(new URL('answer-fixtures.json', output), text);
    if (process.env['UPDATE_SNAPSHOT'] === '1') writeFileSync(snapshotFile, text);
    assert.deepEqual(actual, JSON.parse(readFileSync(snapshotFile, 'utf8')));
  });
});

interface Request {
  readonly type: number;
  readonly label: string;
  readonly tag?: string;
  readonly message: Readonly<Record<string, string>>;
}

/** What a business asks for to have that request made. */
function toEnvelope({ type, label, tag, message }: Request): Partial<Envelope> {
  const content = {
    text: message['#txt'],
    link: message['#img'],
    caption: message['#caption'],
    action: message['#action'],
  };
  return {
    messageType: type === 208 ? 'text_image_button' : 'text',
    content: Object.fromEntries(Object.entries(content).filter(([, value]) => value !== undefined)),
    label: label === 'transactional' ? 'transaction' : label,
    ...(tag === undefined ? {} : { tag }),
    ...(message['#tracking_data'] === undefined ? {} : { trackingData: message['#tracking_data'] }),
  };
}

describe('the requests of Viber Business Messages', { skip }, () => {
  for (const file of isThere ? list('viber-business', /__request-/) : [])
    it(`${file} is what we send`, async () => {
      said = { status: 200, body: Buffer.from('{"seq":7,"status":0,"message_token":1}') };
      const {
        seq: _,
        ttl,
        ...wanted
      } = JSON.parse(read('viber-business', file).toString()) as Request & {
        readonly seq: number;
        readonly ttl?: number;
      };
      const outgoing = toOutgoing(toEnvelope(wanted));
      const lifeMs = (ttl ?? 1_209_600) * 1000 + 500;
      const message = { ...outgoing.message, expiresAt: Date.now() + lifeMs };
      const channel = toChannel('viber-business');
      await connectors['viber-business'].send?.(channel, toSender('viber-business'), {
        ...outgoing,
        message,
      });
      const {
        seq: ours,
        ttl: life,
        ...sent
      } = JSON.parse(vendor.calls.at(-1)?.body ?? '') as Record<string, unknown>;
      assert.equal(ours, message.id);
      assert.deepEqual(sent, wanted);
      assert.ok(Math.abs(Number(life) - (ttl ?? 1_209_600)) < 60);
    });
});
