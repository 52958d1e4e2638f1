import type { AccountId, Actor } from '../../domain/account.ts';
import type { Spelling } from '../../domain/alias.ts';
import { toFirstId } from '../../domain/ids.ts';
import { toSubjectDigits } from '../../domain/receipt.ts';
import {
  contentTables,
  erasedEnvelope,
  erasedReason,
  findErasable,
  findMediaOf,
  takenBackReason,
  toBareFacts,
  toNamings,
  toNext,
  toOwnMedia,
} from './rows.ts';
import type { ErasableRow, OwnMedia } from './rows.ts';
import { toBefore } from '../rows/paging.ts';
import type { Erasable, Erased, ErasureRequest, Erasures, MediaKey, PageRequest } from '../store.ts';
import type { AliasTables } from '../aliases/sqlite.ts';
import type { Connection, Transaction } from '../sqlite/connection.ts';
import type { Recorder } from '../journal/sqlite.ts';
import { erasureStatements } from './sqlite-statements.ts';

/** What one call looks at. */
interface Step extends ReturnType<typeof findErasable> {
  readonly channelId: string | null;
  readonly spellings: readonly Spelling[];
  /** How rows kept apart would name the user, as JSON. */
  readonly namings: string;
  /** What is not of receipts is looked at with the first step. */
  readonly isFirst: boolean;
  readonly next: string | null;
}

/** What is done to take away what users wrote, each inside a transaction that the caller has. */
export class ErasureTables {
  readonly #recordChange: Recorder;
  readonly #aliases: AliasTables;
  readonly #sql;

  constructor(db: Connection, recordChange: Recorder, aliases: AliasTables) {
    this.#recordChange = recordChange;
    this.#aliases = aliases;
    this.#sql = erasureStatements(db);
  }

  count(accountId: AccountId, request: ErasureRequest, page: PageRequest): Erasable {
    const step = this.#look(accountId, request, page);
    const owned = this.#sql.countOwned.get(...toOwners(accountId, step.own), step.namings)?.count ?? 0;
    const found = {
      receipts: step.erasable.length,
      media: new Set(this.#findMedia(accountId, step.erasable).map(({ id }) => id)).size,
      unreadable: step.unknown + this.#countLeft(accountId, step),
      next: step.next,
    };
    if (!step.isFirst) return { ...found, messages: 0, apart: owned };
    const named = this.#sql.countNamed.get(accountId, step.namings, step.channelId)?.count ?? 0;
    const messages = step.spellings.reduce((sum, spelling) => {
      const range = toRange(accountId, request, spelling);
      return sum + (this.#sql.countOutbound.get(...range)?.count ?? 0);
    }, 0);
    return { ...found, messages, apart: owned + named };
  }

  eraseContent(
    tx: Transaction,
    accountId: AccountId,
    request: ErasureRequest,
    page: PageRequest,
    actor: Actor,
  ): Erased {
    const step = this.#look(accountId, request, page);
    const media = this.#erase(tx, accountId, step.erasable, erasedReason);
    const owned = this.#sql.removeOwned.run(...toOwners(accountId, step.own));
    const besides = step.isFirst ? this.#eraseBesides(accountId, request, step) : { messages: 0, named: 0 };
    if (step.isFirst) {
      const detail = step.channelId === null ? {} : { channelId: step.channelId };
      // The journal tells that it was asked for, and not of whom: that would be kept longer than what was erased.
      this.#recordChange(accountId, actor, 'content.erased', 'user', detail);
    }
    const unreadable = step.unknown + this.#countLeft(accountId, step);
    if (step.next === null) this.#aliases.forget(accountId, request, step.spellings);
    return {
      receipts: step.erasable.length,
      messages: besides.messages,
      media,
      apart: owned + besides.named,
      unreadable,
      next: step.next,
    };
  }

  eraseMessages(
    tx: Transaction,
    accountId: AccountId,
    request: ErasureRequest,
    messageIds: readonly string[],
  ): readonly MediaKey[] {
    const rows = messageIds.flatMap((messageId) => {
      const digits = toSubjectDigits(messageId);
      const toKey = (fill: string) => Buffer.from(digits.padEnd(32, fill), 'hex');
      return this.#sql.ofMessage.all(accountId, toKey('0'), toKey('f'));
    });
    const spellings = this.#aliases.find(accountId, request);
    const { erasable } = findErasable(rows, request, spellings, messageIds);
    return this.#erase(tx, accountId, erasable, takenBackReason);
  }

  #look(accountId: AccountId, request: ErasureRequest, page: PageRequest): Step {
    const rows = this.#sql.receipts.all(accountId, toBefore(page), page.limit);
    const spellings = this.#aliases.find(accountId, request);
    return {
      ...findErasable(rows, request, spellings),
      channelId: request.channelId ?? null,
      spellings,
      namings: JSON.stringify(toNamings(spellings)),
      isFirst: page.cursor === undefined,
      next: toNext(rows, page.limit),
    };
  }

  /** Takes away what receipts hold of what was written, and marks their media. */
  #erase(
    tx: Transaction,
    accountId: AccountId,
    erasable: readonly ErasableRow[],
    reason: string,
  ): readonly MediaKey[] {
    const media = this.#findMedia(accountId, erasable);
    for (const { id, raw_event_id: rawEventId } of erasable) {
      this.#sql.removeContent.run(id);
      this.#sql.emptyRaw.run(rawEventId, accountId);
    }
    for (const { id, facts } of toBareFacts(erasable)) this.#sql.bareFacts.run(facts, id);
    for (const { key } of media) this.#sql.eraseMedia.run(reason, accountId, key);
    if (media.length > 0) tx.signal({ kind: 'media' });
    return media.map(({ id }) => ({ accountId, id }));
  }

