// Operator notices: what a person has to know or do, told once in a while and not at every turn.
import { noticed } from '../domain/findings.ts';
import { findEnding, isLasting, toNoticeKind } from '../domain/notice.ts';
import type {
  EndNotice,
  NewNotice,
  Notice,
  LastingCode,
  NoticeEnd,
  NoticeKey,
  RaiseNotice,
} from '../domain/notice.ts';
import { wants } from '../domain/notice-target.ts';
import type { NoticeTarget } from '../domain/notice-target.ts';
import { Worker } from '../runtime/worker.ts';
import type { Duty } from '../runtime/worker.ts';
import type { Time } from '../runtime/clock.ts';
import type { Store } from '../store/store.ts';
import type { Emit } from '../telemetry/events.ts';
import { findResolved, isSettled, maxLookUps, quietMs } from './notice-endings.ts';
import type { EndingDeps, StandingNotice } from './notice-endings.ts';

/** Something of this process that lasts, of which nobody tells the end. */
export interface OwnState {
  readonly code: LastingCode;
  readonly subject: string;
  /** Whether it is over, having been told of so long ago. */
  readonly isOver: (toldAgoMs: number) => boolean;
}

export interface NoticeDeps extends Time, Omit<EndingDeps, 'store'> {
  readonly store: EndingDeps['store'] &
    Pick<Store, 'recordNotice' | 'listStandingNotices' | 'findOldestUndelivered' | 'probe'>;
  /** Of the whole service. */
  readonly ownStates?: readonly OwnState[];
  readonly emit: Emit;
  /** The operator's own targets, which are told of every account. */
  readonly operatorTargets: readonly NoticeTarget[];
  /** Tells the operator's targets, by their ids, of what the store did not take: nobody would hear of it otherwise. Never throws. */
  readonly tellAtOnce: (targetIds: readonly string[], notice: Notice) => Promise<void>;
  /** Who looks at the deliveries of all; each node when left out. */
  readonly duty?: Pick<Duty, 'isOurs'>;
  /** A delivery that has waited longer raises `undelivered_too_old`. */
  readonly undeliveredAlarmMs: number;
  readonly setTimer?: (callback: () => void, ms: number) => () => void;
}

const watchMs = 60_000;
/** Subjects remembered at most; more than that within ten minutes and the oldest may be told again. */
const maxRemembered = 10_000;
/** Notices told past the store at once; what comes above it is in the log and the metrics, and recorded later. */
const maxAtOnce = 8;
/** Notices kept for a store that does not take them; what comes above it is in the log and the metrics alone. */
const maxKept = 1000;

/** A notice that the store did not take, and whom of the operator's targets it is still for. */
interface Unrecorded {
  readonly notice: NewNotice;
  readonly toOperator: readonly string[];
}

/** Opens the notices and their watch. A raised notice is logged and counted, and recorded with whom it has to be told. */
export class NoticeBoard {
  /** Looks every minute, once it is started, for deliveries that have waited too long, whether the store commits, and what is over. */
  readonly watch: Worker;
  readonly #deps: NoticeDeps;
  readonly #told = new Map<string, number>();
  readonly #standing = new Map<string, StandingNotice>();
  /** What is being written of each kind and subject, the last of it: what began and what ended is written in this order. */
  readonly #writing = new Map<string, Promise<void>>();
  #unrecorded: Unrecorded[] = [];
  /** Whose turn it is among what is looked up a few at a time. */
  #turn = 0;
  #atOnce = 0;

  constructor(deps: NoticeDeps) {
    this.#deps = deps;
    this.watch = new Worker({
      name: 'notice.watch',
      emit: deps.emit,
      now: deps.now,
      monotonic: deps.monotonic,
      firstMs: watchMs,
      everyMs: watchMs,
      run: () => this.#look(),
      ...(deps.setTimer && { setTimer: deps.setTimer }),
    });
  }

