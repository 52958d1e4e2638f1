// How a route of the API describes itself, and what routes have in common.
import { Type } from '@fastify/type-provider-typebox';
import type { TSchema, TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import { errorTable, FieldError } from '../../domain/errors.ts';
import type { ErrorCode } from '../../domain/errors.ts';
import type { PageRequest } from '../../store/store.ts';
import { ProblemSchema } from './schemas.ts';

/** A scope whose handlers get their types from the route schemas. */
export type Api = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

/** The answer of a route that has nothing to say. */
export const NoContent = Type.Null({ description: 'Done.' });

/** The schema of a route: what it takes, its answers, and the problems that it and every other route may answer. */
export function describe<const S extends object>(
  summary: string,
  tag: string,
  schema: S,
  success: Readonly<Record<number, TSchema | { content: object; description: string }>>,
  ...codes: ErrorCode[]
) {
  const bodyCodes: ErrorCode[] =
    'body' in schema ? ['payload_too_large', 'unsupported_media_type', 'too_slow', 'overloaded'] : [];
  return {
    summary,
    tags: [tag],
    ...schema,
    response: { ...success, ...toProblemAnswers([...everywhere, ...bodyCodes, ...codes]) },
  };
}

const everywhere: readonly ErrorCode[] = [
  'bad_request',
  'unauthorized',
  'wrong_credentials',
  'session_over',
  'forbidden',
  'foreign_page',
  'too_many_tries',
  'rate_exceeded',
  'internal',
  'store_unavailable',
];

function toProblemAnswers(codes: readonly ErrorCode[]) {
  const texts = new Map<number, string[]>();
  for (const code of new Set(codes)) {
    const { status, text } = errorTable[code];
    texts.set(status, [...(texts.get(status) ?? []), `\`${code}\`: ${text}`]);
  }
  const content = { 'application/problem+json': { schema: ProblemSchema } };
  return Object.fromEntries(
    [...texts].map(([status, lines]) => [status, { description: lines.join(' '), content }]),
  );
}

export function toPageRequest(query: { limit?: number; cursor?: string }): PageRequest {
  return { limit: query.limit ?? 50, ...(query.cursor !== undefined && { cursor: query.cursor }) };
}

/** Reads the ends of a period as epoch milliseconds. Throws `bad_request` naming the one that is no time. */
export function toPeriod(query: { since?: string; until?: string }): { since?: number; until?: number } {
  return {
    ...(query.since !== undefined && { since: fromTime('since', query.since) }),
    ...(query.until !== undefined && { until: fromTime('until', query.until) }),
  };
}

function fromTime(field: string, text: string): number {
  const isTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/i.test(text);
  const at = isTime ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at))
    throw new FieldError('bad_request', field, `${field}: has to be a time such as 2026-11-01T00:00:00Z.`);
  return at;
}
