// The webhooks of channels: each is verified, handed on, and answered after the commit.
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Channel, ChannelType } from '../../domain/channel.ts';
import { channelTypes, withoutExpiredSecrets } from '../../domain/channel.ts';
import { GatewayError, RetryError } from '../../domain/errors.ts';
import type { ErrorCode } from '../../domain/errors.ts';
import type { Connector, ParsedWebhook, WebhookRequest } from '../../channels/channel.ts';
import { serveFront } from '../../http/front.ts';
import type { FrontAnswer, FrontRequest } from '../../http/front.ts';
import { toVisitor } from '../../http/addresses.ts';
import type { Lockout } from '../../http/lockout.ts';
import { toGatewayError, toProblemAnswer } from '../../http/problem.ts';
import { prove } from '../../http/trust.ts';
import { record } from '../../core/receipts/record.ts';
import type { RecordingDeps } from '../../core/receipts/record.ts';
import type { Tally } from '../../core/receipts/tally.ts';
import type { Emit } from '../../telemetry/events.ts';
import type { RequestSpan } from '../../telemetry/tracing.ts';

/** Meta's limit for one POST: 3 MB. */
const maxBodyBytes = 3_000_000;

interface Params {
  readonly type: string;
  readonly channelId: string;
}

/** What a webhook is served with. */
interface WebhookDeps extends RecordingDeps {
  /** Slows down who guesses verify tokens. */
  readonly guesses: Lockout;
}

/**
 * Serves the channels' webhooks: `GET` is the handshake, `POST` an event. A signed POST is answered 200 once its bytes are
 * safe, whatever they hold; only a store that cannot commit gives 503, and then the channel sends it again.
 */
export function webhookRoutes(app: FastifyInstance, deps: WebhookDeps): void {
  serveFront(app, {
    paths: ['/hooks'],
    methods: ['POST'],
    maxBodyBytes,
    serve: (request) => receive(deps, request),
    fail: (error, request) => refuse(deps, error, request),
  });
  app.get<{ Params: Params }>('/hooks/:type/:channelId', async (request, reply) =>
    reply.type('text/plain; charset=utf-8').send(await answerHandshake(deps, request)),
  );
}

/** Receives one event: the channel is found, its signature checked, and what the body holds is recorded before it is answered. */
async function receive(deps: WebhookDeps, request: FrontRequest): Promise<FrontAnswer> {
  const visit = new Visit(deps, request);
  const [type = '', channelId = '', secret = null, ...rest] = toSegments(request.target).slice(1);
  const found = rest.length > 0 ? undefined : await findChannel(deps, { type, channelId });
  if (found === undefined) throw visit.refuse('unknown_channel', unknownChannel());
  const { channel, connector } = found;
  visit.channel = channel;
  const seen = new SeenRequest(request, secret);
  // What the head tells is looked at before the body costs anything.
  if (connector.mayBeFrom?.(channel, seen) === false) throw visit.refuse('bad_signature', unsigned());
  const body = await request.read();
  seen.body = body;
  visit.bytes = body.byteLength;
  if (!connector.verify(channel, seen)) throw visit.refuse('bad_signature', unsigned());
  request.prove();
  try {
    const kept = visit.span === undefined ? deps : { ...deps, origin: visit.span };
    visit.report('recorded', await keep(kept, found, body));
  } catch (error) {
    throw visit.refuse('store_failed', error);
  }
  return toAnswer(respond(deps, found, body));
}

/** A channel, and what reads its webhooks. */
interface Found {
  readonly channel: Channel;
  readonly connector: Connector;
}

/** The channel of that type and id with its connector; undefined when either is not there. */
async function findChannel(
  { directory, connectors, now }: WebhookDeps,
  { type, channelId }: Params,
): Promise<Found | undefined> {
  const known = channelTypes.find((candidate) => candidate === type);
  const connector = known === undefined ? undefined : connectors[known];
  if (connector === undefined) return undefined;
  const channel = await directory.channel(channelId);
  if (channel === undefined || channel.type !== known) return undefined;
  return { channel: withoutExpiredSecrets(channel, now()), connector };
}

