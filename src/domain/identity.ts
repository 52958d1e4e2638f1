// What makes an event the same when it is told again: words of the channel's own, which become the ReceiptId (`toReceiptId`), the key
// that refuses repeats. Made here alone, for every channel: a word that changed would let what was recorded before in once more.

/** The kind of event, then what names it. The same for every telling of one event, and for no two events of one sender. */
export type Identity = readonly string[];

/**
 * A status, whether the channel tells it, a mark means it or the answer to a send call implies it. `word` is the channel's own for the
 * status, `participant` a member of a group; null at Viber's Business Messages, which has no groups and whose identities never had one.
 */
export function toStatusIdentity(
  channelMessageId: string,
  word: string,
  participant: string | null = '',
): Identity {
  return ['status', channelMessageId, word, ...(participant === null ? [] : [participant])];
}

/** That a user wants to hear from the business, or not any more. */
export function toSubscriptionIdentity(token: string, word: string): Identity {
  return ['subscription', token, word];
}

/** A message of a user; `part` names what of it, where one message gives several receipts. */
export function toMessageIdentity(messageId: string, ...part: readonly string[]): Identity {
  return ['mo', messageId, ...part];
}

/** A message that the business wrote elsewhere, and that was read like a user's. */
export function toEchoIdentity([, ...names]: Identity): Identity {
  return ['echo', ...names];
}

/** Any other event, by what its channel names it by, or a digest of what it says where nothing does. */
export function toEventIdentity(kind: string, ...names: readonly string[]): Identity {
  return [kind, ...names];
}

/** That a message ended here, before its channel had it. */
export function toNeverSentIdentity(messageId: string): Identity {
  return ['never_sent', messageId];
}

/** What makes a word of a review that was asked for the same, however often it is asked for, and when its webhook comes after all. */
export function toReviewIdentity(
  { code, language }: { readonly code: string; readonly language: string },
  { status, updatedAt }: { readonly status: string; readonly updatedAt: number },
): Identity {
  return ['review', code, language, String(updatedAt), status];
}

/** Whether an identity is that of a review that was asked for. */
export function isAskedReview([kind]: Identity): boolean {
  return kind === 'review';
}
