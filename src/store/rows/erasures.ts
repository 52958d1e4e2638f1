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
    if (row.content === null || (channelId !== undefined && row.channel_id !== channelId)) return false;
    const facts = JSON.parse(row.facts) as ReceiptFacts;
    if (facts.type !== 'ChatAppInbound') return false;
    if (messageIds?.includes(facts.messageId) === false) return false;
    return isOfUser(spellings, facts.user, row.recorded_at);
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
