// What the business wrote elsewhere, told in one form whatever the channel: its kind, then the members of that kind.
import type { ChannelEvent } from '../../domain/receipt.ts';
import { defined } from './gatherer.ts';

/**
 * An inbound message, read as if its recipient had written it, as the echo that it is. `more` stands beside its own members. An event
 * that is no inbound message comes back as it is.
 */
export function toEcho(
  event: ChannelEvent,
  identity: readonly string[],
  more: Readonly<Record<string, unknown>> = {},
): ChannelEvent {
  const { facts, content } = event;
  if (facts.type !== 'ChatAppInbound') return event;
  // An edit tells what it is an edit of as its type, and so does what is not supported.
  const { type: of, ...data } = content?.data ?? {};
  return {
    ...event,
    identity,
    facts: { ...facts, kind: 'echo' },
    content: {
      data: { type: facts.kind, ...defined('of', of), ...defined('text', content?.text), ...data, ...more },
    },
  };
}
