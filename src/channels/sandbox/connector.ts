// The sandbox channel plays all four channel types. What it posts to itself is this project's own JSON (docs/sandbox.md).
import { toMessageIdentity, toStatusIdentity } from '../../domain/identity.ts';
import { inboundKinds, messageStatuses } from '../../domain/receipt.ts';
import type { Sender } from '../../domain/channel.ts';
import type { OutboundMessage } from '../../domain/message.ts';
import type { ChannelEvent, EndUser, InboundKind, MediaSource, MessageStatus } from '../../domain/receipt.ts';
import type { Client } from '../../http/client.ts';
import { isFailure } from '../../http/client.ts';
import type { Connector, FetchedMedia, MediaFault, ParsedWebhook, Play } from '../channel.ts';
import { Gatherer, defined } from '../kit/gatherer.ts';
import { isObject, toText, tryParseJson } from '../kit/json.ts';
import { Reader } from '../kit/reader.ts';

interface SandboxDeps {
  readonly client: Pick<Client, 'get'>;
  readonly now: () => number;
}

const samplePrefix = 'sample:';

const sampleTypes: Readonly<Partial<Record<InboundKind, string>>> = {
  image: 'image/png',
  video: 'video/mp4',
  audio: 'audio/wav',
  document: 'application/pdf',
  sticker: 'image/webp',
};

/**
 * The sandbox's connector. Its events come from the service's own routes, which have checked the caller, so every request
 * that reaches it is its own; media are fetched from the `url` that an event names, or made up on the spot.
 */
export function createSandboxConnector(deps: SandboxDeps): Connector {
  return {
    mayBeFrom: () => false,
    verify: () => false,
    parse: (body) => parse(body, deps.now()),
    fetchMedia: (_channel, mediaId) => fetchMedia(deps, mediaId),
    send: async (_channel, _sender, { message }) =>
      toPlot(message).loses
        ? { kind: 'unknown', text: 'The sandbox took the message and gave no answer.' }
        : { kind: 'accepted', channelMessageId: toChannelMessageId(message) },
    firstStepInMs: (message) => toPlot(message).steps[0]?.afterMs ?? null,
    // So that a failed review can be tried.
    judgeTemplate: ({ name }) =>
      name.includes('reject')
        ? { status: 'fail', reason: 'The name asks for it.' }
        : { status: 'pass', reason: '' },
    play: (sender, message, step) => playStep(sender, message, step, deps.now()),
  };
}

interface Step {
  readonly afterMs: number;
  readonly status: MessageStatus;
}

interface Plot {
  readonly steps: readonly Step[];
  /** Whether the answer to the send call is lost. */
  readonly loses?: true;
}

const quick: readonly Step[] = [
  { afterMs: 200, status: 'sent' },
  { afterMs: 300, status: 'delivered' },
  { afterMs: 500, status: 'read' },
];

/** What becomes of a message, by the last digit of its recipient; any other end is as 0. */
const plots: Readonly<Record<string, Plot>> = {
  '1': { steps: quick.slice(0, 2) },
  '2': { steps: [{ afterMs: 200, status: 'failed' }] },
  '3': {
    steps: [
      { afterMs: 200, status: 'delivered' },
      { afterMs: 200, status: 'sent' },
      { afterMs: 200, status: 'delivered' },
      { afterMs: 200, status: 'read' },
      { afterMs: 200, status: 'read' },
    ],
  },
  '4': { steps: [] },
  '5': {
    steps: [
      { afterMs: 900, status: 'sent' },
      { afterMs: 5000, status: 'delivered' },
      { afterMs: 10_000, status: 'read' },
    ],
  },
  '6': { steps: quick, loses: true },
};

function toPlot({ to }: OutboundMessage): Plot {
  return plots[to.slice(-1)] ?? { steps: quick };
}

function toChannelMessageId({ messageId }: OutboundMessage): string {
  return `sandbox.${messageId}`;
}

function playStep(sender: Sender, message: OutboundMessage, step: number, now: number): Play | undefined {
  const { steps } = toPlot(message);
  const current = steps[step];
  if (current === undefined) return undefined;
  const failure =
    current.status === 'failed'
      ? { errorCode: '131026', errorDescription: '131026:Message undeliverable' }
      : {};
  const event = {
    event: 'status',
    sender: sender.id,
    messageId: toChannelMessageId(message),
    to: message.to,
    status: current.status,
    timestamp: now,
    callbackData: message.messageId,
    ...failure,
  };
  return {
    body: Buffer.from(JSON.stringify({ events: [event] })),
    nextInMs: steps[step + 1]?.afterMs ?? null,
  };
}

function parse(body: Buffer, now: number): ParsedWebhook {
  const gatherer = new Gatherer();
  const root = tryParseJson(body);
  // Only this service writes these; a damaged one is kept like any other.
  if (root === undefined) gatherer.remark('not_json', '');
  const post = new Reader(isObject(root) ? root : {});
  for (const item of post.items('events'))
    gatherer.add(item, 'event', (event, index) => {
      const isStatus = event.text('event') === 'status';
      return (
        (isStatus ? readStatus : readInbound)(index, event, now) ?? { reason: 'wrong_shape', detail: '' }
      );
    });
  return gatherer;
}

