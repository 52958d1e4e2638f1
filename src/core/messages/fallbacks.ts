// Hands fallbacks that fire to the SMS gateway of the operator.
import { writeAgain } from '../../runtime/outage.ts';
import { noticed } from '../../domain/findings.ts';
import { isTaken } from '../../domain/fallback.ts';
import type { Fallback, FallbackAttempt, FallbackNext } from '../../domain/fallback.ts';
import type { OutboundMessage } from '../../domain/message.ts';
import { schedules, toWait } from '../../domain/retry.ts';
import type { RaiseNotice } from '../../domain/notice.ts';
import type { Client } from '../../http/client.ts';
import { isFailure } from '../../http/client.ts';
import type { Store } from '../../store/store.ts';
import type { Emit } from '../../telemetry/events.ts';
import { Worker } from '../../runtime/worker.ts';
import type { Time } from '../../runtime/clock.ts';

interface FallbackDeps extends Time {
  readonly store: Pick<Store, 'claimFallbacks' | 'settleFallback' | 'findOutbound'>;
  readonly client: Pick<Client, 'post'>;
  readonly emit: Emit;
  readonly raiseNotice: RaiseNotice;
  readonly gatewayUrl: string;
  /** The headers of a POST: its id, its signature where a secret is set, and the number of the try. */
  readonly toHeaders: (post: {
    readonly id: string;
    readonly at: number;
    readonly body: string;
    readonly attempt: number;
  }) => Readonly<Record<string, string>>;
}

const stepFallbacks = 20;
/** Longer than a POST may take. */
const leaseMs = 60_000;
const lookMs = 1000;
const timeoutMs = 10_000;
const maxAnswerBytes = 1024;

/** Looks for fallbacks that are due every second; its end waits for the POSTs under way. */
export function createFallbacks(deps: FallbackDeps): Worker {
  return new Worker({
    name: 'fallbacks',
    emit: deps.emit,
    now: deps.now,
    monotonic: deps.monotonic,
    everyMs: lookMs,
    // A POST whose outcome is not written down is made again.
    stopLimitMs: timeoutMs,
    run: async ({ attempt }) => {
      const due = await deps.store.claimFallbacks(stepFallbacks, deps.now(), leaseMs);
      await Promise.all(due.map((fallback) => attempt(() => fire(deps, fallback))));
    },
  });
}

async function fire(deps: FallbackDeps, fallback: Fallback): Promise<void> {
  const { accountId, outboundId } = fallback;
  const [message] = await deps.store.findOutbound(accountId, { ids: [outboundId] });
  const at = deps.now();
  const attempt = message === undefined ? undefined : await post(deps, fallback, message, at);
  // A message that has been swept takes its fallback with it.
  if (attempt === undefined || message === undefined) return;
  const waitMs = toWait(schedules.fallback, fallback.attempts + 1);
  const next: FallbackNext = isTaken(attempt.status)
    ? { kind: 'taken' }
    : waitMs === undefined
      ? { kind: 'dead' }
      : { kind: 'retry', dueAt: deps.now() + waitMs };
  await writeAgain(() => deps.store.settleFallback(fallback, attempt, next));
  deps.emit('fallback.attempted', {
    accountId,
    messageId: message.messageId,
    attempt: fallback.attempts + 1,
    outcome: next.kind,
    status: attempt.status,
    durationMs: attempt.durationMs,
  });
  if (next.kind === 'dead')
    deps.raiseNotice({
      accountId,
      subject: `message/${message.messageId}`,
      ...noticed('fallback_died', { tries: fallback.attempts + 1, said: attempt.text }),
    });
}

/** The gateway gets what it needs to send the short message; a repeat of it has the same id. */
async function post(
  { client, gatewayUrl, toHeaders, monotonic }: FallbackDeps,
  { reason, attempts }: Fallback,
  { accountId, messageId, taskId, channelType, senderId, to, envelope }: OutboundMessage,
  at: number,
): Promise<FallbackAttempt> {
  const body = JSON.stringify({
    Type: 'fallback',
    AccountId: String(accountId),
    MessageId: messageId,
    TaskId: taskId ?? messageId,
    ChannelType: channelType,
    From: senderId,
    To: to,
    FallBackId: envelope.fallBack?.id ?? '',
    FallBackContent: envelope.fallBack?.content ?? '',
    Reason: reason,
    Timestamp: at,
  });
  const id = `fallback_${accountId}_${messageId}`;
  const startedAt = monotonic();
  const answer = await client.post(gatewayUrl, {
    headers: toHeaders({ id, at, body, attempt: attempts + 1 }),
    body,
    timeoutMs,
    maxBytes: maxAnswerBytes,
  });
  const durationMs = Math.round(monotonic() - startedAt);
  if (isFailure(answer)) return { at, durationMs, status: null, text: answer.reason };
  const { status } = answer;
  return { at, durationMs, status, text: isTaken(status) ? '' : `The gateway answered ${status}.` };
}
