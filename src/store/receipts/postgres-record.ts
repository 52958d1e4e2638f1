// The way in: raw events with all that comes of them, many at once, in one call of a function of the schema.
import type { AccountId } from '../../domain/account.ts';
import { receiptQueueAttributes } from '../../domain/queue.ts';
import { toSubjectDigits, toSubjectLane, toSubjectText } from '../../domain/receipt.ts';
import { toWellFormedJson } from '../../domain/foreign-text.ts';
import { packBody } from './rows.ts';
import { toRemarked } from '../remarks/rows.ts';
import type { Intake, NewReceipt, Recorded, Signal } from '../store.ts';
import { tellCall, toAliasRows } from '../aliases/postgres.ts';
import { byteas, int8s, texts } from '../postgres/arrays.ts';
import { Batches } from '../postgres/batches.ts';
import { isOwnFault } from '../postgres/connection.ts';
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

async function record(db: Connection, intakes: readonly Intake[]): Promise<Recorded[]> {
  const [first] = intakes;
  if (first === undefined) return [];
  const { accountId } = first;
  const rows: NumberedReceipt[] = [];
  const recorded = intakes.map((intake) => {
    const rawEventId = intake.reread?.rawEventId ?? db.nextId();
    const receiptIds = intake.receipts.map((receipt) => {
      const id = db.nextId();
      rows.push({ id, rawEventId, receipt });
      return id;
    });
    return { intake, rawEventId, receiptIds };
  });
  const kept = recorded.filter(({ intake }) => intake.reread === undefined);
  const packed = kept.map(({ intake }) => packBody(intake.body));
  const origins = new Shared<NumberedReceipt['receipt']>();
  const queues = new Shared<string>();
  const destinations = new Shared<number>();
  const originOf = ({ receipt }: NumberedReceipt): number => {
    const { facts, channelId, senderId } = receipt;
    return origins.placeOf(`${facts.type}/${channelId}/${senderId ?? ''}`, receipt);
  };
  const receiptOrigins = rows.map(originOf);
  const receiptQueues = rows.map(({ receipt: { queue } }) =>
    queue === null ? null : queues.placeOf(queue.name, queue.name),
  );
  const receiptDestinations = rows.map(({ receipt: { destinationId } }) =>
    destinationId === null ? null : destinations.placeOf(destinationId, destinationId),
  );
  const aliases = rows.flatMap(({ receipt: { aliases: told = [] } }) => told);
  // Told last, when nothing else is waited for: two that tell of the same user hold each other up and never lock each other out.
  const told = aliases.length === 0 ? [] : [toAliasRows(aliases)];
  const said = toSaid(recorded);
  const saidCall = said === null ? '' : `, keep_remarked($1, $${32 + told.length}, $${33 + told.length})`;
  const [outcome] = await db.call<Outcome & Record<string, unknown>>(
    `SELECT r.*${aliases.length === 0 ? '' : `, ${tellCall('$32')} AS told`} FROM record_intake($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21,
       $22, $23, $24, $25, $26, $27, $28, $29, $30, $31) r${saidCall}`,
    [
      accountId,
      db.now(),
      int8s(kept.map(({ rawEventId }) => rawEventId)),
      texts(kept.map(({ intake }) => intake.channelId)),
      int8s(kept.map(({ intake }) => intake.receivedAt)),
      int8s(packed.map((body) => body.packed)),
      byteas(packed.map(({ stored }) => stored)),
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
      int8s(rows.map(({ receipt }) => toOwnSubject(receipt))),
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
      toExtras(recorded, rows, db.now()),
      ...told,
      ...(said ?? []),
    ],
  );
  if (outcome === undefined) throw new Error('The function gave no answer.');
  tell(db, accountId, intakes, outcome);
  const isFresh = outcome.fresh === null ? null : new Set(outcome.fresh);
  const isDropped = new Set(outcome.dropped);
  return recorded.map(({ rawEventId, receiptIds }) => ({
    rawEventId,
    receipts: receiptIds.map((id) => {
      if (isFresh !== null && !isFresh.has(id)) return 'repeat';
      return isDropped.has(id) ? 'dropped' : 'fresh';
    }),
  }));
}

/** What is said of raw events, and which of them had something said of them before; null when there is nothing of either. */
function toSaid(
  recorded: readonly { readonly intake: Intake; readonly rawEventId: number }[],
): readonly [Buffer, string] | null {
  const read = recorded.filter(
    ({ intake: { reread } }) => reread !== undefined && reread.route === undefined,
  );
  const rows = recorded.flatMap(({ intake, rawEventId }) => {
    const row = toRemarked(intake);
    if (row === undefined) return [];
    const { fromUser, reader, remarks } = row;
    const { channelId: channel, receivedAt: at } = intake;
    return [{ raw: rawEventId, channel, at, from_user: fromUser, reader, remarks }];
  });
  if (read.length + rows.length === 0) return null;
  return [int8s(read.map(({ rawEventId }) => rawEventId)), JSON.stringify(rows)];
}

/** What a receipt is searched by, where its key does not begin with it. */
function toOwnSubject({ receiptId, facts }: NewReceipt): number | null {
  const digits = toSubjectDigits(toSubjectText(facts));
  return receiptId.startsWith(digits) ? null : Number.parseInt(digits, 16);
}

/** What only few have, as JSON: parts of receipts, events that nobody owns, and those that are read again. */
function toExtras(
  recorded: readonly { readonly intake: Intake; readonly rawEventId: number }[],
  rows: readonly NumberedReceipt[],
  now: number,
): string {
  const unrouted = recorded.flatMap(({ intake, rawEventId }) =>
    intake.unrouted.map(({ route, index }) => ({
      by: route.by,
      route: route.id,
      raw: rawEventId,
      position: index,
      channel: intake.channelId,
      at: intake.receivedAt,
    })),
  );
  const reread = recorded.flatMap(({ intake, rawEventId }) =>
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
