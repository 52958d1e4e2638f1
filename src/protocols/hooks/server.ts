import type { FastifyInstance } from 'fastify';
import { monotonicNow } from '../../runtime/clock.ts';
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

/** Meta's limit for one POST: 3 MB. */
const maxBodyBytes = 3_000_000;

interface Params {
  readonly type: string;
  readonly channelId: string;
}

/**
 * Serves the channels' webhooks: `GET` is the handshake, `POST` an event. A signed POST is answered 200 once its bytes are
 * safe, whatever they hold; only a store that cannot commit gives 503, and then the channel sends it again.
 */
export function webhookRoutes(
  app: FastifyInstance,
  deps: RecordingDeps & { readonly guesses: Lockout },
): void {
  const { emit, directory } = deps;

  /** The channel of that type and id with its connector; undefined when either is not there. */
  async function find({
    type,
    channelId,
  }: Params): Promise<{ channel: Channel; connector: Connector } | undefined> {
    const known = channelTypes.find((candidate) => candidate === type);
    const connector = known === undefined ? undefined : deps.connectors[known];
    const channel = known === undefined ? undefined : await directory.channel(channelId);
    return connector !== undefined && channel !== undefined && channel.type === known
      ? { channel: withoutExpiredSecrets(channel, deps.now()), connector }
      : undefined;
  }

  async function receive(request: FrontRequest): Promise<FrontAnswer> {
    const startedAt = monotonicNow();
    const { headers } = request;
    let bytes = Number(headers['content-length'] ?? 0);
    const [type = '', channelId = '', secret, ...rest] = toSegments(request.target).slice(1);
    const found = rest.length > 0 ? undefined : await find({ type, channelId });
    if (found === undefined) {
      report('unknown', '', 'unknown_channel');
      throw unknownChannel();
    }
    const { channel, connector } = found;
    const seen: Writable<WebhookRequest> = {
      headers,
      body: nothing,
      get query() {
        return toQuery(request.target);
      },
      get remoteAddress() {
        return request.remoteAddress;
      },
      pathSecret: secret ?? null,
    };
    // What the head tells is looked at before the body costs anything.
    if (connector.mayBeFrom?.(channel, seen) === false) {
      report(channel.type, channel.id, 'bad_signature');
      throw unsigned();
    }
    const body = await request.read();
    seen.body = body;
    bytes = body.byteLength;
    if (!connector.verify(channel, seen)) {
      report(channel.type, channel.id, 'bad_signature');
      throw unsigned();
    }
    request.prove();
    try {
      const tally = await keep(channel, connector, body);
      report(channel.type, channel.id, 'recorded', tally);
    } catch (error) {
      report(channel.type, channel.id, 'store_failed');
      throw error;
    }
    const text = respond(channel, connector, body);
    return text === null
      ? { status: 200, headers: {}, body: null }
      : { status: 200, headers: { 'content-type': 'application/json; charset=utf-8' }, body: text };

    function report(
      channelType: ChannelType | 'unknown',
      channelId: string,
      outcome: 'recorded' | 'unknown_channel' | 'bad_signature' | 'store_failed',
      tally?: Tally,
    ): void {
      const { fresh, repeats, unrouted, remarks } = tally ?? {
        fresh: 0,
        repeats: 0,
        unrouted: 0,
        remarks: 0,
      };
      const durationMs = monotonicNow() - startedAt;
      emit('webhook.received', {
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
    }
  }

  /** The bytes are kept whatever is wrong with us: what cannot be read or made a receipt of is a remark. */
  async function keep(channel: Channel, connector: Connector, body: Buffer): Promise<Tally> {
    try {
      return await record(deps, channel, body, connector.parse(body, channel));
    } catch (error) {
      // The store says by itself that it cannot commit; anything else is a bug, and would be one at every repeat.
      if (error instanceof GatewayError) throw error;
      emit('unit.crashed', { unit: `${channel.type} webhook`, error });
      return record(deps, channel, body, unread);
    }
  }

  /** By then the event is safe, so that a bug costs no more than the courtesy. */
  function respond(channel: Channel, connector: Connector, body: Buffer): string | null {
    try {
      return connector.respond?.(channel, body) ?? null;
    } catch (error) {
      emit('unit.crashed', { unit: `${channel.type} webhook's answer`, error });
      return null;
    }
  }

  serveFront(app, {
    paths: ['/hooks'],
    methods: ['POST'],
    maxBodyBytes,
    serve: receive,
    fail: (error, request) => {
      const known = toGatewayError(error);
      const outcome = unreadOutcomes[known.code];
      const bytes = Number(request.headers['content-length'] ?? 0);
      if (outcome !== undefined) emit('webhook.received', { ...refused, outcome, bytes });
      if (known.code === 'internal') emit('unit.crashed', { unit: 'POST /hooks', error });
      return toProblemAnswer(known);
    },
  });
  app.get<{ Params: Params }>('/hooks/:type/:channelId', async (request, reply) => {
    const found = await find(request.params);
    if (found === undefined) throw unknownChannel();
    const guessed = { kind: 'machine', name: `verify/${found.channel.id}` } as const;
    const visitor = toVisitor(request.ip);
    const waitMs = deps.guesses.waitOf(guessed, visitor);
    if (waitMs > 0) throw new RetryError(waitMs);
    // Node's parser keeps the dots in `hub.mode` as they are.
    const challenge = found.connector.challenge?.(
      found.channel,
      request.query as Record<string, string | undefined>,
    );
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
    return reply.type('text/plain; charset=utf-8').send(challenge);
  });
}

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

type Writable<T> = { -readonly [K in keyof T]: T[K] };

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
