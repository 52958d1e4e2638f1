// What a message needs next, once its sender's turn has come to it.
import type { Connector } from '../../channels/channel.ts';
import type { Sender } from '../../domain/channel.ts';
import { ownFailureTable } from '../../domain/message.ts';
import type { ClaimedOutbound } from '../../store/store.ts';

type Play = NonNullable<ReturnType<NonNullable<Connector['play']>>>;

/** The next thing that is done for a claimed message. */
type Step =
  /** A simulated channel tells what becomes of it. */
  | { readonly kind: 'play'; readonly played: Play }
  /** Its simulated channel has nothing more to tell. */
  | { readonly kind: 'end' }
  /** It ends, and its Failed receipt says so. */
  | { readonly kind: 'fail'; readonly code: string; readonly text: string }
  /** The channel may have it: it waits for a status. */
  | { readonly kind: 'doubt' }
  | { readonly kind: 'send' };

export function toStep(
  { message, lapsed }: ClaimedOutbound,
  { connector, sender }: { readonly connector: Pick<Connector, 'play'>; readonly sender: Sender },
  { unknownThen, now }: { readonly unknownThen: 'fail' | 'resend'; readonly now: number },
): Step {
  const { state, envelope, expiresAt } = message;
  if (state === 'accepted' || state === 'unknown') {
    const played = connector.play?.(sender, message, message.step);
    if (played !== undefined) return { kind: 'play', played };
    if (state === 'accepted') return { kind: 'end' };
    if (unknownThen === 'fail') return toEnd('unknown_outcome');
  }
  if (envelope.refusal !== undefined) return { kind: 'fail', ...envelope.refusal };
  // A process died between claiming the message and writing what came of it: the channel may have it, also when its time is over by now.
  if (lapsed && state === 'queued') return { kind: 'doubt' };
  if (expiresAt <= now) return toEnd(state === 'unknown' ? 'unknown_outcome' : 'expired');
  return { kind: 'send' };
}

function toEnd(code: 'unknown_outcome' | 'expired'): Step {
  return { kind: 'fail', code, text: ownFailureTable[code] };
}
