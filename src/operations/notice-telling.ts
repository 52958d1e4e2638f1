// Tells targets what waits for them: one message at a time for each, again and again until it is taken or given up.
import { randomBytes } from 'node:crypto';
import { render, renderTest } from '../core/notices/rendering.ts';
import type { Notice } from '../domain/notice.ts';
import type { NoticeMessage, Notify, Told } from '../domain/notice-message.ts';
import type { NoticeTarget, TargetKind, Telling, TellingNext } from '../domain/notice-target.ts';
import { schedules, toWait } from '../domain/retry.ts';
import { writeAgain } from '../runtime/outage.ts';
import { Worker } from '../runtime/worker.ts';
import type { Duty } from '../runtime/worker.ts';
import type { Time } from '../runtime/clock.ts';
import type { Store } from '../store/store.ts';
import type { Emit } from '../telemetry/events.ts';

export interface TellingDeps extends Time {
  readonly store: Pick<Store, 'claimTellings' | 'settleTelling' | 'resumeTellings'>;
  /** How each kind of target is told; of e-mail only where there is a mail server. */
  readonly notifiers: Readonly<Partial<Record<TargetKind, Notify>>>;
  readonly operatorTargets: readonly NoticeTarget[];
  /** Where people look; null when nobody said where this service is reached. */
  readonly link: string | null;
  readonly emit: Emit;
  readonly random: () => number;
  /** One node tells for all; each for itself when left out. */
  readonly duty?: Duty;
  readonly setTimer?: (callback: () => void, ms: number) => () => void;
}

/** Messages under way at once. */
const stepMessages = 16;
/** Longer than a try may take. */
const leaseMs = 2 * 60_000;
const lookMs = 1000;
const stopLimitMs = 6000;

/** Looks every second for messages whose time has come. What a node that is gone was at is told again, with the same id. */
export function createTelling(deps: TellingDeps): Worker {
  const { store, emit, now, monotonic, duty, setTimer } = deps;
  let isResumed = false;
  return new Worker({
    name: 'notices.tell',
    emit,
    now,
    monotonic,
    everyMs: lookMs,
    stopLimitMs,
    ...(duty && {
      duty: {
        isOurs: duty.isOurs,
        follow: (gained) =>
          duty.follow(() => {
            isResumed = false;
            gained();
          }),
      },
    }),
    run: async ({ attempt }) => {
      if (!isResumed) await store.resumeTellings();
      isResumed = true;
      const due = await store.claimTellings(stepMessages, leaseMs);
      await Promise.all(due.map((telling) => attempt(() => tell(deps, telling))));
    },
    ...(setTimer && { setTimer }),
  });
}

async function tell(deps: TellingDeps, telling: Telling): Promise<void> {
  const { store, operatorTargets, link, emit, now, monotonic, random } = deps;
  const { accountId, targetId, groups, attempt } = telling;
  const target = telling.target ?? operatorTargets.find(({ id }) => accountId === null && id === targetId);
  const startedAt = monotonic();
  const told: Told =
    target === undefined
      ? { kind: 'refused', reason: 'It is not set any more.' }
      : await notify(deps, target, render(target, { ...telling, at: now(), link }));
  const next = toNext(told, attempt, now(), random());
  await writeAgain(() => store.settleTelling(telling, next));
  emit('notice.told', {
    accountId,
    targetId,
    kind: target?.kind ?? 'none',
    notices: groups.reduce((sum, { raised, ended }) => sum + raised + ended, 0),
    attempt,
    outcome: next.kind,
    durationMs: monotonic() - startedAt,
  });
}

async function notify(
  { notifiers }: Pick<TellingDeps, 'notifiers'>,
  target: NoticeTarget,
  message: NoticeMessage,
): Promise<Told> {
  const how = notifiers[target.kind];
  return how === undefined
    ? { kind: 'later', reason: 'There is no mail server: CHASQUI_SMTP_URL is not set.' }
    : how(target, message);
}

function toNext(told: Told, attempt: number, now: number, random: number): TellingNext {
  if (told.kind === 'told') return { kind: 'told' };
  const { reason: error } = told;
  const askedMs = told.kind === 'later' ? (told.askedMs ?? 0) : 0;
  const waitMs = told.kind === 'later' ? toWait(schedules.notice, attempt, { askedMs, random }) : undefined;
  return waitMs === undefined ? { kind: 'given_up', error } : { kind: 'retry', dueAt: now + waitMs, error };
}

/** Sends a target a message that says that it is a test; it is recorded nowhere and not tried again. */
export async function sendTest(
  deps: Pick<TellingDeps, 'notifiers' | 'link' | 'now'>,
  target: NoticeTarget,
): Promise<Told> {
  const id = `notice_test_${randomBytes(12).toString('hex')}`;
  return notify(deps, target, renderTest(target, { id, at: deps.now(), link: deps.link }));
}

/** Tells some of the operator's targets of one notice, past the store; once, and never throws. */
export async function tellAtOnce(
  deps: Pick<TellingDeps, 'notifiers' | 'operatorTargets' | 'link' | 'now' | 'emit'>,
  targetIds: readonly string[],
  notice: Notice,
): Promise<void> {
  const { operatorTargets, now, link, emit } = deps;
  const group = {
    about: notice.accountId,
    code: notice.code,
    raised: 1,
    ended: 0,
    standing: 1,
    samples: [notice],
  };
  const message = `notice_${randomBytes(16).toString('hex')}`;
  const tells = operatorTargets
    .filter(({ id }) => targetIds.includes(id))
    .map(async (target) => {
      const told = await notify(
        deps,
        target,
        render(target, { message, attempt: 1, groups: [group], at: now(), link }),
      );
      if (told.kind !== 'told') throw new Error(`The target ${target.id} was not told. ${told.reason}`);
    });
  for (const result of await Promise.allSettled(tells))
    if (result.status === 'rejected') emit('unit.crashed', { unit: 'notice.tell', error: result.reason });
}
