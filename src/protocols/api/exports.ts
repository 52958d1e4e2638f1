// Lists as files: all that a filter finds, written as it is read, so that nobody on the way ever holds the whole of it.
import { Readable } from 'node:stream';
import { Type } from '@fastify/type-provider-typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AccountId } from '../../domain/account.ts';
import { GatewayError } from '../../domain/errors.ts';
import { Shares } from '../../domain/shares.ts';
import type { ListedDelivery, Page, PageRequest } from '../../store/store.ts';
import { needs } from './access.ts';
import { callerOf, isStillAllowed } from './auth.ts';
import { toCsvHead, toCsvLine } from './csv.ts';
import type { CsvCell } from './csv.ts';
import { toDeliveryFilter, toDeliveryAnswer } from './deliveries.ts';
import type { ApiDeps } from './deps.ts';
import { search } from './message-search.ts';
import { toReceipt, toReceiptFilter } from './receipts.ts';
import { describe } from './route.ts';
import type { Api } from './route.ts';
import { deliveryFilters } from './schemas-deliveries.ts';
import { messageFilters } from './schemas-messages.ts';
import { receiptFilters } from './schemas-receipts.ts';
import { closed } from './schemas.ts';

/** What these routes work with. */
type ExportApiDeps = ApiDeps<
  | 'findOutbound'
  | 'findSession'
  | 'findSpellings'
  | 'listDeliveries'
  | 'listOutbound'
  | 'listReceipts'
  | 'recordChange'
>;

/** Exports at once on this node, and of one account: each asks the store for page after page. */
const places = { total: 8, each: 2 };
const pageRows = 500;
/** A session that has ended, or a key that has been switched off, is noticed after this long. */
const checkMs = 30_000;

const form = {
  format: Type.Enum(['csv', 'ndjson']),
  spreadsheet: Type.Optional(
    Type.Boolean({
      description:
        'Of CSV: begins with a byte order mark, and has a tab before ids of many digits, so that a spreadsheet keeps them whole.',
    }),
  ),
};

const File = {
  description:
    'Rows as in the list, newest first, of deliveries with `nextTryAt`; what breaks off before its end was not finished.',
  content: {
    'text/csv': { schema: Type.String() },
    'application/x-ndjson': { schema: Type.String() },
  },
};

interface Form {
  readonly format: 'csv' | 'ndjson';
  readonly spreadsheet?: boolean;
}

type Row = Readonly<Record<string, unknown>>;
type List = (page: PageRequest) => Promise<Page<Row>>;

const columns = {
  messages: [
    ...[
      'at',
      'direction',
      'number',
      'channelId',
      'channelType',
      'senderId',
      'messageId',
      'channelMessageId',
      'receiptId',
    ],
    ...['type', 'text', 'templateCode', 'templateName', 'language', 'taskId', 'groupId', 'state', 'status'],
  ],
  receipts: [
    ...['recordedAt', 'occurredAt', 'receiptId', 'type', 'channelId', 'channelType', 'senderId'],
    ...['superseded', 'unmatched', 'facts', 'content'],
  ],
  deliveries: [
    ...['createdAt', 'id', 'receiptId', 'destinationId', 'state', 'attempts', 'dueAt', 'unwantedSince'],
    ...['type', 'what', 'user', 'channelId', 'senderId'],
    ...['lastTry.at', 'lastTry.durationMs', 'lastTry.status', 'lastTry.outcome', 'nextTryAt'],
  ],
} as const;

type Name = keyof typeof columns;

/** The lists of messages, receipts and deliveries as files. */
export function exportApi(api: Api, deps: ExportApiDeps): void {
  const { store } = deps;
  const send = createSender(deps);
  const answers = { 200: File } as const;
  const messages = { querystring: Type.Object({ ...form, ...messageFilters }, closed) };
  api.get(
    '/exports/messages',
    {
      ...needs('viewer'),
      schema: describe(
        'Export the messages of a search, with their whole text',
        'messages',
        messages,
        answers,
        'too_many',
      ),
    },
    (request, reply) => {
      const { format: _format, spreadsheet: _spreadsheet, ...query } = request.query;
      const { accountId } = callerOf(request);
      return send(request, reply, 'messages', (page) =>
        search(store, accountId, { ...query, ...page }, Number.POSITIVE_INFINITY),
      );
    },
  );
  const receipts = { querystring: Type.Object({ ...form, ...receiptFilters }, closed) };
  api.get(
    '/exports/receipts',
    {
      ...needs('viewer', 'receive'),
      schema: describe('Export receipts', 'receipts', receipts, answers, 'too_many'),
    },
    (request, reply) => {
      const { accountId } = callerOf(request);
      const filter = toReceiptFilter(request.query);
      return send(request, reply, 'receipts', async (page) => {
        const { items, next } = await store.listReceipts(accountId, filter, page);
        return { items: items.map(toReceipt), next };
      });
    },
  );
  const deliveries = { querystring: Type.Object({ ...form, ...deliveryFilters }, closed) };
  api.get(
    '/exports/deliveries',
    {
      ...needs('viewer'),
      schema: describe('Export deliveries', 'deliveries', deliveries, answers, 'too_many'),
    },
    (request, reply) => {
      const { accountId } = callerOf(request);
      const filter = toDeliveryFilter(request.query);
      return send(request, reply, 'deliveries', async (page) => {
        const { items, next } = await store.listDeliveries(accountId, filter, page);
        return { items: items.map(toExported), next };
      });
    },
  );
}