  /** Takes away what is not of receipts: messages to the user, and rows kept apart that name him. */
  #eraseBesides(
    accountId: AccountId,
    request: ErasureRequest,
    { spellings, namings, channelId }: Step,
  ): { readonly messages: number; readonly named: number } {
    let messages = 0;
    for (const spelling of spellings)
      messages += this.#sql.eraseOutbound.run(...toRange(accountId, request, spelling), erasedEnvelope);
    return { messages, named: this.#sql.removeNamed.run(accountId, namings, channelId) };
  }

  /** What may hold something of anybody, and does not name the user; counted with the last step. */
  #countLeft(accountId: AccountId, { channelId, namings, next }: Step): number {
    if (next !== null) return 0;
    return this.#sql.countLeft.get(accountId, JSON.stringify(contentTables), channelId, namings)?.count ?? 0;
  }

  /** The media of receipts; of those whose content cannot be read, by the receipts. */
  #findMedia(accountId: AccountId, erasable: readonly ErasableRow[]): readonly OwnMedia[] {
    const { media, silent } = findMediaOf(erasable);
    if (silent.length === 0) return media;
    return [...media, ...toOwnMedia(this.#sql.mediaOf.all(accountId, JSON.stringify(silent)))];
  }
}

/** What a statement about rows kept apart that belong to receipts is run with. */
function toOwners(accountId: AccountId, own: readonly ErasableRow[]): [AccountId, string, string] {
  const [ids, rawEventIds] = [own.map(({ id }) => id), own.map(({ raw_event_id: id }) => id)];
  return [accountId, JSON.stringify(ids), JSON.stringify(rawEventIds)];
}

/** What a statement about messages to one spelling is run with. */
function toRange(
  accountId: AccountId,
  { channelId }: ErasureRequest,
  { id, since, until }: Spelling,
): [AccountId, string, string | null, number, number] {
  return [accountId, id, channelId ?? null, toFirstId(since), toFirstId(until)];
}

export function erasureVerbs(db: Connection, erasures: ErasureTables): Erasures {
  return {
    countErasable: (accountId, request, page) => db.read(() => erasures.count(accountId, request, page)),
    eraseContent: (accountId, request, page, actor) =>
      db.write((tx) => erasures.eraseContent(tx, accountId, request, page, actor)),
    eraseMessages: (accountId, request, messageIds) =>
      db.write((tx) => erasures.eraseMessages(tx, accountId, request, messageIds)),
  };
}