/** A request as connectors look at it, first without its body; what hardly any asks for is made when it does. */
class SeenRequest implements WebhookRequest {
  readonly headers: WebhookRequest['headers'];
  readonly pathSecret: string | null;
  body: Buffer = nothing;
  readonly #request: FrontRequest;

  constructor(request: FrontRequest, pathSecret: string | null) {
    this.headers = request.headers;
    this.pathSecret = pathSecret;
    this.#request = request;
  }

  get query(): Record<string, string> {
    return toQuery(this.#request.target);
  }

  get remoteAddress(): string {
    return this.#request.remoteAddress;
  }
}

/** The bytes are kept whatever is wrong with us: what cannot be read or made a receipt of is a remark. */
async function keep(deps: WebhookDeps, { channel, connector }: Found, body: Buffer): Promise<Tally> {
  try {
    return await record(deps, channel, body, connector.parse(body, channel));
  } catch (error) {
    // The store says by itself that it cannot commit; anything else is a bug, and would be one at every repeat.
    if (error instanceof GatewayError) throw error;
    deps.emit('unit.crashed', { unit: `${channel.type} webhook`, error });
    return record(deps, channel, body, unread);
  }
}

/** What the channel wants to hear beside 200. By then the event is safe, so that a bug costs no more than the courtesy. */
function respond({ emit }: WebhookDeps, { channel, connector }: Found, body: Buffer): string | null {
  try {
    return connector.respond?.(channel, body) ?? null;
  } catch (error) {
    emit('unit.crashed', { unit: `${channel.type} webhook's answer`, error });
    return null;
  }
}

function toAnswer(text: string | null): FrontAnswer {
  return text === null
    ? { status: 200, headers: {}, body: null }
    : { status: 200, headers: { 'content-type': 'application/json; charset=utf-8' }, body: text };
}

/** Answers an event that was not taken, and tells of one whose body was not read to its end. */
function refuse({ emit }: WebhookDeps, error: unknown, { headers }: FrontRequest): FrontAnswer {
  const known = toGatewayError(error);
  const outcome = unreadOutcomes[known.code];
  const bytes = Number(headers['content-length'] ?? 0);
  if (outcome !== undefined) emit('webhook.received', { ...refused, outcome, bytes });
  if (known.code === 'internal') emit('unit.crashed', { unit: 'POST /hooks', error });
  return toProblemAnswer(known);
}

/** The challenge to say back to whoever knows the channel's verify token; guesses are slowed down. */
async function answerHandshake(
  deps: WebhookDeps,
  request: FastifyRequest<{ Params: Params }>,
): Promise<string> {
  const found = await findChannel(deps, request.params);
  if (found === undefined) throw unknownChannel();
  const guessed = { kind: 'machine', name: `verify/${found.channel.id}` } as const;
  const visitor = toVisitor(request.ip);
  const waitMs = deps.guesses.waitOf(guessed, visitor);
  if (waitMs > 0) throw new RetryError(waitMs);
  // Node's parser keeps the dots in `hub.mode` as they are.
  const query = request.query as Record<string, string | undefined>;
  const challenge = found.connector.challenge?.(found.channel, query);
  if (challenge === undefined) {
    deps.guesses.fail(guessed, visitor);
    throw new GatewayError('wrong_token', 'The verify token is not the one of this channel.');
  }
  prove(request.raw.socket);
  // A real one is a number. What a page could be made of is not said back, whoever knows the token.
  if (!/^[\w.~+/=:-]{1,256}$/.test(challenge))
    throw new GatewayError(
      'bad_request',
      'hub.challenge has to be 1 to 256 letters, digits and the characters . _ ~ + / = : -',
    );
  return challenge;
}

/** One POST as its event tells it. */
class Visit {
  /** Whose it is; unknown until the channel is found. */
  channel: { readonly type: ChannelType | 'unknown'; readonly id: string } = { type: 'unknown', id: '' };
  /** As announced, until the body is read. */
  bytes: number;
  /** Undefined where nothing is traced. */
  readonly span: RequestSpan | undefined;
  readonly #emit: Emit;
  readonly #monotonic: () => number;
  readonly #startedAt: number;