  /** Never throws and is not waited for. The same code and subject is told at most once in ten minutes, unless it was over meanwhile. */
  readonly raise: RaiseNotice = (notice) => {
    const key = toName(notice);
    if (this.#isQuiet(key)) return;
    const { code, accountId, subject } = notice;
    const kind = toNoticeKind({ code, isOver: false });
    // What is over may begin again, and what begins may end again.
    if (kind.isEnd) {
      const begun = toName({ accountId, code: kind.code, subject });
      this.#told.delete(begun);
      this.#standing.delete(begun);
    }
    const ending = findEnding(code);
    if (ending !== undefined) this.#told.delete(toName({ accountId, code: ending, subject }));
    this.#deps.emit('notice.raised', { code, accountId, subject });
    if (isLasting(code)) this.#standing.set(key, { accountId, code, subject, toldAt: this.#deps.now() });
    this.#begin({ ...kind, accountId, subject }, () => this.#record(notice));
  };

  /** Never throws and is not waited for. Nothing where nothing of the kind is known to stand. */
  readonly end: EndNotice = (accountId, code, subject) => {
    const key = toName({ accountId, code, subject });
    if (this.#standing.has(key)) this.conclude(accountId, code, subject);
  };

  /** As {@link end}, of what may stand without being known to: an earlier process told of it. */
  readonly conclude: EndNotice = (accountId, code, subject) => {
    const key = toName({ accountId, code, subject });
    this.#standing.delete(key);
    this.#told.delete(key);
    const end: NoticeEnd = { accountId, code, subject, isOver: true };
    this.#begin(end, () =>
      this.#deps.store.recordNotice(end, this.#toOperator(end)).catch((error: unknown) => {
        // It is found standing at the next look, and ended then.
        this.#deps.emit('unit.crashed', { unit: 'notice.record', error });
      }),
    );
  };

  /** Ends the watch and waits for what is being told, with its own limit. */
  async close(): Promise<void> {
    await this.watch.stop();
    await this.idle();
  }

  /** Resolves when all that was raised or ended before is recorded, or is not going to be. */
  async idle(): Promise<void> {
    await Promise.all(this.#writing.values());
  }

  #begin(of: NoticeKey, write: () => Promise<unknown>): void {
    const name = toName(of);
    const before = this.#writing.get(name);
    const task = (before === undefined ? write() : before.then(write)).then(() => {
      if (this.#writing.get(name) === task) this.#writing.delete(name);
    });
    this.#writing.set(name, task);
  }

  #isQuiet(key: string): boolean {
    const { monotonic } = this.#deps;
    const at = this.#told.get(key);
    if (at !== undefined && monotonic() - at < quietMs) return true;
    this.#told.delete(key);
    this.#told.set(key, monotonic());
    const [oldest] = this.#told.keys();
    if (this.#told.size > maxRemembered && oldest !== undefined) this.#told.delete(oldest);
    return false;
  }

  /** The operator's targets that want a notice. */
  #toOperator(notice: Pick<Notice, 'code'> & { readonly isOver?: boolean }): readonly string[] {
    const { code } = toNoticeKind({ code: notice.code, isOver: notice.isOver ?? false });
    return this.#deps.operatorTargets.filter((target) => wants(target, code)).map(({ id }) => id);
  }

  async #record(notice: NewNotice): Promise<void> {
    const { store, emit, now, tellAtOnce } = this.#deps;
    const toOperator = this.#toOperator(notice);
    try {
      await store.recordNotice(notice, toOperator);
      return;
    } catch (error) {
      emit('unit.crashed', { unit: 'notice.record', error });
    }
    const isTold = this.#atOnce < maxAtOnce && toOperator.length > 0;
    if (this.#unrecorded.length < maxKept)
      this.#unrecorded.push({ notice, toOperator: isTold ? [] : toOperator });
    if (!isTold) return;
    this.#atOnce += 1;
    try {
      await tellAtOnce(toOperator, { findings: [], ...notice, id: 0, at: now(), isOver: false });
    } finally {
      this.#atOnce -= 1;
    }
  }

  /** Raises what has waited too long, and that the store does not commit; ends what is over. */
  async #look(): Promise<void> {
    const { store, duty } = this.#deps;
    try {
      await store.probe();
      await this.#recordLater();
      await this.#hearOfStanding();
      this.end(null, 'store_unavailable', 'store');
      this.#lookAtOwn();
      if (duty?.isOurs() === false) return;
      await this.#lookAtDeliveries();
      await this.#lookAtSubjects();
    } catch (error) {
      this.raise({ accountId: null, subject: 'store', ...noticed('store_unavailable', {}) });
      throw error;
    }
  }

  /** What a store that was away did not take. */
  async #recordLater(): Promise<void> {
    for (let next = this.#unrecorded[0]; next !== undefined; next = this.#unrecorded[0]) {
      await this.#deps.store.recordNotice(next.notice, next.toOperator);
      this.#unrecorded.shift();
    }
  }

  /** What stands, whichever node told of it and however long ago. */
  async #hearOfStanding(): Promise<void> {
    await this.idle();
    // What is raised while the store is asked stands as well.
    const before = [...this.#standing.keys()];
    const found = await this.#deps.store.listStandingNotices(maxRemembered);
    for (const name of before) this.#standing.delete(name);
    for (const key of found) this.#standing.set(toName(key), key);
  }

  #lookAtOwn(): void {
    const { ownStates = [], now } = this.#deps;
    for (const { code, subject, isOver } of ownStates) {
      const standing = this.#standing.get(toName({ accountId: null, code, subject }));
      if (standing !== undefined && isOver(now() - standing.toldAt)) this.end(null, code, subject);
    }
  }

  async #lookAtDeliveries(): Promise<void> {
    const { store, now, undeliveredAlarmMs } = this.#deps;
    const late = new Set<string>();
    for (const { accountId, destinationId, since } of await store.findOldestUndelivered()) {
      const ageMs = now() - since;
      if (ageMs <= undeliveredAlarmMs) continue;
      const subject = `destination/${destinationId}`;
      late.add(`${accountId} ${subject}`);
      const minutes = Math.floor(ageMs / 60_000);
      this.raise({ accountId, subject, ...noticed('undelivered_too_old', { destinationId, minutes }) });
    }
    for (const { accountId, code, subject } of [...this.#standing.values()])
      if (code === 'undelivered_too_old' && !late.has(`${accountId ?? ''} ${subject}`))
        this.end(accountId, code, subject);
  }

  async #lookAtSubjects(): Promise<void> {
    const standing = [...this.#standing.values()];
    for (const one of standing) if (await isSettled(this.#deps, one, this.#deps.now())) this.#endOf(one);
    const callbacks = standing.filter(({ code }) => code === 'callback_unresolved');
    for (const one of await findResolved(this.#deps, this.#takeTurn(callbacks))) this.#endOf(one);
  }

  /** The next few, so that each has its turn however many there are. */
  #takeTurn(all: readonly StandingNotice[]): readonly StandingNotice[] {
    const from = all.length === 0 ? 0 : this.#turn % all.length;
    this.#turn = from + maxLookUps;
    return [...all.slice(from), ...all.slice(0, from)].slice(0, maxLookUps);
  }

  #endOf({ accountId, code, subject }: StandingNotice): void {
    if (isLasting(code)) this.end(accountId, code, subject);
  }
}

function toName({ accountId, code, subject }: NoticeKey): string {
  return `${accountId ?? ''} ${code} ${subject}`;
}
