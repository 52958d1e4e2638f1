// Channels that tell of a message's sending by the answer to the send call and never again: that answer becomes the Sent receipt.
import type { Alias } from '../../domain/alias.ts';
import type { OutboundMessage, SendAttempt } from '../../domain/message.ts';
import { toStatusIdentity } from '../../domain/identity.ts';
import { noneSent } from './match.ts';
import { beginSpans, toNewReceipt } from './record.ts';
import type { RecordingDeps } from './record.ts';
import { tally } from './tally.ts';
import type { Target } from './targets.ts';

/** The answer to a send call that took the message. */
interface SendAnswer {
  readonly channelMessageId: string;
  /** When the message was sent, as near to the channel's clock as is known. */
  readonly sentAt: number;
  readonly attempt: SendAttempt;
  /** What it told of other ids of the recipient. */
  readonly aliases?: readonly Alias[];
}

/**
 * Records the Sent receipt of a message and settles it as accepted, both in one transaction: a crash leaves both or none.
 * `target` is whom it was sent for. Rejects with `store_unavailable`.
 */
export async function recordSent(
  deps: RecordingDeps,
  target: Target,
  message: OutboundMessage,
  { channelMessageId, sentAt, attempt, aliases = [] }: SendAnswer,
): Promise<void> {
  const { accountId, channelId, senderId, to, messageId } = message;
  // What goes where may have been changed since the call began.
  const channel = (await deps.directory.channel(channelId)) ?? target.channel;
  const sender = (await deps.directory.sender(channelId, senderId)) ?? target.sender;
  const event = {
    index: 0,
    route: { by: 'sender', id: sender?.routeId ?? senderId },
    identity: toStatusIdentity(channelMessageId, 'sent'),
    occurredAt: deps.now(),
    facts: {
      type: 'ChatAppStatus',
      messageId: channelMessageId,
      status: 'sent',
      user: { id: to },
      callbackData: messageId,
    },
  } as const;
  const sent = { ...noneSent, byId: new Map([[messageId, message]]) };
  const receipt = await toNewReceipt(deps, { channel, sender }, event, sent);
  const intake = {
    accountId,
    channelId,
    receivedAt: deps.now(),
    body: Buffer.from(JSON.stringify({ readFrom: 'the answer to a send call', event })),
    receipts: [{ ...receipt, aliases, naming: { channelMessageId, sentAt, attempt } }],
    unrouted: [],
    remarks: [],
  };
  const spans = beginSpans(deps);
  tally(deps, [intake], await deps.store.recordIntake([intake]), { spans });
}
