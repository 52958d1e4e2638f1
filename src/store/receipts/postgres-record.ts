// The way in: raw events with all that comes of them, many at once, in one call of a function of the schema.
import type { AccountId } from '../../domain/account.ts';
import { receiptQueueAttributes } from '../../domain/queue.ts';
import { toSubjectLane } from '../../domain/receipt.ts';
import { toWellFormedJson } from '../../domain/foreign-text.ts';
import { packBody } from './rows.ts';
import { toRemarked } from '../remarks/rows.ts';
import type { Intake, NewReceipt, Recorded, Signal } from '../store.ts';
import { tellCall, toAliasRows } from '../aliases/postgres.ts';
import { byteas, int8s, texts } from '../postgres/arrays.ts';
import { Batches } from '../postgres/batches.ts';
import { isOwnFault } from '../postgres/faults.ts';
import type { Connection } from '../postgres/connection.ts';
import { toSettlementRow } from '../outbound/postgres.ts';

/** Most raw events and receipts that calls record in one transaction, if more than one call shares it. */
const maxWeight = 256;
const lanes = 2;

/** What the function answers. */
interface Outcome {
  /** Null when all were. */
  readonly fresh: readonly number[] | null;
  readonly dropped: readonly number[];
  readonly queues: readonly number[];
  readonly destinations: readonly number[];
  readonly made: boolean;
}

/** What a batch is recorded by. The places of all that comes behind its own are those of {@link record}. */
const statements = {
  plain: statementOf(false, false),
  telling: statementOf(true, false),
  saying: statementOf(false, true),
  tellingAndSaying: statementOf(true, true),
};

/**
 * What users' ids are told of is told last, when nothing else is waited for: two that tell of the same user hold each other up and
 * never lock each other out.
 */
function statementOf(tells: boolean, says: boolean): string {
  const own = Array.from({ length: 31 }, (_, n) => `$${n + 1}`).join(', ');
  const told = tells ? `, ${tellCall('$32')} AS told` : '';
  const [read, rows] = tells ? ['$33', '$34'] : ['$32', '$33'];
  const said = says ? `, keep_remarked($1, ${read}, ${rows})` : '';
  return `SELECT r.*${told} FROM record_intake(${own}) r${said}`;
}

const receiptQueueAttributesText = JSON.stringify(receiptQueueAttributes);

interface NumberedReceipt {
  readonly id: number;
  readonly rawEventId: number;
  readonly receipt: NewReceipt;
}

/** Values that many rows share, each passed once and named by its place, from 1 on. */
class Shared<T> {
  readonly values: T[] = [];
  readonly #places = new Map<string | number, number>();

  placeOf(key: string | number, value: T): number {
    const known = this.#places.get(key);
    if (known !== undefined) return known;
    this.values.push(value);
    this.#places.set(key, this.values.length);
    return this.values.length;
  }
}

/** Records raw events of one account or many, those of one account together. */
export function createRecordIntake(
  db: Connection,
): (intakes: readonly Intake[]) => Promise<readonly Recorded[]> {
  const batches = new Batches<readonly Intake[], readonly Recorded[]>(
    {
      run: async (inputs) => {
        const recorded = await record(db, inputs.flat());
        return inputs.map((input) => recorded.splice(0, input.length));
      },
      weigh: (input) => input.reduce((sum, intake) => sum + 1 + intake.receipts.length, 0),
      maxWeight,
      lanes,
    },
    isOwnFault,
  );
  return async (intakes) => {
    const recorded = new Map<Intake, Recorded>();
    const byAccount = Map.groupBy(intakes, ({ accountId }) => accountId);
    await Promise.all(
      [...byAccount].map(async ([accountId, own]) => {
        const outcomes = await batches.add(String(accountId), own);
        own.forEach((intake, index) => {
          const outcome = outcomes[index];
          if (outcome !== undefined) recorded.set(intake, outcome);
        });
      }),
    );
    return intakes.map((intake) => {
      const outcome = recorded.get(intake);
      if (outcome === undefined) throw new Error('An intake has no outcome.');
      return outcome;
    });
  };
}

/** A raw event by its number, with those of its receipts. */
interface NumberedIntake {
  readonly intake: Intake;
  readonly rawEventId: number;
  readonly receiptIds: readonly number[];
}

