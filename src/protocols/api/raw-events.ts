// What channels posted as it came, and what of it gave no receipt.
import { Type } from '@fastify/type-provider-typebox';
import type { Static } from '@fastify/type-provider-typebox';
import type { AccountId } from '../../domain/account.ts';
import { remarkReasons } from '../../domain/receipt.ts';
import type { RawEventEntry, RawEventFilter } from '../../store/store.ts';
import { needs } from './access.ts';
import { callerOf } from './auth.ts';
import type { Reread } from '../../core/receipts/remark-reread.ts';
import type { ApiDeps } from './deps.ts';
import { toTime } from '../../domain/time.ts';
import { notFound } from '../../domain/errors.ts';
import { describe, toPageRequest, toPeriod } from './route.ts';
import type { Api } from './route.ts';
import { RawEventAnswer, RereadAnswer, RereadManyAnswer } from './schemas-receipts.ts';
import { DigitsId, listQuery, pageOf, period } from './schemas.ts';
import type { Store } from '../../store/store.ts';

/** What these routes work with. */
type RawEventApiDeps = ApiDeps<'findRawEvent' | 'findRawEventEntry' | 'listRawEvents'>;

const filterMembers = {
  channelId: Type.Optional(Type.String({ maxLength: 128 })),
  remarked: Type.Optional(
    Type.Boolean({ description: 'Only those of which something gave no receipt; implied by the two below.' }),
  ),
  reason: Type.Optional(Type.Enum([...remarkReasons])),
  mayBeMessage: Type.Optional(
    Type.Boolean({ description: 'Only those in which something may be a message of a user.' }),
  ),
};

const Params = Type.Object({ rawEventId: DigitsId });

const RereadMany = Type.Object(
  {
    ...filterMembers,
    ...period,
    dryRun: Type.Optional(Type.Boolean({ description: 'Only says how many it would read.' })),
    cursor: Type.Optional(Type.String({ maxLength: 64, description: 'The `next` of the call before.' })),
  },
  { additionalProperties: false },
);

/** Raw events that one call reads again. */
const rereadAtMost = 100;

const RawBytes = {
  description: 'The bytes as they came.',
  content: {
    'application/octet-stream': { schema: Type.Unsafe<Buffer>({ type: 'string', format: 'binary' }) },
  },
};

/** Raw events: listed with what gave no receipt, opened, and read again. */
export function rawEventApi(api: Api, deps: RawEventApiDeps): void {
  listRawEvents(api, deps);
  readBytes(api, deps);
  readRemarks(api, deps);
  rereadOne(api, deps);
  rereadMany(api, deps);
}

function listRawEvents(api: Api, { store }: RawEventApiDeps): void {
  api.get(
    '/raw-events',
    {
      ...needs('viewer'),
      schema: describe(
        'List what channels posted, newest first; a page may be short, or empty, and still lead on',
        'receipts',
        { querystring: listQuery({ ...filterMembers, ...period }) },
        { 200: pageOf(RawEventAnswer) },
      ),
    },
    async (request) => {
      const { items, next } = await store.listRawEvents(
        callerOf(request).accountId,
        toFilter(request.query),
        toPageRequest(request.query),
      );
      return { items: items.map(toRawEvent), next };
    },
  );
}

function readBytes(api: Api, { store }: RawEventApiDeps): void {
  api.get(
    '/raw-events/:rawEventId',
    {
      ...needs('viewer'),
      schema: describe(
        'Read the bytes that a channel posted',
        'receipts',
        { params: Params },
        { 200: RawBytes },
        'not_found',
      ),
    },
    async (request, reply) => {
      const raw = await store.findRawEvent(callerOf(request).accountId, Number(request.params.rawEventId));
      if (raw === undefined) throw notFound('raw event');
      return reply
        .type('application/octet-stream')
        .header('content-disposition', `attachment; filename="${raw.id}.bin"`)
        .send(Buffer.from(raw.body));
    },
  );
}

function readRemarks(api: Api, { store }: RawEventApiDeps): void {
  api.get(
    '/raw-events/:rawEventId/remarks',
    {
      ...needs('viewer'),
      schema: describe(
        'Read what is said of a raw event',
        'receipts',
        { params: Params },
        { 200: RawEventAnswer },
        'not_found',
      ),
    },
    async (request) =>
      toRawEvent(await findEntry(store, callerOf(request).accountId, request.params.rawEventId)),
  );
}

function rereadOne(api: Api, { store, reread }: RawEventApiDeps): void {
  api.post(
    '/raw-events/:rawEventId/reread',
    {
      ...needs('operator'),
      schema: describe(
        'Read a raw event again: what is understood by now becomes receipts, what was told before is not told again',
        'receipts',
        { params: Params },
        { 200: RereadAnswer },
        'not_found',
      ),
    },
    async (request) => reread(await findEntry(store, callerOf(request).accountId, request.params.rawEventId)),
  );
}

function rereadMany(api: Api, { store, reread }: RawEventApiDeps): void {
  api.post(
    '/raw-events/reread',
    {
      ...needs('operator'),
      schema: describe(
        `Read raw events again of which something gave no receipt, newest first, up to ${rereadAtMost} a call`,
        'receipts',
        { body: RereadMany },
        { 200: RereadManyAnswer },
      ),
    },
    async (request) => {
      const { dryRun = false, cursor, ...query } = request.body;
      const filter = { ...toFilter(query), remarked: true };
      const page = { limit: rereadAtMost, ...(cursor === undefined ? {} : { cursor }) };
      const { items, next } = await store.listRawEvents(callerOf(request).accountId, filter, page);
      const sum = { events: items.length, fresh: 0, repeats: 0, unrouted: 0, notRead: 0, remarks: 0 };
      for (const entry of dryRun ? [] : items) addTo(sum, await reread(entry));
      return { ...sum, next };
    },
  );
}

async function findEntry(
  store: Pick<Store, 'findRawEventEntry'>,
  accountId: AccountId,
  rawEventId: string,
): Promise<RawEventEntry> {
  const entry = await store.findRawEventEntry(accountId, Number(rawEventId));
  if (entry === undefined) throw notFound('raw event');
  return entry;
}

function addTo(
  sum: Record<'fresh' | 'repeats' | 'unrouted' | 'notRead' | 'remarks', number>,
  one: Reread,
): void {
  sum.fresh += one.fresh;
  sum.repeats += one.repeats;
  sum.unrouted += one.unrouted;
  sum.remarks += one.remarks.length;
  if (one.outcome !== 'read') sum.notRead += 1;
}

function toFilter(
  query: Omit<RawEventFilter, 'since' | 'until'> & { since?: string; until?: string },
): RawEventFilter {
  const { channelId, remarked, reason, mayBeMessage } = query;
  return {
    ...(channelId === undefined ? {} : { channelId }),
    ...(remarked === undefined ? {} : { remarked }),
    ...(reason === undefined ? {} : { reason }),
    ...(mayBeMessage === undefined ? {} : { mayBeMessage }),
    ...toPeriod(query),
  };
}

function toRawEvent({
  id,
  channelId,
  receivedAt,
  remarks,
  reader,
}: RawEventEntry): Static<typeof RawEventAnswer> {
  return { rawEventId: String(id), channelId, receivedAt: toTime(receivedAt), remarks: [...remarks], reader };
}
