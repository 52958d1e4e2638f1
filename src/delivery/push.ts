import { toRetryDelay } from '../domain/delivery.ts';
import type {
  Attempt,
  ClaimedBatch,
  Destination,
  Next,
  RepeatCause,
  Settlement,
} from '../domain/delivery.ts';
import type { Receipt } from '../domain/receipt.ts';
import type { Client } from '../http/client.ts';
import { judge, maxAnswerBytes } from './judge.ts';
import type { Judgement } from './judge.ts';
import { toHeaders, toWebhookId } from './signature.ts';

export interface PushDeps {
  readonly client: Pick<Client, 'post'>;
  readonly render: (receipt: Receipt) => Promise<Record<string, unknown>>;
  readonly now: () => number;
  readonly random: () => number;
}

export interface Pushed {
  readonly judgement: Judgement;
  readonly durationMs: number;
  readonly settlements: readonly Settlement[];
}

/** Pushes one batch and says what becomes of each of its deliveries. Never throws for what a receiver does. */
export async function push(deps: PushDeps, destination: Destination, batch: ClaimedBatch): Promise<Pushed> {
  const { now } = deps;
  const receipts = batch.members.map(({ receipt }) => receipt);
  const at = now();
  const body = JSON.stringify(await Promise.all(receipts.map(deps.render)));
  const id = toWebhookId(receipts.map(({ receiptId }) => receiptId));
  const headers = toHeaders({
    id,
    at,
    body,
    secrets: destination.secrets,
    attempt: batch.attempt,
    cause: batch.cause,
  });
  const startedAt = performance.now();
  const { timeoutMs, preset } = destination.settings;
  const result = await deps.client.post(destination.url, {
    headers,
    body,
    timeoutMs,
    maxBytes: maxAnswerBytes,
  });
  const durationMs = performance.now() - startedAt;
  const judgement = judge(
    result,
    preset,
    now(),
    receipts.map(({ receiptId }) => receiptId),
  );
  const { outcome, status, answer } = judgement;
  const attempt: Attempt = { at, durationMs, status, outcome, answer };
  const retry = toNext(deps, destination, batch, judgement);
  const settlements = batch.members.map(({ deliveryId, receipt }): Settlement => {
    const isTaken = outcome === 'accepted' && !judgement.failed?.includes(receipt.receiptId);
    const next: Next = isTaken ? { kind: 'done' } : retry;
    return { accountId: batch.accountId, destinationId: batch.destinationId, deliveryId, attempt, next };
  });
  return { judgement, durationMs, settlements };
}

/** What becomes of a delivery that was not taken: the next step of the schedule, or the end of it. */
function toNext(
  { now, random }: PushDeps,
  { settings }: Destination,
  batch: ClaimedBatch,
  { outcome, retryAfterMs, isCutOff }: Judgement,
): Next {
  const delayMs = toRetryDelay(settings.scheduleMs, batch.attempt, random(), retryAfterMs);
  if (delayMs === undefined) return { kind: 'dead' };
  // A receiver that did not answer in time, or not to the end, may have taken it; one that answered no has not.
  const cause: RepeatCause = outcome === 'timeout' ? 'timeout' : isCutOff ? 'cut off' : 'retry';
  return { kind: 'retry', dueAt: now() + delayMs, cause };
}
