// The sandbox's own doors: one plays an end user, the other the channel. What comes in goes the way of every webhook.
import { randomBytes } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Channel, Sender } from '../../domain/channel.ts';
import { GatewayError } from '../../domain/errors.ts';
import { inboundKinds, messageStatuses } from '../../domain/receipt.ts';
import type { InboundKind } from '../../domain/receipt.ts';
import type { PlayedEvent } from '../../domain/sandbox.ts';
import type { Lockout } from '../../http/lockout.ts';
import { authenticateBasic } from '../../http/basic-auth.ts';
import { proveRequest } from '../../http/trust.ts';
import type { Store } from '../../store/store.ts';
import { record } from '../../core/receipts/record.ts';
import type { RecordingDeps } from '../../core/receipts/record.ts';

interface SandboxRouteDeps extends RecordingDeps {
  readonly store: RecordingDeps['store'] & Pick<Store, 'listChannels'>;
  /** Slows down who guesses keys. */
  readonly guesses: Lockout;
}

interface Params {
  readonly sender: string;
}

type Body = Readonly<Record<string, unknown>>;

/** What each kind of message has to have, beyond `from` and `type`. */
const requiredMembers: Readonly<Partial<Record<InboundKind, readonly string[]>>> = {
  text: ['text'],
  location: ['latitude', 'longitude'],
  contacts: ['contacts'],
  reply: ['text', 'payload'],
  interactive: ['interactive'],
  order: ['product_items'],
  reaction: ['messageId'],
  edit: ['messageId', 'text'],
  revoke: ['messageId'],
};

/** Members of an inbound body that have to be text when they are there. */
const textMembers = [
  'name',
  'text',
  'caption',
  'url',
  'mimeType',
  'fileName',
  'id',
  'replyTo',
  'payload',
  'messageId',
  'emoji',
  'place',
  'address',
];

/** Serves `POST /sandbox/<sender>/inbound` and `POST /sandbox/<sender>/status`, with the access key as HTTP Basic. */
export function sandboxRoutes(app: FastifyInstance, deps: SandboxRouteDeps): void {
  const doors = { inbound: playInbound, status: playStatus };
  for (const [door, playOn] of Object.entries(doors)) {
    const found = new WeakMap<FastifyRequest, Awaited<ReturnType<typeof findSender>>>();
    app.post<{ Params: Params; Body: unknown }>(`/sandbox/:sender/${door}`, {
      // Before the body is read.
      onRequest: async (request) => {
        found.set(request, await findSender(deps, request));
      },
      handler: async (request, reply) => {
        const { channel, sender } = found.get(request) ?? (await findSender(deps, request));
        const span = deps.tracing?.request(request.headers['traceparent']);
        const asked = span === undefined ? deps : { ...deps, origin: span };
        const played = await playOn(asked, channel, sender, request.body);
        span?.end(`sandbox ${door}`, { 'chasqui.channel.id': channel.id }, false);
        return reply.code(201).send(played);
      },
    });
  }
}

/** Plays a user who sends something to a sender of the sandbox. Throws `bad_request` naming what is wrong with it. */
export async function playInbound(
  deps: RecordingDeps,
  channel: Channel,
  sender: Sender,
  given: unknown,
): Promise<PlayedEvent> {
  const body = toBody(given);
  checkInbound(body);
  const messageId =
    typeof body['id'] === 'string' ? body['id'] : `sandbox.${randomBytes(12).toString('hex')}`;
  const event = { ...body, event: 'inbound', sender: sender.id, id: messageId };
  return { messageId, ...(await play(deps, channel, event)) };
}

/** Plays the channel that tells what became of a message. Throws `bad_request` naming what is wrong with it. */
export async function playStatus(
  deps: RecordingDeps,
  channel: Channel,
  sender: Sender,
  given: unknown,
): Promise<PlayedEvent> {
  const body = toBody(given);
  const messageId = requireText(body, 'messageId');
  requireText(body, 'to');
  requireOneOf(body, 'status', messageStatuses);
  return { messageId, ...(await play(deps, channel, { ...body, event: 'status', sender: sender.id })) };
}

async function findSender(
  deps: SandboxRouteDeps,
  request: FastifyRequest<{ Params: Params }>,
): Promise<{ channel: Channel; sender: Sender }> {
  const key = await authenticateBasic(
    request.headers.authorization,
    request.ip,
    (id) => deps.directory.key(id),
    deps.guesses,
  );
  proveRequest(request.raw);
  if (key.role !== 'full')
    throw new GatewayError('forbidden', `A key of role ${key.role} may not play the sandbox.`);
  deps.directory.noteUse(key);
  const channels = await deps.store.listChannels(key.accountId);
  for (const channel of channels.filter(({ type }) => type === 'sandbox')) {
    const sender = await deps.directory.sender(channel.id, request.params.sender);
    if (sender !== undefined) return { channel, sender };
  }
  throw new GatewayError('not_found', 'The sandbox has no sender of that id.');
}

async function play(
  deps: RecordingDeps,
  channel: Channel,
  event: Body,
): Promise<{ receiptId: string; outcome: 'fresh' | 'repeat' | 'dropped' }> {
  const connector = deps.connectors.sandbox;
  if (connector === undefined) throw new GatewayError('not_found', 'The sandbox is switched off.');
  const startedAt = deps.monotonic();
  const body = Buffer.from(JSON.stringify({ events: [event] }));
  const tally = await record(deps, channel, body, connector.parse(body, channel));
  const { fresh, repeats, unrouted, remarks } = tally;
  const durationMs = deps.monotonic() - startedAt;
  deps.emit('webhook.received', {
    channelType: 'sandbox',
    channelId: channel.id,
    outcome: 'recorded',
    bytes: body.byteLength,
    fresh,
    repeats,
    unrouted,
    remarks,
    durationMs,
  });
  const [receipt] = tally.receipts;
  if (receipt === undefined)
    throw new GatewayError('bad_request', 'The sandbox could not make a receipt of that.');
  return receipt;
}

function checkInbound(body: Body): void {
  requireText(body, 'from');
  const kind = requireOneOf(body, 'type', inboundKinds);
  for (const member of requiredMembers[kind] ?? []) {
    if (body[member] === undefined || body[member] === null)
      throw new GatewayError('bad_request', `${member}: is missing; a message of type ${kind} needs it.`);
  }
  for (const member of textMembers) {
    const value = body[member];
    if (value !== undefined && typeof value !== 'string')
      throw new GatewayError('bad_request', `${member}: has to be text.`);
  }
  const url = body['url'];
  if (typeof url === 'string' && !/^https?:\/\//.test(url))
    throw new GatewayError('bad_request', 'url: has to begin with http:// or https://.');
}

function toBody(body: unknown): Body {
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return { ...body };
  throw new GatewayError('bad_request', 'Send one JSON object.');
}

function requireText(body: Body, member: string): string {
  const value = body[member];
  if (typeof value === 'string' && value !== '' && value.length <= 300) return value;
  throw new GatewayError('bad_request', `${member}: has to be text of 1 to 300 characters.`);
}

function requireOneOf<const T extends string>(body: Body, member: string, values: readonly T[]): T {
  const found = values.find((value) => value === body[member]);
  if (found !== undefined) return found;
  throw new GatewayError('bad_request', `${member}: has to be one of ${values.join(', ')}.`);
}
