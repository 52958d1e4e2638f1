import { toRetryDelay } from '../../domain/delivery.ts';
import type {
  Attempt,
  ClaimedBatch,
  ClaimedDelivery,
  Destination,
  Next,
  RepeatCause,
  Settlement,
} from '../../domain/delivery.ts';
import type { Client } from '../../http/client.ts';
import { mayBeOneMember, renderBatch, toHalves } from './batch.ts';
import type { Render, Rendered } from './batch.ts';
import type { Shield } from './standing.ts';
import { failure, judge, maxAnswerBytes, toName } from './judge.ts';
import type { Judgement } from './judge.ts';
import { toHeaders, toWebhookId } from './signature.ts';
import type { Time } from '../../runtime/clock.ts';
import type { SpanAttributes, Tracing } from '../../telemetry/tracing.ts';

export interface PushDeps extends Time {
  readonly client: Pick<Client, 'post'>;
  readonly render: Render;
  readonly random: () => number;
  /** Bytes of a POST's body that several receipts may come to; one that is larger goes alone. */
  readonly maxBatchBytes: number;
  /** Told how the destination answered, as soon as it has; says what that does for the tries. */
  readonly heed?: (judgement: Judgement) => Shield;
  readonly tracing?: Tracing | undefined;
}

/** What became of a batch. */
export interface Pushed {
  readonly judgement: Judgement;
  /** Whether the judgement is on what the destination did, and not on what went wrong here. */
  readonly wasSent: boolean;
  readonly durationMs: number;
  readonly settlements: readonly Settlement[];
  /** Deliveries that did not fit; they are to be given back, and go in a POST of their own. */
  readonly left: readonly number[];
  /** What was thrown on the way: bugs of our own, to be counted. */
  readonly faults: readonly unknown[];
}

/**
 * Pushes one batch and says what becomes of each of its deliveries. Never throws: what goes wrong here is a failed try like
 * any other, with its reason, so that it is tried by the schedule and ends.
 */
export async function push(deps: PushDeps, destination: Destination, batch: ClaimedBatch): Promise<Pushed> {
  const at = deps.now();
  const unreadable = toFailures(deps, destination, batch, batch.unreadable ?? [], {
    at,
    answer: 'The receipt cannot be read.',
  });
  const rendered = await renderBatch(deps.render, batch.members, deps.maxBatchBytes);
  const broken = rendered.broken.flatMap(({ deliveryId, error }) =>
    toFailures(deps, destination, batch, [deliveryId], {
      at,
      answer: `The receipt cannot be rendered (${toName(error)}).`,
    }),
  );
  const faults = rendered.broken.map(({ error }) => error);
  const left = rendered.left.map(({ deliveryId }) => deliveryId);
  const [first] = [...unreadable, ...broken];
  if (rendered.members.length === 0) {
    const judgement = failure('failed', first?.attempt.answer ?? 'There was nothing to send.');
    return {
      judgement,
      wasSent: false,
      durationMs: 0,
      settlements: [...unreadable, ...broken],
      left,
      faults,
    };
  }
  const isWhole = left.length === 0 && first === undefined;
  const posted = await post(deps, destination, batch, rendered, at);
  // What went wrong here says nothing of the destination.
  const shield = posted.fault === undefined ? deps.heed?.(posted.judgement) : undefined;
  const settlements = toSettlements(deps, destination, batch, { rendered, isWhole, ...posted, shield });
  return {
    judgement: posted.judgement,
    wasSent: posted.fault === undefined,
    durationMs: posted.attempt.durationMs,
    settlements: [...unreadable, ...broken, ...settlements],
    left,
    faults: posted.fault === undefined ? faults : [...faults, posted.fault],
  };
}

interface Posted {
  readonly judgement: Judgement;
  readonly attempt: Attempt;
  readonly fault?: unknown;
}

/** Signs and posts what was rendered, and judges the answer. */
async function post(
  { client, now, monotonic, tracing }: PushDeps,
  { url, secrets, settings }: Destination,
  batch: ClaimedBatch,
  { members, body }: Rendered,
  at: number,
): Promise<Posted> {
  const { attempt: number, cause } = batch;
  const startedAt = monotonic();
  const span = tracing?.push(
    members.map(({ receipt }) => receipt),
    toSpanAttributes(batch, members.length),
  );
  const receiptIds = members.map(({ receipt }) => receipt.receiptId);
  let judgement: Judgement;
  let fault: unknown;
  try {
    const id = toWebhookId(receiptIds);
    const signed = toHeaders({ id, at, body, secrets, attempt: number, cause });
    const headers = span === undefined ? signed : { ...signed, traceparent: span.traceparent };
    const { timeoutMs, preset } = settings;
    const result = await client.post(url, { headers, body, timeoutMs, maxBytes: maxAnswerBytes });
    judgement = judge(result, preset, now(), receiptIds);
  } catch (error) {
    fault = error;
    judgement = failure('failed', `The POST cannot be made (${toName(error)}).`);
  }
  const { outcome, status, answer } = judgement;
  const durationMs = monotonic() - startedAt;
  span?.end(
    { 'chasqui.outcome': outcome, 'http.response.status_code': status ?? undefined },
    outcome !== 'accepted',
  );
  const attempt = { at, durationMs, status, outcome, answer };
  return fault === undefined ? { judgement, attempt } : { judgement, attempt, fault };
}