  constructor({ emit, monotonic, tracing }: WebhookDeps, { headers }: FrontRequest) {
    this.span = tracing?.request(headers['traceparent']);
    this.#emit = emit;
    this.#monotonic = monotonic;
    this.#startedAt = monotonic();
    this.bytes = Number(headers['content-length'] ?? 0);
  }

  /** Tells why it was not taken; returns the error that its sender gets. */
  refuse<E>(outcome: Exclude<Outcome, 'recorded'>, error: E): E {
    this.report(outcome);
    return error;
  }

  report(outcome: Outcome, { fresh, repeats, unrouted, remarks }: Counts = refused): void {
    const { type: channelType, id: channelId } = this.channel;
    const { bytes } = this;
    const durationMs = this.#monotonic() - this.#startedAt;
    this.#emit('webhook.received', {
      channelType,
      channelId,
      outcome,
      bytes,
      fresh,
      repeats,
      unrouted,
      remarks,
      durationMs,
    });
    this.#endSpan(outcome, { fresh, repeats });
  }

  /** Whoever has not shown that it is the channel makes no spans. */
  #endSpan(outcome: Outcome, { fresh, repeats }: Pick<Counts, 'fresh' | 'repeats'>): void {
    if (this.span === undefined || (outcome !== 'recorded' && outcome !== 'store_failed')) return;
    const { type, id } = this.channel;
    const attributes = {
      'chasqui.channel.id': id,
      'chasqui.channel.type': type,
      'chasqui.outcome': outcome,
      'chasqui.receipts.fresh': fresh,
      'chasqui.receipts.repeats': repeats,
    };
    this.span.end(`webhook ${type}`, attributes, outcome !== 'recorded');
  }
}

type Outcome = 'recorded' | 'unknown_channel' | 'bad_signature' | 'store_failed';
type Counts = Pick<Tally, 'fresh' | 'repeats' | 'unrouted' | 'remarks'>;

/** What the event of a refused webhook says of everything but the refusal. */
const refused = {
  channelType: 'unknown',
  channelId: '',
  fresh: 0,
  repeats: 0,
  unrouted: 0,
  remarks: 0,
  durationMs: 0,
} as const;

const nothing = Buffer.alloc(0);

/** What is kept of a body that we failed to read. */
const unread: ParsedWebhook = {
  events: [],
  remarks: [{ index: 0, reason: 'parse_failed', detail: '', mayBeMessage: true }],
};

function unsigned(): GatewayError {
  return new GatewayError(
    'bad_signature',
    'The signature was not made over these bytes with the secret of this channel.',
  );
}

/** Why a body was not read to its end. */
const unreadOutcomes: Readonly<Partial<Record<ErrorCode, 'too_large' | 'too_slow' | 'overloaded'>>> = {
  payload_too_large: 'too_large',
  too_slow: 'too_slow',
  overloaded: 'overloaded',
};

/** The segments of a target's path, decoded; one that cannot be is as it came, and names nothing. */
function toSegments(target: string): string[] {
  const query = target.indexOf('?');
  const path = query < 0 ? target : target.slice(0, query);
  const segments = path.slice(1).split('/');
  return path.includes('%') ? segments.map(decode) : segments;
}

/** The query by name; of a name that comes twice, the last. */
function toQuery(target: string): Record<string, string> {
  const at = target.indexOf('?');
  return at < 0 ? {} : Object.fromEntries(new URLSearchParams(target.slice(at + 1)));
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A stray percent sign: no id has one.
    return text;
  }
}

function unknownChannel(): GatewayError {
  return new GatewayError('not_found', 'There is no channel of that type and id.');
}