async function record(db: Connection, intakes: readonly Intake[]): Promise<Recorded[]> {
  const [first] = intakes;
  if (first === undefined) return [];
  const { accountId } = first;
  const { events, receipts } = number(intakes, db);
  const aliases = receipts.flatMap(({ receipt: { aliases: told = [] } }) => told);
  const said = toSaid(events);
  const now = db.now();
  const [outcome] = await db.call<Outcome & Record<string, unknown>>(
    toStatement(aliases.length > 0, said !== null),
    [
      accountId,
      now,
      ...toEventColumns(events),
      ...toReceiptColumns(receipts),
      toExtras(events, receipts, now),
      ...(aliases.length === 0 ? [] : [toAliasRows(aliases)]),
      ...(said ?? []),
    ],
  );
  if (outcome === undefined) throw new Error('The function gave no answer.');
  tell(db, accountId, intakes, outcome);
  return toRecorded(events, outcome);
}

/** The statement of a batch that tells of users' ids, and says something of raw events, or does neither. */
function toStatement(tells: boolean, says: boolean): string {
  if (tells) return says ? statements.tellingAndSaying : statements.telling;
  return says ? statements.saying : statements.plain;
}

/** Gives raw events and receipts their numbers; an event that is read again has its own. */
function number(
  intakes: readonly Intake[],
  db: Pick<Connection, 'nextId'>,
): { readonly events: readonly NumberedIntake[]; readonly receipts: readonly NumberedReceipt[] } {
  const receipts: NumberedReceipt[] = [];
  const events = intakes.map((intake) => {
    const rawEventId = intake.reread?.rawEventId ?? db.nextId();
    const receiptIds = intake.receipts.map((receipt) => {
      const id = db.nextId();
      receipts.push({ id, rawEventId, receipt });
      return id;
    });
    return { intake, rawEventId, receiptIds };
  });
  return { events, receipts };
}

/** Raw events, a list a column; one that is read again is there already. */
function toEventColumns(events: readonly NumberedIntake[]): Buffer[] {
  const kept = events.filter(({ intake }) => intake.reread === undefined);
  const packed = kept.map(({ intake }) => packBody(intake.body));
  return [
    int8s(kept.map(({ rawEventId }) => rawEventId)),
    texts(kept.map(({ intake }) => intake.channelId)),
    int8s(kept.map(({ intake }) => intake.receivedAt)),
    int8s(packed.map((body) => body.packed)),
    byteas(packed.map(({ stored }) => stored)),
  ];
}

/** Receipts, a list a column, behind what many of them share: where they came from, queues and destinations. */
function toReceiptColumns(rows: readonly NumberedReceipt[]): Buffer[] {
  const origins = new Shared<NewReceipt>();
  const queues = new Shared<string>();
  const destinations = new Shared<number>();
  const receiptOrigins = rows.map(({ receipt }) => {
    const { facts, channelId, senderId } = receipt;
    return origins.placeOf(`${facts.type}/${channelId}/${senderId ?? ''}`, receipt);
  });
  const receiptQueues = rows.map(({ receipt: { queue } }) =>
    queue === null ? null : queues.placeOf(queue.name, queue.name),
  );
  const receiptDestinations = rows.map(({ receipt: { destinationId } }) =>
    destinationId === null ? null : destinations.placeOf(destinationId, destinationId),
  );
  return [
    texts(origins.values.map(({ facts }) => facts.type)),
    texts(origins.values.map(({ channelId }) => channelId)),
    texts(origins.values.map(({ channelType }) => channelType)),
    texts(origins.values.map(({ senderId }) => senderId)),
    texts(origins.values.map(({ senderType }) => senderType)),
    texts(queues.values),
    int8s(destinations.values),
    int8s(rows.map(({ id }) => id)),
    byteas(rows.map(({ receipt }) => Buffer.from(receipt.receiptId, 'hex'))),
    int8s(receiptOrigins),
    int8s(rows.map(({ receipt }) => receipt.ownSubject)),
    int8s(rows.map(({ receipt }) => receipt.occurredAt)),
    int8s(rows.map(({ rawEventId }) => rawEventId)),
    int8s(rows.map(({ receipt }) => receipt.index)),
    texts(rows.map(({ receipt }) => JSON.stringify(receipt.facts))),
    int8s(rows.map(({ receipt }) => receipt.progress?.rank ?? 0)),
    int8s(rows.map(({ receipt }) => (receipt.progress?.dropLate === true ? 1 : 0))),
    int8s(rows.map(({ receipt }) => receipt.lane)),
    int8s(rows.map(({ receipt }) => (receipt.lane === toSubjectLane(receipt.receiptId) ? 1 : 0))),
    int8s(rows.map(({ receipt }) => (receipt.outboundId === null ? 0 : 1))),
    int8s(receiptQueues),
    texts(rows.map(({ receipt }) => receipt.queue?.body ?? null)),
    int8s(receiptDestinations),
  ];
}

