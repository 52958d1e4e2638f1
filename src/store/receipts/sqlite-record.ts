// What the calls of one transaction brought: raw events, receipts, and all that hangs on those that are new.
import type { AccountId } from '../../domain/account.ts';
import { queueLimits } from '../../domain/queue.ts';
import { receiptIdParts, toSubjectLane } from '../../domain/receipt.ts';
import { packBody } from './rows.ts';
import type { Intake, NewReceipt, Recorded } from '../store.ts';
import type { AliasTables } from '../aliases/sqlite.ts';
import type { Connection, Transaction } from '../sqlite/connection.ts';
import type { DeliveryTables, NewDelivery } from '../deliveries/sqlite.ts';
import type { MediaTables } from '../media/sqlite.ts';
import type { OutboundSettlements } from '../outbound/sqlite-settlements.ts';
import type { MessageTables } from '../queues/sqlite-messages.ts';
import type { QueueTables } from '../queues/sqlite-queues.ts';
import type { RemarkTables } from '../remarks/sqlite.ts';
import { inParts } from '../sqlite/statement.ts';
import type { TemplateTables } from '../templates/sqlite.ts';
import type { ReceiptKeys, SeenRow } from './sqlite-keys.ts';
import { recordingStatements } from './sqlite-statements.ts';

/** What receipts bring about in other tables, in the same transaction. */
interface Followed {
  readonly aliases: AliasTables;
  readonly deliveries: DeliveryTables;
  readonly keys: ReceiptKeys;
  readonly media: MediaTables;
  readonly messages: MessageTables;
  readonly outbound: OutboundSettlements;
  readonly queues: QueueTables;
  readonly remarks: RemarkTables;
  readonly templates: TemplateTables;
}

/** A receipt that was not there before, under the id that it gets. */
interface Fresh {
  readonly accountId: AccountId;
  readonly rawEventId: number;
  readonly id: number;
  readonly key: Buffer;
  /** How far a status brings its message; 0 for what has no rank. */
  readonly rank: number;
  readonly receipt: NewReceipt;
  readonly superseded: boolean;
  readonly dropped: boolean;
  /** What was known of its subject. */
  readonly related: readonly SeenRow[];
}

/** Where the message of a receipt is. */
interface QueuePlace {
  readonly queueId: number;
  readonly messageId: number;
}

interface Kept {
  readonly rawEventId: number;
  readonly intake: Intake;
}

/** Records receipts, inside a transaction that the caller has. */
export class Recording {
  readonly #db: Connection;
  readonly #followed: Followed;
  readonly #sql;

  constructor(db: Connection, followed: Followed) {
    this.#db = db;
    this.#followed = followed;
    this.#sql = recordingStatements(db);
  }

  /** Records what the calls of one transaction brought, each several intakes, with statements for many rows. */
  record(tx: Transaction, calls: readonly (readonly Intake[])[]): Recorded[][] {
    const now = this.#db.now();
    const intakes = calls.flat();
    const fresh: Fresh[] = [];
    const recorded = this.#keepRaw(intakes).map((kept) => this.#admitAll(kept, fresh));
    for (const part of inParts(fresh)) this.#addReceipts(tx, part, now);
    this.#followed.keys.settle(tx, fresh.length);
    this.#followed.deliveries.add(tx, this.#toDeliveries(fresh), now);
    for (const intake of intakes) this.#tell(tx, intake);
    let start = 0;
    return calls.map(({ length }) => recorded.slice(start, (start += length)));
  }