function toSpanAttributes(
  { accountId, destinationId, attempt, cause }: ClaimedBatch,
  receipts: number,
): SpanAttributes {
  return {
    'chasqui.account.id': accountId,
    'chasqui.destination.id': destinationId,
    'chasqui.receipts': receipts,
    'chasqui.attempt': attempt,
    'chasqui.repeat_cause': cause ?? undefined,
    'http.request.method': 'POST',
  };
}

/** What becomes of those that went out. */
function toSettlements(
  deps: PushDeps,
  destination: Destination,
  batch: ClaimedBatch,
  {
    rendered,
    isWhole,
    judgement,
    attempt,
    shield,
  }: Posted & { rendered: Rendered; isWhole: boolean; shield: Shield | undefined },
): readonly Settlement[] {
  const { members } = rendered;
  const { outcome, failed } = judgement;
  const isRefused = outcome !== 'accepted' || failed !== null;
  const retry = isRefused ? toNext(deps, destination, batch, judgement, shield) : undefined;
  const halves =
    members.length > 1 && outcome !== 'accepted' && mayBeOneMember(judgement, batch.attempt)
      ? toHalves(members, destination.settings, {
          now: deps.now(),
          random: deps.random(),
          cause: toCause(judgement),
        })
      : undefined;
  return members.map((member): Settlement => {
    const isTaken = outcome === 'accepted' && failed?.includes(member.receipt.receiptId) !== true;
    const again = halves?.get(member.deliveryId) ?? retry;
    const next: Next = isTaken || again === undefined ? { kind: 'done' } : apart(again, members, isWhole);
    return toSettlement(batch, member.deliveryId, attempt, next);
  });
}

/** A batch of which only a part went out keeps that part together from now on. */
function apart(next: Next, [head]: readonly ClaimedDelivery[], isWhole: boolean): Next {
  if (next.kind !== 'retry' || next.batch !== undefined || isWhole || head === undefined) return next;
  return { ...next, batch: head.deliveryId };
}

/** What becomes of deliveries that could not go out; each is alone from now on. */
function toFailures(
  deps: PushDeps,
  destination: Destination,
  batch: ClaimedBatch,
  deliveryIds: readonly number[],
  { at, answer }: { readonly at: number; readonly answer: string },
): readonly Settlement[] {
  const attempt: Attempt = { at, durationMs: 0, status: null, outcome: 'failed', answer };
  return deliveryIds.map((deliveryId) => {
    const next = toNext(deps, destination, batch, failure('failed', answer));
    return toSettlement(
      batch,
      deliveryId,
      attempt,
      next.kind === 'retry' ? { ...next, batch: deliveryId } : next,
    );
  });
}

function toSettlement(
  { accountId, destinationId }: ClaimedBatch,
  deliveryId: number,
  attempt: Attempt,
  next: Next,
): Settlement {
  return { accountId, destinationId, deliveryId, attempt, next };
}

/** What becomes of a delivery that was not taken: the next step of the schedule, or the end of it. */
function toNext(
  { now, random }: PushDeps,
  { settings }: Destination,
  batch: ClaimedBatch,
  judgement: Judgement,
  { spareMs, keepMs }: Shield = {},
): Next {
  const again = (waitMs: number): Next => ({
    kind: 'retry',
    dueAt: Math.round(now() + waitMs),
    cause: toCause(judgement),
    isSpared: true,
  });
  if (spareMs !== undefined) return again(spareMs);
  const delayMs = toRetryDelay(settings.scheduleMs, batch.attempt, random(), judgement.retryAfterMs);
  if (delayMs === undefined) return keepMs === undefined ? { kind: 'dead' } : again(keepMs);
  return { kind: 'retry', dueAt: now() + delayMs, cause: toCause(judgement) };
}

/** A receiver that did not answer in time, or not to the end, may have taken it; one that answered no has not. */
function toCause({ outcome, isCutOff }: Judgement): RepeatCause {
  if (outcome === 'timeout') return 'timeout';
  return isCutOff ? 'cut off' : 'retry';
}
