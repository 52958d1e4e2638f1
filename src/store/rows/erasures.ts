import { toMediaKey } from './media.ts';
import { isOfUser } from '../../domain/alias.ts';
import type { Spelling } from '../../domain/alias.ts';
import type { InboundContent, ReceiptFacts } from '../../domain/receipt.ts';
import type { ErasureRequest } from '../store.ts';

/** What of a receipt tells whether it goes. */
export interface ErasableRow {
  readonly id: number;
  readonly channel_id: string;
  readonly raw_event_id: number;
  readonly recorded_at: number;
  readonly facts: string;
  readonly content: string | null;
}

/** What is said of media that were erased so. */
export const erasedReason = 'It was erased on request.';
export const takenBackReason = 'The user took it back.';

/** Messages of the business of which nothing is planned any more; the others are sent as they are, and erased by a later call. */
export const overStates = '(2, 3)';

/**
 * The receipts of messages of the user who is found under `spellings`, or to the user where they are echoes. Of those messages
 * alone that `messageIds` names, if it is given.
 */
export function findErasable(
  rows: readonly ErasableRow[],
  { channelId }: ErasureRequest,
  spellings: readonly Spelling[],
  messageIds?: readonly string[],
): readonly ErasableRow[] {
  return rows.filter((row) => {
    if (!mayHold(row) || (channelId !== undefined && row.channel_id !== channelId)) return false;
    const facts = JSON.parse(row.facts) as ReceiptFacts;
    if (facts.type === 'ChatAppInbound' ? row.content === null : !holdsExtra(facts)) return false;
    if (facts.type === 'ChatAppAudit' || messageIds?.includes(facts.messageId) === false) return false;
    return isOfUser(spellings, facts.user, row.recorded_at);
  });
}

/** Whether a look into the facts may be worth it. */
function mayHold({ content, facts }: ErasableRow): boolean {
  return content !== null || facts.includes('"extra":');
}

function holdsExtra(facts: ReceiptFacts): boolean {
  return facts.type === 'ChatAppStatus' && facts.extra !== undefined;
}

/** The facts of those statuses that have more than facts: what else the channel told of the user, which goes as content does. */
export function toBareFacts(
  rows: readonly ErasableRow[],
): readonly { readonly id: number; readonly facts: string }[] {
  return rows.flatMap(({ id, facts: text }) => {
    const facts = JSON.parse(text) as ReceiptFacts;
    if (facts.type !== 'ChatAppStatus' || facts.extra === undefined) return [];
    const { extra: _, ...bare } = facts;
    return [{ id, facts: JSON.stringify(bare) }];
  });
}

/** The ids of the media of receipts, as the database has them and as the media store has them. */
export function findMediaOf(
  rows: readonly ErasableRow[],
): readonly { readonly id: string; readonly key: Uint8Array }[] {
  return rows.flatMap(({ content }) => {
    const media = content === null ? undefined : (JSON.parse(content) as InboundContent).media;
    return media === undefined ? [] : [{ id: media.id, key: toMediaKey(media.id) }];
  });
}