  /** Keeps the bytes of those that bring some; each with the id of its raw event, in their order. */
  #keepRaw(intakes: readonly Intake[]): Kept[] {
    const rows = intakes.map((intake) => ({
      rawEventId: intake.reread?.rawEventId ?? this.#db.nextId(),
      intake,
    }));
    for (const part of inParts(rows.filter(({ intake }) => intake.reread === undefined))) {
      const values = part.flatMap(({ rawEventId, intake }) => {
        const { packed, stored } = packBody(intake.body);
        const { accountId, channelId, receivedAt } = intake;
        return [rawEventId, accountId, channelId, receivedAt, packed, stored];
      });
      this.#sql.insertRaw.of(part.length).run(...values);
    }
    return rows;
  }

  /** Keeps what of a raw event has no owner and what is said of it, and admits its receipts. */
  #admitAll({ rawEventId, intake }: Kept, fresh: Fresh[]): Recorded {
    const { accountId, channelId, receivedAt, receipts, reread, unrouted } = intake;
    if (reread?.route !== undefined)
      this.#sql.removeUnrouted.run(accountId, rawEventId, reread.route.by, reread.route.id);
    for (const { route, index } of unrouted) {
      const place = [route.by, route.id, rawEventId, index] as const;
      this.#sql.insertUnrouted.run(...place, accountId, channelId, receivedAt, channelId);
    }
    this.#followed.remarks.keep(intake, rawEventId);
    const origin = { accountId, rawEventId };
    return { rawEventId, receipts: receipts.map((receipt) => this.#admit(origin, receipt, fresh)) };
  }

  /** Refuses a repeat by the unique key; what is new is put to `fresh`. */
  #admit(
    origin: Pick<Fresh, 'accountId' | 'rawEventId'>,
    receipt: NewReceipt,
    fresh: Fresh[],
  ): 'fresh' | 'repeat' | 'dropped' {
    const { accountId } = origin;
    const id = this.#db.nextId();
    const key = Buffer.from(receipt.receiptId, 'hex');
    const { progress } = receipt;
    const { keys } = this.#followed;
    const related = keys.findRelated(accountId, receipt.receiptId.slice(0, receiptIdParts.subject));
    if (keys.isKnown(accountId, key, related)) return 'repeat';
    // Rank 0 takes no part and is never late.
    const rank = progress?.rank ?? 0;
    const superseded =
      progress !== null && rank > 0 && rank <= keys.findRank(accountId, progress.key, related);
    const dropped = superseded && progress.dropLate;
    const one: Fresh = { ...origin, id, key, rank, receipt, superseded, dropped, related };
    keys.learn(one);
    fresh.push(one);
    return dropped ? 'dropped' : 'fresh';
  }

  /** Adds what is new with all that hangs on it, but for the deliveries. */
  #addReceipts(tx: Transaction, fresh: readonly Fresh[], now: number): void {
    const places = this.#enqueue(tx, fresh, now);
    const values = fresh.flatMap((one) => toReceiptValues(one, places.get(one.id), now));
    this.#sql.insertReceipts.of(fresh.length).run(...values);
    this.#followed.keys.append(fresh);
    for (const one of fresh) this.#addContent(tx, one, now);
  }

  /** Adds what a new receipt holds and changes: its content, its files, its message, its template. */
  #addContent(tx: Transaction, { accountId, id, receipt }: Fresh, now: number): void {
    const { facts, content, channelId, outboundId } = receipt;
    if (content !== null) this.#sql.insertContent.run(id, accountId, JSON.stringify(content));
    const { media, outbound, templates } = this.#followed;
    if (receipt.media !== null) media.add(tx, accountId, id, receipt, receipt.media);
    if (outboundId !== null && facts.type === 'ChatAppStatus')
      outbound.follow(tx, accountId, outboundId, facts);
    if (receipt.template !== null) templates.follow(tx, accountId, channelId, receipt.template, now);
  }

  /** Puts what is new into its queues; resolves to where, by receipt. */
  #enqueue(tx: Transaction, fresh: readonly Fresh[], now: number): ReadonlyMap<number, QueuePlace> {
    const places = new Map<number, QueuePlace>();
    const queued = fresh.flatMap(({ accountId, id, receipt: { queue }, dropped }) =>
      queue === null || dropped ? [] : [{ accountId, id, queue }],
    );
    const { queues, messages } = this.#followed;
    const byQueue = Map.groupBy(queued, ({ accountId, queue }) => `${accountId}/${queue.name}`);
    for (const members of byQueue.values()) {
      const [first] = members;
      if (first === undefined) continue;
      const queue = queues.ensureForReceipts(tx, first.accountId, first.queue.name);
      const bodies = members.map(({ id, queue: { body } }) => ({
        body,
        priority: queueLimits.priorityDefault,
        receiptId: id,
      }));
      messages.add(tx, queue, bodies, now).forEach((added, index) => {
        const member = members[index];
        if (member !== undefined) places.set(member.id, { queueId: queue.id, messageId: added.id });
      });
    }
    return places;
  }

  /** The deliveries of what is new, each with whether others of its lane are known. */
  #toDeliveries(fresh: readonly Fresh[]): NewDelivery[] {
    const added = new Map<number, NewDelivery>();
    for (const { accountId, id, receipt, dropped, related } of fresh) {
      // The first of a subject stands outside the index of lanes for as long as it is the only one.
      const [first, second] = related;
      if (first !== undefined && second === undefined) {
        const own = added.get(first.receipt_id);
        if (own === undefined) this.#followed.deliveries.enlist(first.receipt_id);
        else added.set(own.id, { ...own, isFirst: false });
      }
      const { destinationId, lane } = receipt;
      if (destinationId === null || dropped) continue;
      const isFirst = first === undefined && lane === toSubjectLane(receipt.receiptId);
      added.set(id, { accountId, destinationId, id, lane, isFirst });
    }
    return [...added.values()];
  }

  /** Notes what even a repeat tells: other ids of its user, and what the channel calls the message. */
  #tell(tx: Transaction, { accountId, receipts }: Intake): void {
    for (const { outboundId, naming, channelId, senderId, aliases = [] } of receipts) {
      for (const alias of aliases) this.#followed.aliases.tell(accountId, alias);
      if (outboundId === null || naming === undefined) continue;
      this.#followed.outbound.name(tx, accountId, outboundId, naming);
      if (senderId !== null) tx.signal({ kind: 'outbound', accountId, channelId, senderId });
    }
  }
}

/** The row of a receipt. */
function toReceiptValues(fresh: Fresh, place: QueuePlace | undefined, now: number) {
  const { accountId, rawEventId, id, key, receipt, superseded } = fresh;
  const { facts } = receipt;
  return [
    id,
    accountId,
    key,
    facts.type,
    receipt.channelId,
    receipt.channelType,
    receipt.senderId,
    receipt.senderType,
    receipt.ownSubject,
    receipt.occurredAt,
    now,
    rawEventId,
    receipt.index,
    superseded ? 1 : 0,
    facts.type === 'ChatAppStatus' && receipt.outboundId === null ? 1 : 0,
    JSON.stringify(facts),
    place?.queueId ?? null,
    place?.messageId ?? null,
  ];
}
