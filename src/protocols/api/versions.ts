// If-Match and If-None-Match (RFC 9110, 13.1): a change that is made only while things are as the caller saw them.
import type { IncomingHttpHeaders } from 'node:http';
import { Type } from '@fastify/type-provider-typebox';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ErrorCode } from '../../domain/errors.ts';
import type { Expected } from '../../domain/version.ts';
import { FieldError } from '../../domain/errors.ts';

const ifMatch = Type.Optional(
  Type.String({
    maxLength: 2000,
    description: 'ETag of the version to be changed; any other is answered 412.',
  }),
);

/** The headers of a PUT that makes and changes. */
export const makeHeaders = Type.Object({
  'if-match': ifMatch,
  'if-none-match': Type.Optional(
    Type.String({ maxLength: 2000, description: '`*`: only make; what is there already is answered 412.' }),
  ),
});

/** The headers of what changes or takes away, and never makes. */
export const changeHeaders = Type.Object({ 'if-match': ifMatch });

/** The problems of a route that takes {@link makeHeaders}. */
export const makeCodes = ['already_exists', 'changed_meanwhile'] as const satisfies readonly ErrorCode[];

/**
 * What the headers of a request expect; undefined when they say nothing. Throws `bad_request` for what is no list of ETags. A weak
 * tag is never the version of anything.
 */
export function readExpected({ headers }: { headers: IncomingHttpHeaders }): Expected | undefined {
  const match = headers['if-match'];
  const noneMatch = headers['if-none-match'];
  if (match !== undefined && noneMatch !== undefined)
    throw new FieldError('bad_request', 'if-match', 'Give If-Match or If-None-Match, not both.');
  if (noneMatch !== undefined) {
    if (noneMatch.trim() === '*') return { kind: 'absent' };
    throw new FieldError('bad_request', 'if-none-match', 'If-None-Match: has to be * for a change.');
  }
  if (match === undefined) return undefined;
  if (match.trim() === '*') return { kind: 'present' };
  const tags = match.split(',').map((tag) => /^\s*(W\/)?"([^"]*)"\s*$/.exec(tag));
  if (tags.some((tag) => tag === null))
    throw new FieldError(
      'bad_request',
      'if-match',
      'If-Match: has to be the ETag of an answer, in its quotation marks, or *.',
    );
  const strong = tags.flatMap((tag) => (tag?.[1] === undefined ? [tag?.[2] ?? ''] : []));
  return { kind: 'versions', versions: strong };
}

/** Says which version an answer shows. */
export function tell(reply: FastifyReply, version: string): FastifyReply {
  return reply.header('etag', `"${version}"`);
}

/** Makes a scope refuse a condition where nobody would look at it: the caller would take it for kept. */
export function refuseUnreadConditions(scope: FastifyInstance): void {
  scope.addHook('onRequest', (request: FastifyRequest, _reply, done) => {
    const { schema } = request.routeOptions;
    const isChange = !['GET', 'HEAD', 'OPTIONS'].includes(request.method);
    const taken = Object.keys((schema?.headers as typeof makeHeaders | undefined)?.properties ?? {});
    for (const name of ['if-match', 'if-none-match']) {
      if (isChange && request.headers[name] !== undefined && schema?.hide !== true && !taken.includes(name))
        return done(new FieldError('bad_request', name, `${name}: is not looked at here. Leave it out.`));
    }
    done();
  });
}
