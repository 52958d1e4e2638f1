import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Channel, ChannelType } from '../domain/channel.ts';
import { channelTypes, withoutExpiredSecrets } from '../domain/channel.ts';
import { GatewayError } from '../domain/errors.ts';
import type { Connector } from '../channels/channel.ts';
import { record } from './recording.ts';
import type { RecordingDeps, Tally } from './recording.ts';

/** Meta's limit for one POST: 3 MB. */
const maxBodyBytes = 3_000_000;

interface Params {
  readonly type: string;
  readonly channelId: string;
  readonly secret?: string;
}

/**
 * Serves the channels' webhooks: `GET` is the handshake, `POST` an event. A signed POST is answered 200 once its bytes are
 * safe, whatever they hold; only a store that cannot commit gives 503, and then the channel sends it again.
 */
export function webhookRoutes(app: FastifyInstance, deps: RecordingDeps): void {
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

  async function receive(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const startedAt = performance.now();
    // The route names both.
    const params = request.params as Params;
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    const found = await find(params);
    if (found === undefined) {
      report('unknown', '', 'unknown_channel');
      throw unknownChannel();
    }
    const { channel, connector } = found;
    const { headers, ip: remoteAddress } = request;
    const pathSecret = params.secret ?? null;
    if (!connector.verify(channel, { headers, query: {}, body, remoteAddress, pathSecret })) {
      report(channel.type, channel.id, 'bad_signature');
      throw new GatewayError(
        'unauthorized',
        'The signature was not made over these bytes with the secret of this channel.',
      );
    }
    try {
      const tally = await record(deps, channel, body, connector.parse(body, channel));
      report(channel.type, channel.id, 'recorded', tally);
    } catch (error) {
      report(channel.type, channel.id, 'store_failed');
      throw error;
    }
    return reply.code(200).send(connector.respond?.(channel, body));

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
      const durationMs = performance.now() - startedAt;
      emit('webhook.received', {
        channelType,
        channelId,
        outcome,
        bytes: body.byteLength,
        fresh,
        repeats,
        unrouted,
        remarks,
        durationMs,
      });
    }
  }

  app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: maxBodyBytes }, (_request, body, done) =>
      done(null, body),
    );
    scope.get<{ Params: Params }>('/hooks/:type/:channelId', async (request, reply) => {
      const found = await find(request.params);
      if (found === undefined) throw unknownChannel();
      // Node's parser keeps the dots in `hub.mode` as they are.
      const challenge = found.connector.challenge?.(
        found.channel,
        request.query as Record<string, string | undefined>,
      );
      if (challenge === undefined)
        throw new GatewayError('forbidden', 'The verify token is not the one of this channel.');
      return reply.type('text/plain; charset=utf-8').send(challenge);
    });
    scope.post('/hooks/:type/:channelId', { bodyLimit: maxBodyBytes }, receive);
    scope.post('/hooks/:type/:channelId/:secret', { bodyLimit: maxBodyBytes }, receive);
    scope.setErrorHandler((error: FastifyError, request) => {
      if (error.statusCode === 413) {
        const bytes = Number(request.headers['content-length'] ?? 0);
        emit('webhook.received', {
          channelType: 'unknown',
          channelId: '',
          outcome: 'too_large',
          bytes,
          fresh: 0,
          repeats: 0,
          unrouted: 0,
          remarks: 0,
          durationMs: 0,
        });
      }
      // The form of the answer is the server's own.
      throw error;
    });
  });
}

function unknownChannel(): GatewayError {
  return new GatewayError('not_found', 'There is no channel of that type and id.');
}
