// What goes out in one POST, and how a batch that was not taken is taken apart.
import { spread } from '../../domain/retry.ts';
import type { ClaimedDelivery, Retry } from '../../domain/delivery.ts';
import type { Receipt } from '../../domain/receipt.ts';
import type { Judgement } from './judge.ts';

export type Render = (receipt: Receipt) => Promise<Record<string, unknown>>;

/** A batch as far as it goes out now. */
export interface Rendered {
  /** The JSON array of those that go out; '' when none does. */
  readonly body: string;
  readonly members: readonly ClaimedDelivery[];
  /** Those that cannot be rendered, with what was thrown. */
  readonly broken: readonly { readonly deliveryId: number; readonly error: unknown }[];
  /** Those that would make the POST too large; they go in one of their own. */
  readonly left: readonly ClaimedDelivery[];
}

/** A batch that was not taken is tried again in halves after the wait of its schedule, at most after this long. */
const halvesWaitMs = 5000;

/**
 * Renders members one after the other until `maxBytes` are reached; one that is larger by itself goes alone. What throws
 * is told apart and holds back nobody.
 */
export async function renderBatch(
  render: Render,
  members: readonly ClaimedDelivery[],
  maxBytes: number,
): Promise<Rendered> {
  const sent: ClaimedDelivery[] = [];
  const texts: string[] = [];
  const broken: { deliveryId: number; error: unknown }[] = [];
  let bytes = 2;
  for (const [index, member] of members.entries()) {
    let text: string;
    try {
      text = toText(await render(member.receipt));
    } catch (error) {
      broken.push({ deliveryId: member.deliveryId, error });
      continue;
    }
    bytes += Buffer.byteLength(text) + 1;
    if (sent.length > 0 && bytes > maxBytes)
      return { body: `[${texts.join(',')}]`, members: sent, broken, left: members.slice(index) };
    sent.push(member);
    texts.push(text);
  }
  return { body: sent.length === 0 ? '' : `[${texts.join(',')}]`, members: sent, broken, left: [] };
}

function toText(value: unknown): string {
  const text: unknown = JSON.stringify(value);
  if (typeof text !== 'string') throw new TypeError('What was rendered is no JSON.');
  return text;
}

/**
 * Whether a failure may be one member's fault, so that the others are better tried without it: an answer that is a no to all,
 * or none to a second try of the same. What speaks of the destination alone (throttled, gone, no connection) is no such failure.
 */
export function mayBeOneMember({ outcome, failed, isCutOff }: Judgement, attempt: number): boolean {
  if (failed !== null) return false;
  if (outcome === 'rejected' || outcome === 'not_acknowledged') return true;
  // Whoever did not answer may have taken it: the same batch under the same id lets him know it again once.
  return attempt > 1 && (outcome === 'timeout' || outcome === 'failed' || isCutOff);
}

/**
 * Two batches in place of one that was not taken, so that what spoils it ends up alone; the tries of the others are not used up
 * by that. Each delivery is given its next try. `random` is in [0, 1).
 */
export function toHalves(
  members: readonly ClaimedDelivery[],
  { scheduleMs }: { readonly scheduleMs: readonly number[] },
  at: { readonly now: number; readonly random: number; readonly cause: Retry['cause'] },
): ReadonlyMap<number, Retry> {
  const waitMs = spread(Math.min(halvesWaitMs, scheduleMs[1] ?? 0), at.random);
  const middle = Math.ceil(members.length / 2);
  const retries = new Map<number, Retry>();
  for (const half of [members.slice(0, middle), members.slice(middle)]) {
    for (const { deliveryId } of half) {
      retries.set(deliveryId, {
        kind: 'retry',
        dueAt: Math.round(at.now + waitMs),
        cause: at.cause,
        batch: half[0]?.deliveryId ?? deliveryId,
        isSpared: true,
      });
    }
  }
  return retries;
}