/** A delivery as it is listed, with when it is tried next: nothing is, of one that is over or waits for something else. */
function toExported(delivery: ListedDelivery): Row {
  const listed = toDeliveryAnswer(delivery);
  return { ...listed, nextTryAt: listed.state === 'waiting' ? listed.dueAt : null };
}

type Exported = FastifyRequest<{ Querystring: Form & Record<string, unknown> }>;

/** Sends a list as a file. The journal tells that it went out and what it was narrowed by, not to whom of the users. */
function createSender(deps: ExportApiDeps) {
  const shares = new Shares<AccountId>(places);
  return async (request: Exported, reply: FastifyReply, name: Name, list: List): Promise<FastifyReply> => {
    const { accountId, actor } = callerOf(request);
    const { format, spreadsheet = false, ...filters } = request.query;
    const leave = takePlace(shares, accountId);
    try {
      const detail = { format, filters: Object.keys(filters).sort() };
      await deps.store.recordChange(accountId, actor, 'list.exported', name, detail);
    } catch (error) {
      leave();
      throw error;
    }
    const day = new Date(deps.now()).toISOString().slice(0, 10);
    const write = format === 'csv' ? toCsv(columns[name], spreadsheet) : toNdjson;
    const file = Readable.from(read(deps, request, list, write), { objectMode: false });
    file.once('close', leave);
    return reply
      .type(format === 'csv' ? 'text/csv; charset=utf-8; header=present' : 'application/x-ndjson')
      .header('content-disposition', `attachment; filename="${name}-${day}.${format}"`)
      .send(file);
  };
}

function takePlace(shares: Shares<AccountId>, accountId: AccountId): () => void {
  if (shares.held(accountId) >= places.each)
    throw new GatewayError('too_many', 'This account has its exports under way already. Let one end first.');
  if (shares.room(accountId) === 0)
    throw new GatewayError('too_many', 'Too many exports are under way already. Try again later.');
  return shares.take(accountId);
}

/** The text of a file, page by page, each read when the one before has gone out. Throws when who asked for it may not any more. */
async function* read(
  deps: ExportApiDeps,
  request: Exported,
  list: List,
  { head, toLine }: { readonly head: string; readonly toLine: (row: Row) => string },
): AsyncGenerator<string> {
  if (head !== '') yield head;
  let checkedAt = deps.monotonic();
  let cursor: string | null = null;
  do {
    const page: Page<Row> = await list({ limit: pageRows, ...(cursor === null ? {} : { cursor }) });
    if (page.items.length > 0) yield page.items.map(toLine).join('');
    if (page.next === null) return;
    const now = deps.monotonic();
    if (now - checkedAt >= checkMs) {
      if (!(await isStillAllowed(request, deps))) throw new GatewayError('session_over');
      checkedAt = now;
    }
    cursor = page.next;
  } while (cursor !== null);
}

const toNdjson = { head: '', toLine: (row: Row): string => `${JSON.stringify(row)}\n` };

function toCsv(names: readonly string[], spreadsheet: boolean) {
  return {
    head: toCsvHead(names, { spreadsheet }),
    toLine: (row: Row) =>
      toCsvLine(
        names.map((name) => toCell(find(row, name))),
        { spreadsheet },
      ),
  };
}

/** A member, or by `lastTry.at` one of a member's; null of one that is null itself. */
function find(row: Row, name: string): unknown {
  const [outer = '', inner] = name.split('.');
  const value = row[outer];
  if (inner === undefined || value === null || value === undefined) return value;
  return (value as Row)[inner];
}

function toCell(value: unknown): CsvCell {
  if (value === null || value === undefined) return null;
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? value
    : JSON.stringify(value);
}
