// The live tail: receipts as they are recorded, on whichever node, as server-sent events (HTML Living Standard 9.2).
import { Type } from '@fastify/type-provider-typebox';
import type { FastifyReply } from 'fastify';
import type { ServerResponse } from 'node:http';
import type { AccountId } from '../../domain/account.ts';
import { GatewayError } from '../../domain/errors.ts';
import { receiptTypes } from '../../domain/receipt.ts';
import type { Receipt } from '../../domain/receipt.ts';
import { Shares } from '../../domain/shares.ts';
import type { Page, ReceiptFilter, Views } from '../../store/store.ts';
import type { Emit } from '../../telemetry/events.ts';
import { needs } from './access.ts';
import { callerOf, isStillAllowed } from './auth.ts';
import type { ApiDeps, TailLimits } from './deps.ts';
import { toBareDigits } from '../../core/channels/ownership.ts';
import { toReceipt } from './receipts.ts';
import { describe } from './route.ts';
import type { Api } from './route.ts';
import { closed } from './schemas.ts';
import type { Time } from '../../runtime/clock.ts';

/** What these routes work with. */
type TailApiDeps = ApiDeps<'findSession' | 'listReceipts'>;

/** How often the store is asked, once for all who look for the same. */
const tickMs = 500;
/** Looking may take this part of the time: when it takes long, the next look comes later. */
const lookShare = 0.05;
const maxTickMs = 5000;
/** Receipts shown at a look; nobody reads more, and what is above it costs the intake nothing. */
const maxShown = 20;
/** So far back from the one before a look goes: receipts of other nodes may be committed out of order. */
const windowMs = 3000;
const pingMs = 15_000;
/** A session that has ended, or a key that has been switched off, is noticed after this long. */
const checkMs = 30_000;
/** Different filters at once, each of which costs a query a tick: over all accounts, and of one. */
const maxGroups = 80;
const maxGroupsPerAccount = 20;
/** What a reader may leave unread before it is dropped. */
export const maxUnreadBytes = 256 * 1024;

/** Said once a reader misses nothing that is recorded from then on; what was before it finds in the list. */
const ready = 'event: ready\ndata: {}\n\n';

interface Reader {
  readonly response: ServerResponse;
  readonly isStillAllowed: () => Promise<boolean>;
  checkedAt: number;
}

/** Those who look for the same: one query and one text for all of them. */
interface Group {
  readonly accountId: AccountId;
  readonly filter: ReceiptFilter;
  readonly readers: Set<Reader>;
  /** Ids that were shown and may be found again. */
  seen: Set<number>;
  /** When its store was last asked; null while nothing was. What is there at the first look is not new. */
  lookedAt: number | null;
  isLooking: boolean;
  /** Whether what is there already is marked as seen, so that all that comes from now on is told. */
  isReady: boolean;
  /** Gives its place among the filters back. */
  readonly end: () => void;
}

interface TailDeps extends Time {
  readonly tail: TailLimits;
  readonly store: Pick<Views, 'listReceipts'>;
  readonly emit: Emit;
  /** How long to wait between looks, in milliseconds. */
  readonly tickMs?: number;
}

/**
 * Feeds readers with receipts. A reader that leaves more than a bounded amount unread is dropped, not buffered for; `close`
 * says goodbye to all.
 */
export class Tail {
  readonly #deps: TailDeps;
  readonly #monotonic: () => number;
  readonly #groups = new Map<string, Group>();
  readonly #readers: Shares<AccountId>;
  readonly #filters = new Shares<AccountId>({ total: maxGroups, each: maxGroupsPerAccount });
  #timer: NodeJS.Timeout | undefined;
  #isRunning = false;
  #isClosed = false;
  #pingedAt = Number.NEGATIVE_INFINITY;

  constructor(deps: TailDeps) {
    this.#deps = deps;
    this.#monotonic = deps.monotonic;
    const { readers, readersPerAccount } = deps.tail;
    this.#readers = new Shares({ total: readers, each: readersPerAccount });
  }

