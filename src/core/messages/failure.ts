// What is recorded in the channel's place when a message ends here.
import type { Channel, Sender } from '../../domain/channel.ts';
import { toNeverSentIdentity } from '../../domain/identity.ts';
import type { OutboundMessage } from '../../domain/message.ts';
import type { ChannelEvent } from '../../domain/receipt.ts';

/** Records events of a sender that is known, whether a route leads to it or not, in one commit. */
export type RecordOf = (
  owner: { readonly channel: Channel; readonly sender: Sender },
  body: Buffer,
  events: readonly ChannelEvent[],
) => Promise<unknown>;

/** The Failed status that ends a message; however often it is made, it is one receipt. */
export function toFailure(
  sender: Sender,
  message: OutboundMessage,
  { code, text }: { readonly code: string; readonly text: string },
  at: number,
  index = 0,
): ChannelEvent {
  return {
    index,
    route: { by: 'sender', id: sender.routeId },
    identity: toNeverSentIdentity(message.messageId),
    occurredAt: at,
    facts: {
      type: 'ChatAppStatus',
      messageId: message.messageId,
      status: 'failed',
      user: { id: message.to },
      errorCode: code,
      errorDescription: `${code}:${text}`,
      callbackData: message.messageId,
    },
  };
}

/** The raw event that the failures are kept as. */
export function toFailureBody(events: readonly ChannelEvent[]): Buffer {
  const [event] = events;
  const told = events.length === 1 ? { event } : { events };
  return Buffer.from(JSON.stringify({ readFrom: 'the end of a message that was never sent', ...told }));
}