function readInbound(index: number, event: Reader, now: number): ChannelEvent | undefined {
  const messageId = event.text('id');
  const sender = event.text('sender');
  const user = readUser(event);
  const type = event.text('type');
  const kind = inboundKinds.find((candidate) => candidate === type) ?? 'unsupported';
  if (messageId === undefined || sender === undefined || user === undefined) return undefined;
  const occurredAt = event.time('timestamp') ?? now;
  const text = event.text('text');
  // `name` is the user's own.
  const place = event.text('place');
  const replyTo = event.text('replyTo');
  const media = readMedia(kind, event);
  return {
    index,
    route: { by: 'sender', id: sender },
    identity: toMessageIdentity(messageId),
    occurredAt,
    facts: { type: 'ChatAppInbound', messageId, kind, user, ...defined('replyTo', replyTo) },
    content:
      kind === 'text'
        ? { text: text ?? '' }
        : { data: { ...event.others(), ...defined('text', text), ...defined('name', place) } },
    ...defined('media', media),
  };
}

function readMedia(kind: InboundKind, event: Reader): MediaSource | undefined {
  event.skip('url', 'mimeType', 'fileName');
  const { source } = event;
  const sample = sampleTypes[kind];
  if (sample === undefined) return undefined;
  const fileName = toText(source['fileName']);
  return {
    channelMediaId: toText(source['url']) ?? `${samplePrefix}${kind}`,
    mimeType: toText(source['mimeType']) ?? sample,
    ...defined('fileName', fileName),
  };
}

function readStatus(index: number, event: Reader, now: number): ChannelEvent | undefined {
  const messageId = event.text('messageId');
  const sender = event.text('sender');
  const user = readUser(event);
  const word = event.text('status');
  const status = messageStatuses.find((candidate) => candidate === word);
  if (messageId === undefined || sender === undefined || user === undefined || status === undefined)
    return undefined;
  return {
    index,
    route: { by: 'sender', id: sender },
    identity: toStatusIdentity(messageId, status),
    occurredAt: event.time('timestamp') ?? now,
    facts: {
      type: 'ChatAppStatus',
      messageId,
      status,
      user,
      ...defined('errorCode', event.text('errorCode')),
      ...defined('errorDescription', event.text('errorDescription')),
      ...defined('callbackData', event.text('callbackData')),
    },
  };
}

function readUser(event: Reader): EndUser | undefined {
  const id = event.text('from') ?? event.text('to');
  if (id === undefined) return undefined;
  const digits = id.replace(/^\+/, '');
  const isPhone = /^\d{5,15}$/.test(digits);
  return {
    id: isPhone ? digits : id,
    ...(isPhone ? { phone: digits } : {}),
    ...defined('name', event.text('name')),
  };
}

async function fetchMedia({ client }: SandboxDeps, mediaId: string): Promise<FetchedMedia | MediaFault> {
  if (mediaId.startsWith(samplePrefix)) {
    const kind = mediaId.slice(samplePrefix.length);
    const sample = toSample(kind);
    return sample ?? { fault: 'gone', reason: `There is no sample of type ${kind}.` };
  }
  const answer = await client.get(mediaId, {}, 60_000);
  if (isFailure(answer))
    return {
      fault: answer.outcome === 'guarded' ? 'gone' : 'later',
      reason: `The url cannot be fetched: ${answer.reason}.`,
    };
  if (answer.status !== 200)
    return {
      fault: answer.status === 404 || answer.status === 410 ? 'gone' : 'later',
      reason: `The url answered ${answer.status}.`,
    };
  const type = answer.headers['content-type'];
  return { mimeType: typeof type === 'string' ? type : null, bytes: answer.body };
}

/** A small file of each kind that programs can open. */
function toSample(kind: string): FetchedMedia | undefined {
  const bytes: Partial<Record<string, Buffer>> = {
    image: Buffer.from(
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
      'base64',
    ),
    sticker: Buffer.from('UklGRiQAAABXRUJQVlA4IBgAAAAwAQCdASoBAAEAAgA0JaQAA3AA/vv9UAA=', 'base64'),
    audio: toSilence(),
    video: toEmptyVideo(),
    document: Buffer.from(
      '%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n',
    ),
  };
  const found = bytes[kind];
  return found && { mimeType: null, bytes: toChunks(found) };
}

async function* toChunks(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** A tenth of a second of silence as a WAV file: 8 kHz, mono, 8 bits. */
function toSilence(): Buffer {
  const samples = Buffer.alloc(800, 0x80);
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + samples.byteLength, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(8000, 24);
  header.writeUInt32LE(8000, 28);
  header.writeUInt16LE(1, 32);
  header.writeUInt16LE(8, 34);
  header.write('data', 36);
  header.writeUInt32LE(samples.byteLength, 40);
  return Buffer.concat([header, samples]);
}

/** An MP4 file without a track: a type box and a box of free space. */
function toEmptyVideo(): Buffer {
  return Buffer.concat([
    Buffer.from([0, 0, 0, 20]),
    Buffer.from('ftypisom'),
    Buffer.from([0, 0, 2, 0]),
    Buffer.from('mp41'),
    Buffer.from([0, 0, 0, 8]),
    Buffer.from('free'),
  ]);
}
