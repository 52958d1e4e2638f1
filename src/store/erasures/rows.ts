import { toMediaKey } from '../media/rows.ts';
import { readObject } from '../rows/json-column.ts';
import { isUnreadable } from '../rows/corruption.ts';
import { isOfUser, toHappened } from '../../domain/alias.ts';
import type { Spelling } from '../../domain/alias.ts';
import { toPresent } from '../aliases/rows.ts';
import type { InboundContent, ReceiptFacts } from '../../domain/receipt.ts';
import type { ErasureRequest } from '../store.ts';

/** What of a receipt tells whether it goes. */
export interface ErasableRow {
  readonly id: number;
  readonly channel_id: string;
  readonly raw_event_id: number;
  readonly occurred_at: number;
  readonly recorded_at: number;
  readonly facts: string;
  readonly content: string | null;
}

/** What is said of media that were erased so. */
export const erasedReason = 'It was erased on request.';
export const takenBackReason = 'The user took it back.';

/** Messages of the business of which nothing is planned any more; the others are sent as they are, and erased by a later call. */
export const overStates = '(2, 3)';

/** What is left of the envelope of a message that could not be read before it was erased. */
export const erasedEnvelope = JSON.stringify({ frame: 'message', messageType: 'unreadable' });

/** What of receipts an erasure takes. */
interface Findings {
  /** Those whose content goes. */
  readonly erasable: readonly ErasableRow[];
  /** All that are of the user, with content or without. */
  readonly own: readonly ErasableRow[];
  /** How many have content and do not tell whose it is. */
  readonly unknown: number;
}

/**
 * The receipts of messages of the user who is found under `spellings`, or to the user where they are echoes. Of those messages
 * alone that `messageIds` names, if it is given: they were found by their ids, so one that cannot be read is among them.
 */
export function findErasable(
  rows: readonly ErasableRow[],
  { channelId }: ErasureRequest,
  spellings: readonly Spelling[],
  messageIds?: readonly string[],
): Findings {
  const ids = toPresent(spellings);
  const found: { erasable: ErasableRow[]; own: ErasableRow[]; unknown: number } = {
    erasable: [],
    own: [],
    unknown: 0,
  };
  const isOwn = (row: ErasableRow, facts: ReceiptFacts): boolean =>
    facts.type !== 'ChatAppAudit' &&
    messageIds?.includes(facts.messageId) !== false &&
    isOfUser(spellings, facts.user, toHappened(row.occurred_at, row.recorded_at));
  for (const row of rows) {
    if (channelId !== undefined && row.channel_id !== channelId) continue;
    const facts = readOrNull(() => readObject(row.facts) as ReceiptFacts);
    const holds = holdsMore(row, facts);
    if (facts === null ? messageIds !== undefined || names(row, ids) : isOwn(row, facts)) {
      found.own.push(row);
      if (holds) found.erasable.push(row);
    } else if (facts === null && holds) found.unknown += 1;
  }
  return found;
}

/** Whether there is more than facts: what was written, or what else a channel told of the user. */
function holdsMore({ content, facts: text }: ErasableRow, facts: ReceiptFacts | null): boolean {
  if (facts === null) return content !== null || text.includes('"extra":');
  return facts.type === 'ChatAppStatus' ? facts.extra !== undefined : content !== null;
}

/**
 * The facts of those receipts that have more than facts: what else the channel told of the user, which goes as content does. Of
 * facts that cannot be read, nothing stays.
 */
export function toBareFacts(
  rows: readonly ErasableRow[],
): readonly { readonly id: number; readonly facts: string }[] {
  return rows.flatMap(({ id, facts: text }) => {
    const facts = readOrNull(() => readObject(text) as ReceiptFacts);
    if (facts === null) return [{ id, facts: '' }];
    if (facts.type !== 'ChatAppStatus' || facts.extra === undefined) return [];
    const { extra: _, ...bare } = facts;
    return [{ id, facts: JSON.stringify(bare) }];
  });
}

/** Whether what cannot be read names somebody, as JSON does: not as a part of another number. */
function names({ facts, content }: ErasableRow, ids: readonly string[]): boolean {
  return ids.some((id) => `${facts}${content ?? ''}`.includes(JSON.stringify(id)));
}

function readOrNull<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    return null;
  }
}

/** Media by the id that the database has and by that of the media store. */
export interface OwnMedia {
  readonly id: string;
  readonly key: Uint8Array;
}

/** The media that receipts tell of, and the ids of those whose content cannot be read, which may have had some. */
export function findMediaOf(rows: readonly ErasableRow[]): {
  readonly media: readonly OwnMedia[];
  readonly silent: readonly number[];
} {
  const media: OwnMedia[] = [];
  const silent: number[] = [];
  for (const { id, content } of rows) {
    if (content === null) continue;
    const read = readOrNull(() => readObject(content) as InboundContent);
    if (read === null) silent.push(id);
    else if (read.media !== undefined) media.push({ id: read.media.id, key: toMediaKey(read.media.id) });
  }
  return { media, silent };
}

/** Media by their keys, as a look by receipts gives them. */
export function toOwnMedia(keys: readonly { readonly id: Uint8Array }[]): readonly OwnMedia[] {
  return keys.map(({ id }) => ({ id: Buffer.from(id).toString('hex'), key: id }));
}

/** Tables whose rows, once kept apart, may hold what a user wrote or was written to. */
export const contentTables = ['receipt', 'content', 'message', 'outbound', 'raw_event'] as const;

/**
 * How a row that was kept apart names a user: in a column of its own, in JSON in a column, in JSON within that, and in bytes, which
 * are kept as hex.
 */
export function toNamings(spellings: readonly Spelling[]): readonly string[] {
  return toPresent(spellings).flatMap((id) => {
    const inColumn = JSON.stringify(id);
    const inJson = JSON.stringify(inColumn).slice(1, -1);
    const deeper = JSON.stringify(inJson).slice(1, -1);
    return [inColumn, inJson, deeper, toHex(inColumn), toHex(inJson)];
  });
}

function toHex(text: string): string {
  return Buffer.from(text).toString('hex');
}

/** Where an erasure goes on after these receipts; null when they were the last. */
export function toNext(rows: readonly ErasableRow[], limit: number): string | null {
  const last = rows.length < limit ? undefined : rows.at(-1);
  return last === undefined ? null : String(last.id);
}