  /** Whether another reader may come; throws `too_many` when not. */
  checkRoom(accountId: AccountId, filter: ReceiptFilter): void {
    if (this.#readers.held(accountId) >= this.#deps.tail.readersPerAccount)
      throw new GatewayError('too_many', 'Too many of this account are watching already. Close one first.');
    if (this.#readers.room(accountId) === 0)
      throw new GatewayError('too_many', 'Too many are watching already. Try again later.');
    if (!this.#groups.has(toKey(accountId, filter)) && this.#filters.room(accountId) === 0)
      throw new GatewayError(
        'too_many',
        'Too many different filters are being watched. Watch with the filter of others, or try again later.',
      );
  }

  /** Adds a reader until his connection ends. The response's head has been written. */
  add(
    accountId: AccountId,
    filter: ReceiptFilter,
    response: ServerResponse,
    isStillAllowed: () => Promise<boolean>,
  ): void {
    const key = toKey(accountId, filter);
    const group = this.#groups.get(key) ?? {
      accountId,
      filter,
      readers: new Set(),
      seen: new Set(),
      lookedAt: null,
      isLooking: false,
      isReady: false,
      end: this.#filters.take(accountId),
    };
    const reader = { response, isStillAllowed, checkedAt: this.#monotonic() };
    this.#groups.set(key, group);
    group.readers.add(reader);
    const leave = this.#readers.take(accountId);
    response.write('retry: 3000\n\n');
    response.once('close', () => {
      group.readers.delete(reader);
      leave();
      if (group.readers.size > 0) return;
      if (this.#groups.get(key) === group) this.#groups.delete(key);
      group.end();
    });
    response.on('error', () => undefined);
    // What is there already is not new: it is marked as seen before anything is shown.
    if (group.isReady) response.write(ready);
    else if (group.lookedAt === null) void this.#look(group);
    if (!this.#isRunning) void this.#run();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    for (const { readers } of this.#groups.values())
      for (const { response } of readers)
        response.end('event: bye\ndata: {"reason":"The service stops."}\n\n');
  }

  /** Looks for all groups, then again after a while, for as long as there are readers. */
  async #run(): Promise<void> {
    this.#isRunning = this.#readers.taken > 0 && !this.#isClosed;
    if (!this.#isRunning) return;
    const now = this.#monotonic();
    const isPing = now - this.#pingedAt >= pingMs;
    if (isPing) this.#pingedAt = now;
    for (const group of [...this.#groups.values()]) {
      if (isPing) this.#send(group, ': ping\n\n');
      for (const reader of group.readers)
        if (now - reader.checkedAt >= checkMs) void this.#check(reader, now);
      await this.#look(group);
    }
    const tookMs = this.#monotonic() - now;
    const waitMs = Math.max(this.#deps.tickMs ?? tickMs, Math.min(tookMs / lookShare, maxTickMs));
    if (!this.#isClosed) this.#timer = setTimeout(() => void this.#run(), waitMs);
  }

  async #check(reader: Reader, now: number): Promise<void> {
    reader.checkedAt = now;
    // A store that is away decides nothing: the next look does.
    const isAllowed = await reader.isStillAllowed().catch(() => true);
    if (!isAllowed) reader.response.end('event: bye\ndata: {"reason":"The session has ended."}\n\n');
  }

  async #look(group: Group): Promise<void> {
    if (group.isLooking) return;
    group.isLooking = true;
    const now = this.#deps.now();
    const isFirst = group.lookedAt === null;
    // The clock may have been set back since.
    const since = Math.min(group.lookedAt ?? now, now) - windowMs;
    group.lookedAt = now;
    try {
      const { items, next } = await this.#list(group, since);
      const fresh = items.filter(({ id }) => !group.seen.has(id));
      group.seen = new Set(items.map(({ id }) => id));
      if (isFirst || fresh.length === 0) return;
      const shown = fresh.slice(0, maxShown).reverse();
      const isMore = fresh.length > shown.length || (next !== null && fresh.length === items.length);
      const texts = shown.map(
        (receipt) => `event: receipt\nid: ${receipt.id}\ndata: ${JSON.stringify(toReceipt(receipt))}\n\n`,
      );
      this.#send(group, (isMore ? 'event: skipped\ndata: {}\n\n' : '') + texts.join(''));
    } catch (error) {
      if (!(error instanceof GatewayError)) this.#deps.emit('unit.crashed', { unit: 'console.tail', error });
    } finally {
      group.isLooking = false;
      if (isFirst) {
        group.isReady = true;
        this.#send(group, ready);
      }
    }
  }

  /** The newest receipts of a group since then; a page of a listing with a filter may be short and still lead on. */
  async #list({ accountId, filter }: Group, since: number): Promise<Page<Receipt>> {
    const items: Receipt[] = [];
    let next: string | null = null;
    do {
      const limit = 2 * maxShown - items.length;
      const page: Page<Receipt> = await this.#deps.store.listReceipts(
        accountId,
        { ...filter, since },
        { limit, ...(next === null ? {} : { cursor: next }) },
      );
      items.push(...page.items);
      next = page.next;
    } while (next !== null && items.length < 2 * maxShown);
    return { items, next };
  }

  #send({ readers }: Group, text: string): void {
    const chunk = Buffer.from(text);
    for (const { response } of readers) {
      if (response.writableLength > maxUnreadBytes) response.destroy();
      else response.write(chunk);
    }
  }
}

const TailQuery = Type.Object(
  {
    type: Type.Optional(Type.Enum([...receiptTypes])),
    channelId: Type.Optional(Type.String({ maxLength: 64 })),
    senderId: Type.Optional(Type.String({ maxLength: 64 })),
  },
  closed,
);

const Stream = {
  description:
    'Events `ready` (what is recorded from now on is told), `receipt` (a Receipt as JSON), `skipped` (more came than is shown) and `bye`.',
  content: { 'text/event-stream': { schema: Type.String() } },
};

/** Serves the live tail. */
export function tailApi(api: Api, deps: TailApiDeps): void {
  const tail = new Tail(deps);
  api.addHook('preClose', (done) => {
    tail.close();
    done();
  });
  api.get(
    '/tail',
    {
      ...needs('viewer', 'receive'),
      schema: describe(
        'Follow receipts as they are recorded',
        'receipts',
        { querystring: TailQuery },
        { 200: Stream },
        'too_many',
      ),
    },
    (request, reply) => {
      const { accountId } = callerOf(request);
      const { type, channelId, senderId } = request.query;
      const filter: ReceiptFilter = {
        ...(type === undefined ? {} : { type }),
        ...(channelId === undefined ? {} : { channelId }),
        ...(senderId === undefined ? {} : { senderId: toBareDigits(senderId) }),
      };
      tail.checkRoom(accountId, filter);
      open(reply);
      tail.add(accountId, filter, reply.raw, () => isStillAllowed(request, deps));
    },
  );
}

/** Writes the head of a stream, with the headers that every answer of the scope has. */
function open(reply: FastifyReply): void {
  reply.hijack();
  const headers = Object.entries(reply.getHeaders()).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, String(value)]],
  );
  reply.raw.writeHead(200, {
    ...Object.fromEntries(headers),
    'content-type': 'text/event-stream; charset=utf-8',
    // Proxies that gather answers would hold the events back.
    'x-accel-buffering': 'no',
  });
}

function toKey(accountId: AccountId, filter: ReceiptFilter): string {
  return JSON.stringify([accountId, filter]);
}
