// What tests of messages of the business share: adding, claiming, settling and finding them.
import type {
  NewOutboundMessage,
  OutboundMessage,
  OutboundNext,
  SendAttempt,
} from '../../../src/domain/message.ts';
import type { ClaimedOutbound } from '../../../src/store/store.ts';
import { minute, need, second } from './fixture.ts';
import type { Fixture } from './fixture.ts';

export const leaseMs = 30 * second;

/** A message to somebody, by whom it is told from others. */
export function outbound(
  { channelId, senderId, clock }: Fixture,
  to: string,
  changes: Partial<NewOutboundMessage> = {},
) {
  return {
    channelId,
    channelType: 'whatsapp' as const,
    senderId,
    to,
    groupId: null,
    taskId: null,
    envelope: { frame: 'message' as const, messageType: 'text', content: { text: `to ${to}` } },
    expiresAt: clock.now() + 60 * minute,
    oncePerTask: false,
    ...changes,
  };
}

export function add(fixture: Fixture, ...messages: NewOutboundMessage[]) {
  return fixture.store.addOutbound(fixture.accountId, messages);
}

export function claimOutbound(
  { store, clock, accountId, channelId, senderId }: Fixture,
  limit = 10,
): Promise<readonly ClaimedOutbound[]> {
  return store.claimOutbound({ accountId, channelId, senderId, limit, now: clock.now(), leaseMs });
}

export const ids = (claimed: readonly ClaimedOutbound[]) => claimed.map(({ message }) => message.id);

export function settleOutbound(
  { store, accountId, clock }: Fixture,
  id: number,
  next: OutboundNext,
  outcome: SendAttempt['outcome'] = 'accepted',
): Promise<void> {
  const attempt = { at: clock.now(), durationMs: 5, outcome, code: '', text: '' };
  return store.settleOutbound([{ accountId, id, attempt, next }]);
}

export async function find({ store, accountId }: Fixture, id: number): Promise<OutboundMessage> {
  return need((await store.findOutbound(accountId, { ids: [id] }))[0]);
}

export const accepted = (channelMessageId: string): OutboundNext => ({
  kind: 'accepted',
  channelMessageId,
  nextStepAt: null,
});
