// What the receiver of a delivery got, or gets next, for people to look at: made by what pushes it, so that nobody has to guess.
import type { Destination } from '../../domain/delivery.ts';
import { ownHeaders } from '../../http/client.ts';
import type { Timeline } from '../../store/store.ts';
import { renderBatch } from './batch.ts';
import type { Render } from './batch.ts';
import { toHeaders, toWebhookId } from './signature.ts';

/** A header that a push has and this account of it has not: it is a secret, or nothing that is kept says what it was. */
interface LeftOut {
  readonly name: string;
  readonly reason: 'secret' | 'not_kept';
}

/** One POST as its receiver sees it, the receipt alone in it. */
interface PushPayload {
  /** `last`: as the last try had it. `next`: as the next one will have it. */
  readonly of: 'last' | 'next';
  /** When the last try was; null for one that is still to come, and where that is not kept any more. */
  readonly at: number | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly leftOut: readonly LeftOut[];
  /** The JSON array, to the byte. */
  readonly body: string;
}

type TimelineDelivery = Timeline['deliveries'][number];

/**
 * The POST of a delivery, with every header but the signature and what HTTP itself adds (`host`, `content-length`). Links to media are
 * signed anew; content that was erased since is missing. Throws what rendering throws.
 */
export async function toPushPayload(
  { render, isTraced }: { readonly render: Render; readonly isTraced: boolean },
  { receipt }: Pick<Timeline, 'receipt'>,
  delivery: TimelineDelivery,
  destination: Pick<Destination, 'secrets'> | undefined,
): Promise<PushPayload> {
  const { body, broken } = await renderBatch(render, [{ deliveryId: delivery.id, receipt }], Infinity);
  const [unrendered] = broken;
  if (unrendered !== undefined) throw unrendered.error;
  const { attempts, roundStart, state } = delivery;
  const isOver = state === 'done' || state === 'dead';
  const isLast = isOver && attempts > roundStart;
  const number = isLast ? attempts - roundStart : isOver ? 1 : attempts - roundStart + 1;
  const at = isLast ? (delivery.tries.at(-1)?.at ?? null) : null;
  const cause = isLast ? null : isOver ? 'replay' : delivery.cause;
  const id = toWebhookId([receipt.receiptId]);
  const known = Object.entries(toHeaders({ id, body, cause, attempt: number, at: at ?? 0, secrets: [] }));
  const leftOut = [
    ...(at === null ? [notKept('webhook-timestamp')] : []),
    // A removed destination has taken its secrets along.
    ...(destination === undefined || destination.secrets.length > 0
      ? [{ name: 'webhook-signature', reason: 'secret' } as const]
      : []),
    // The cause of a try that has ended is not kept with it.
    ...(isLast && attempts > 1 ? [notKept('chasqui-repeat-cause')] : []),
    ...(isTraced ? [notKept('traceparent')] : []),
  ];
  return {
    of: isLast ? 'last' : 'next',
    at,
    headers: {
      ...ownHeaders,
      ...Object.fromEntries(known.filter(([name]) => !leftOut.some((one) => one.name === name))),
    },
    leftOut,
    body,
  };
}

function notKept(name: string): LeftOut {
  return { name, reason: 'not_kept' };
}
