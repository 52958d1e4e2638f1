// The shapes that several resources share, and how a route says which errors it may answer.
import { Type } from '@fastify/type-provider-typebox';
import type { Static, TSchema, TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import { errorTable } from '../domain/errors.ts';
import type { ErrorCode } from '../domain/errors.ts';
import { FieldError } from '../http/problem.ts';
import type { Page, PageRequest } from '../store/store.ts';

/** A scope whose handlers get their types from the route schemas. */
export type ApiScope = FastifyInstance<
  FastifyInstance['server'],
  Parameters<FastifyInstance['routing']>[0],
  Parameters<FastifyInstance['routing']>[1],
  FastifyInstance['log'],
  TypeBoxTypeProvider
>;

/** An object that takes the named members and no others. */
export const closed = { additionalProperties: false } as const;

export const ProblemSchema = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    code: Type.Enum(Object.keys(errorTable)),
    field: Type.Optional(Type.String({ description: 'The member of the request that is wrong.' })),
  },
  { title: 'Problem', description: 'RFC 9457. `code` is listed in docs/errors.md.' },
);

export const Time = Type.String({ format: 'date-time', examples: ['2026-11-01T09:30:00.000Z'] });
export const NullableTime = Type.Union([Time, Type.Null()]);
export const NullableString = Type.Union([Type.String(), Type.Null()]);
export const Name = Type.String({ minLength: 1, maxLength: 200, pattern: '^[^\\u0000-\\u001f\\u007f]*$' });
/** Ids of channels, and of senders other than phone numbers. */
export const Id = Type.String({ minLength: 1, maxLength: 64, pattern: '^[A-Za-z0-9][A-Za-z0-9._-]*$' });
export const NumberId = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER });
export const IdParams = Type.Object({ id: NumberId }, closed);

const paging = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, description: '50 when left out.' })),
  cursor: Type.Optional(
    Type.String({ maxLength: 200, pattern: '^[A-Za-z0-9_-]+$', description: '`next` of the page before.' }),
  ),
};

/** A listing's query: its page, and the filters given. */
export function listQuery<T extends Record<string, TSchema>>(filters: T) {
  return Type.Object({ ...paging, ...filters }, closed);
}

export function toPageRequest(query: { limit?: number; cursor?: string }): PageRequest {
  return { limit: query.limit ?? 50, ...(query.cursor !== undefined && { cursor: query.cursor }) };
}

/** One page of a listing, as answered. */
export function pageOf<T extends TSchema>(item: T) {
  return Type.Object({
    items: Type.Array(item),
    next: Type.Union([Type.String(), Type.Null()], { description: 'The cursor of the next page, or null.' }),
  });
}

export function renderPage<A, B>(page: Page<A>, render: (item: A) => B): { items: B[]; next: string | null } {
  return { items: page.items.map(render), next: page.next };
}

export const period = {
  since: Type.Optional(Type.String({ format: 'date-time', description: 'From this time on.' })),
  until: Type.Optional(Type.String({ format: 'date-time', description: 'Before this time.' })),
};

/** Reads the ends of a period as epoch milliseconds. Throws `bad_request` naming the one that is no time. */
export function toPeriod(query: { since?: string; until?: string }): { since?: number; until?: number } {
  const since = toMs('since', query.since);
  const until = toMs('until', query.until);
  return { ...(since !== undefined && { since }), ...(until !== undefined && { until }) };
}

function toMs(field: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const isTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/i.test(text);
  const ms = isTime ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms))
    throw new FieldError('bad_request', field, `${field}: is not a time such as 2026-11-01T09:30:00Z.`);
  return ms;
}

export function toTime(ms: number): string {
  return new Date(ms).toISOString();
}

export function toNullableTime(ms: number | null): string | null {
  return ms === null ? null : toTime(ms);
}

/** The error answers of a route: those any route may give, and `more`. */
export function problems(...more: ErrorCode[]) {
  const always: ErrorCode[] = ['bad_request', 'unauthorized', 'internal', 'store_unavailable'];
  const statuses = new Map<number, string[]>();
  for (const code of [...always, ...more]) {
    const { status, text } = errorTable[code];
    statuses.set(status, [...(statuses.get(status) ?? []), `\`${code}\`: ${text}`]);
  }
  return Object.fromEntries(
    [...statuses].map(([status, texts]) => [
      status,
      {
        description: texts.join(' '),
        content: { 'application/problem+json': { schema: ProblemSchema } },
      },
    ]),
  );
}

/** What a route that takes a body may answer besides. */
export const bodyProblems = ['payload_too_large', 'unsupported_media_type'] as const;

export const NoContent = Type.Null({ description: 'Done; there is nothing to say.' });

export type Of<T extends TSchema> = Static<T>;
