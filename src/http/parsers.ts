// How bodies come to routes of the framework: through the same reader as everywhere, and answered before they are read where the head is enough.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { GatewayError } from '../domain/errors.ts';
import { isDeeper, maxJsonDepth } from '../domain/json-depth.ts';
import { mayHoldOthers, parseNumbersExactly } from '../domain/json-numbers.ts';
import { hasBody, readBody } from './bodies.ts';
import type { Bodies } from './bodies.ts';
import { discardRest, leavesBody } from './early-answer.ts';

interface Reader {
  readonly read: (request: FastifyRequest) => Promise<Buffer>;
  readonly bodies: Bodies;
}

const readers = new WeakMap<FastifyInstance['server'], Reader>();

/**
 * Makes JSON the one form of body that the routes take, read within the limits of `bodies`. What has no route is answered before
 * its body, and an answer to a body that nobody read ends the connection.
 */
export function readJsonBodies(app: FastifyInstance, bodies: Bodies): void {
  const responses = new WeakMap<IncomingMessage, ServerResponse>();
  const read: Reader['read'] = (request) => {
    const response = responses.get(request.raw);
    if (response === undefined) throw new GatewayError('internal', 'The request has no response.');
    return readBody(
      bodies,
      request.raw,
      response,
      request.routeOptions.bodyLimit ?? app.initialConfig.bodyLimit ?? 0,
    );
  };
  readers.set(app.server, { read, bodies });
  app.removeAllContentTypeParsers();
  const parse = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser('application/json', (request, _payload, done) => {
    read(request).then((bytes) => {
      const text = bytes.toString('utf8');
      if (isDeeper(text, maxJsonDepth))
        done(new GatewayError('bad_request', `The body is nested more than ${maxJsonDepth} levels deep.`));
      else
        void parse(request, text, (error, value) =>
          done(error, error === null && mayHoldOthers(text) ? parseNumbersExactly(text) : value),
        );
    }, done);
  });
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-content-type-options', 'nosniff');
    responses.set(request.raw, reply.raw);
    if (request.is404 && hasBody(request.raw)) done(new GatewayError('not_found'));
    else done();
  });
  app.addHook('onSend', (request, reply, payload, done) => {
    if (!leavesBody(request.raw)) {
      done(null, payload);
      return;
    }
    reply.header('connection', 'close');
    if (typeof payload !== 'string' && !Buffer.isBuffer(payload)) {
      done(null, payload);
      return;
    }
    reply.header('content-length', Buffer.byteLength(payload));
    done(null, Readable.from(thenDiscard(payload, request.raw), { objectMode: false }));
  });
}

/** Lets a scope take bodies of any type, as bytes. */
export function takeBytes(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('*', (request, _payload, done) => {
    readerOf(scope)
      .read(request)
      .then((bytes) => done(null, bytes), done);
  });
}

/** The bodies under way at the listener of a scope, for routes that read theirs piece by piece. */
export function bodiesOf(scope: FastifyInstance): Bodies {
  return readerOf(scope).bodies;
}

function readerOf(scope: FastifyInstance): Reader {
  const reader = readers.get(scope.server);
  if (reader === undefined) throw new GatewayError('internal', 'The listener reads no bodies.');
  return reader;
}

/** The answer, and then no end before the client had time to take it. */
async function* thenDiscard(answer: string | Buffer, raw: IncomingMessage): AsyncGenerator<string | Buffer> {
  yield answer;
  await discardRest(raw);
}