/** What became of each event's receipts. */
function toRecorded(events: readonly NumberedIntake[], outcome: Outcome): Recorded[] {
  const isFresh = outcome.fresh === null ? null : new Set(outcome.fresh);
  const isDropped = new Set(outcome.dropped);
  return events.map(({ rawEventId, receiptIds }) => ({
    rawEventId,
    receipts: receiptIds.map((id) => {
      if (isFresh !== null && !isFresh.has(id)) return 'repeat';
      return isDropped.has(id) ? 'dropped' : 'fresh';
    }),
  }));
}

/** What is said of raw events, and which of them had something said of them before; null when there is nothing of either. */
function toSaid(events: readonly NumberedIntake[]): readonly [Buffer, string] | null {
  const read = events.filter(({ intake: { reread } }) => reread !== undefined && reread.route === undefined);
  const rows = events.flatMap(({ intake, rawEventId }) => {
    const row = toRemarked(intake);
    if (row === undefined) return [];
    const { fromUser, reader, remarks } = row;
    const { channelId: channel, receivedAt: at } = intake;
    return [{ raw: rawEventId, channel, at, from_user: fromUser, reader, remarks }];
  });
  if (read.length + rows.length === 0) return null;
  return [int8s(read.map(({ rawEventId }) => rawEventId)), JSON.stringify(rows)];
}

/** What only few have, as JSON: parts of receipts, events that nobody owns, and those that are read again. */
function toExtras(events: readonly NumberedIntake[], rows: readonly NumberedReceipt[], now: number): string {
  const unrouted = events.flatMap(({ intake, rawEventId }) =>
    intake.unrouted.map(({ route, index }) => ({
      by: route.by,
      route: route.id,
      raw: rawEventId,
      position: index,
      channel: intake.channelId,
      at: intake.receivedAt,
    })),
  );
  const reread = events.flatMap(({ intake, rawEventId }) =>
    intake.reread?.route === undefined
      ? []
      : [{ raw: rawEventId, by: intake.reread.route.by, route: intake.reread.route.id }],
  );
  const contents = rows.flatMap(({ id, receipt: { content } }) =>
    content === null ? [] : [{ id, body: JSON.stringify(content) }],
  );
  const media = rows.flatMap(({ id, receipt: { media: file, channelId, senderId } }) =>
    file === null
      ? []
      : [
          {
            id,
            media: file.id,
            channel: channelId,
            sender: senderId ?? '',
            channel_media: file.channelMediaId,
            mime_type: file.mimeType,
            file_name: file.fileName,
            sha256: file.sha256,
          },
        ],
  );
  const outbound = rows.flatMap(({ id, receipt: { outboundId, facts, progress } }) =>
    outboundId === null || facts.type !== 'ChatAppStatus'
      ? []
      : [{ id, outbound: outboundId, status: facts.status, rank: progress?.rank ?? 0 }],
  );
  const templates = rows.flatMap(({ id, receipt: { template, channelId } }) =>
    template === null ? [] : [{ id, channel: channelId, ...template }],
  );
  // What statuses told of messages' ids at the channel.
  const namings = rows.flatMap(({ receipt: { outboundId, naming } }) =>
    outboundId === null || naming === undefined ? [] : [toNamingRow(outboundId, naming, now)],
  );
  const extras = { unrouted, reread, contents, media, outbound, templates, namings };
  const given = Object.entries(extras).filter(([, list]) => list.length > 0);
  return toWellFormedJson(
    JSON.stringify({ queue: receiptQueueAttributesText, ...Object.fromEntries(given) }),
  );
}

function toNamingRow(id: number, naming: NonNullable<NewReceipt['naming']>, now: number): object {
  const { channelMessageId, sentAt, attempt } = naming;
  const next = { kind: 'accepted', channelMessageId, nextStepAt: null } as const;
  return {
    outbound: id,
    channel_message: channelMessageId,
    sent: sentAt,
    ...(attempt === undefined ? {} : { now, settled: toSettlementRow({ id, attempt, next }) }),
  };
}

function tell(db: Connection, accountId: AccountId, intakes: readonly Intake[], outcome: Outcome): void {
  const hasMedia = intakes.some((intake) => intake.receipts.some(({ media }) => media !== null));
  db.signals.tell([
    ...(outcome.made ? [{ kind: 'directory', accountId } as const] : []),
    ...outcome.queues.map((queueId): Signal => ({ kind: 'queue', accountId, queueId })),
    ...outcome.destinations.map((destinationId): Signal => ({
      kind: 'deliveries',
      accountId,
      destinationId,
    })),
    ...(hasMedia ? [{ kind: 'media' } as const] : []),
    // A status may have let the next message of a recipient go.
    ...intakes.flatMap(({ receipts }) =>
      receipts.flatMap(({ channelId, senderId, outboundId }): Signal[] =>
        outboundId === null || senderId === null
          ? []
          : [{ kind: 'outbound', accountId, channelId, senderId }],
      ),
    ),
  ]);
}
