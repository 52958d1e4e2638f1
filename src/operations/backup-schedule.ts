// Backups that are made by themselves, and what an operator is told of them.
import { parseBackupName } from '../domain/backup.ts';
import type { BackupManifest } from '../domain/backup.ts';
import { GatewayError } from '../domain/errors.ts';
import { noticed } from '../domain/findings.ts';
import type { EndNotice, RaiseNotice } from '../domain/notice.ts';
import { schedules, toWait } from '../domain/retry.ts';
import type { Time } from '../runtime/clock.ts';
import { Worker } from '../runtime/worker.ts';
import type { Turn } from '../runtime/worker.ts';
import { BrokenOff } from '../store/backups/port.ts';
import type { BackupPlace, CheckIn } from '../store/backups/port.ts';
import type { Emit } from '../telemetry/events.ts';
import type { Backups } from './backup.ts';

interface BackupScheduleDeps extends Time {
  readonly backups: Pick<Backups, 'toPlace'>;
  /** Opens the place; asked again where that failed. */
  readonly openPlace: () => Promise<BackupPlace>;
  readonly storeId: string;
  /** From the beginning of one to that of the next. */
  readonly everyMs: number;
  /** So many are kept. */
  readonly keep: number;
  /** Why nothing may be dated just now; none is begun meanwhile. */
  readonly isInDoubt: () => boolean;
  readonly raiseNotice: RaiseNotice;
  readonly endNotice: EndNotice;
  readonly emit: Emit;
}

/** What is known of the newest backup. */
interface BackupFigures {
  /** Of the newest one: its name's time (epoch ms), its age, how large it is and how long it took; null while there is none. */
  readonly last: {
    readonly at: number;
    readonly ageMs: number;
    readonly bytes: number;
    readonly durationMs: number;
  } | null;
  /** Whether there has been none for twice as long as there should. */
  readonly isOverdue: boolean;
}

/** The newest backup; `since`: its age as a time of the clock that nobody sets. */
interface Last {
  readonly at: number;
  readonly since: number;
  readonly manifest: BackupManifest;
}

const lookMs = 60_000;
/** What goes on failing is told again so often. */
const tellAgainMs = 24 * 60 * 60_000;
/** A backup may take as long as its interval, within these bounds. */
const [leastLimitMs, mostLimitMs] = [30 * 60_000, 24 * 60 * 60_000];
const subject = 'backup';

/**
 * Looks every minute whether a backup is due, by a clock that nobody sets; after a restart by the age of the newest that is kept. One that
 * failed is tried again by a schedule, and is told, as is its end.
 */
export class BackupSchedule {
  readonly worker: Worker;
  readonly #deps: BackupScheduleDeps;
  readonly #limitMs: number;
  readonly #startedAt: number;
  #place: BackupPlace | undefined;
  #isListed = false;
  #last: Last | undefined;
  /** What the newest name that is kept says, of one that cannot be read as well: the next one comes after it. */
  #newestAt = 0;
  #dueAt = Number.NEGATIVE_INFINITY;
  #failures = 0;
  #toldFailedAt = Number.NEGATIVE_INFINITY;
  #toldOverdueAt = Number.NEGATIVE_INFINITY;
  #isToldBad = false;

  constructor(deps: BackupScheduleDeps) {
    const { emit, now, monotonic, everyMs } = deps;
    this.#deps = deps;
    this.#startedAt = monotonic();
    this.#limitMs = Math.min(Math.max(everyMs, leastLimitMs), mostLimitMs);
    this.worker = new Worker({
      name: 'store.backup',
      emit,
      now,
      monotonic,
      everyMs: lookMs,
      boundMs: this.#limitMs,
      // It tells of itself what failed, with the place.
      isToldElsewhere: () => true,
      run: (turn) => this.#look(turn),
    });
  }

  figures(): BackupFigures {
    const last = this.#last;
    return {
      last:
        last === undefined
          ? null
          : {
              at: last.at,
              ageMs: this.#deps.monotonic() - last.since,
              bytes: last.manifest.store.bytes + last.manifest.media.bytes,
              durationMs: last.manifest.durationMs,
            },
      isOverdue: this.#isOverdue(),
    };
  }

  /** Without any, it counts from the start of the process. */
  #isOverdue(): boolean {
    return this.#deps.monotonic() - (this.#last?.since ?? this.#startedAt) > 2 * this.#deps.everyMs;
  }

  async #look(turn: Turn): Promise<void> {
    const { monotonic, isInDoubt } = this.#deps;
    if (isInDoubt()) return;
    try {
      if (monotonic() >= this.#dueAt) await this.#make(turn);
    } finally {
      this.#tellOverdue();
    }
  }

  async #make(turn: Turn): Promise<void> {
    const { monotonic, everyMs } = this.#deps;
    const startedAt = monotonic();
    try {
      const place = await this.#open();
      if (monotonic() < this.#dueAt) return;
      await this.#backUp(place, toCheckIn(turn));
    } catch (error) {
      // Somebody has one made at this moment, elsewhere; the next look finds it done.
      if (error instanceof GatewayError && error.code === 'too_many') return;
      // The end of the service is no failure; the next start finds nothing of it.
      if (error instanceof BrokenOff && monotonic() - startedAt < this.#limitMs) throw error;
      this.#failures += 1;
      this.#dueAt = monotonic() + Math.min(everyMs, toWait(schedules.backup, this.#failures) ?? everyMs);
      this.#tellFailed(error);
      throw error;
    }
  }

  /** Opens the place, and looks once what is kept there: that says when the next one is due. */
  async #open(): Promise<BackupPlace> {
    const { openPlace, storeId, now, monotonic, everyMs } = this.#deps;
    const place = (this.#place ??= await openPlace());
    if (this.#isListed) return place;
    await place.clear();
    const name = (await place.list()).at(-1);
    const at = name === undefined ? undefined : parseBackupName(name, storeId);
    const manifest = name === undefined ? undefined : await place.read(name);
    this.#isListed = true;
    this.#newestAt = at ?? 0;
    // One that cannot be read is none: another is made at once.
    if (at === undefined || manifest === undefined) return place;
    const since = monotonic() - Math.max(0, now() - at);
    this.#last = { at, since, manifest };
    this.#dueAt = since + everyMs;
    return place;
  }

  async #backUp(place: BackupPlace, checkIn: CheckIn): Promise<void> {
    const { backups, everyMs, monotonic, emit, raiseNotice, endNotice } = this.#deps;
    const startedAt = monotonic();
    const { at, manifest } = await backups.toPlace(place, { after: this.#newestAt, checkIn });
    this.#newestAt = at;
    this.#last = { at, since: startedAt, manifest };
    this.#dueAt = startedAt + everyMs;
    this.#failures = 0;
    emit('backup.made', {
      place: place.address,
      bytes: manifest.store.bytes + manifest.media.bytes,
      mediaFiles: manifest.media.files,
      durationMs: monotonic() - startedAt,
    });
    // Another one would not help against old ones that stay.
    const thinned = await this.#thin(place);
    if (!thinned) return;
    if (this.#isToldBad)
      raiseNotice({ accountId: null, subject, ...noticed('backup_made', { place: place.address }) });
    this.#isToldBad = false;
    // What another process told of, and that it was late.
    endNotice(null, 'backup_failed', subject);
    endNotice(null, 'backup_overdue', subject);
    this.#toldFailedAt = this.#toldOverdueAt = Number.NEGATIVE_INFINITY;
  }

  /** Takes away the oldest beyond what is kept, once there is a new one; resolves to whether that went well. */
  async #thin(place: BackupPlace): Promise<boolean> {
    try {
      for (const old of (await place.list()).slice(0, -this.#deps.keep)) await place.remove(old);
      return true;
    } catch (error) {
      this.#tellFailed(error);
      return false;
    }
  }

  #tellFailed(error: unknown): void {
    const { monotonic, emit, raiseNotice } = this.#deps;
    emit('backup.failed', { error });
    if (monotonic() - this.#toldFailedAt < tellAgainMs) return;
    this.#toldFailedAt = monotonic();
    this.#isToldBad = true;
    const reason = toReason(error);
    raiseNotice({ accountId: null, subject, ...noticed('backup_failed', { reason }) });
  }

  #tellOverdue(): void {
    const { monotonic, raiseNotice } = this.#deps;
    if (!this.#isOverdue() || monotonic() - this.#toldOverdueAt < tellAgainMs) return;
    this.#toldOverdueAt = monotonic();
    this.#isToldBad = true;
    const hours = Math.floor((monotonic() - (this.#last?.since ?? this.#startedAt)) / 3_600_000);
    raiseNotice({ accountId: null, subject, ...noticed('backup_overdue', { hours }) });
  }
}

function toCheckIn({ isOver }: Turn): CheckIn {
  return () => {
    if (isOver()) throw new BrokenOff('It took too long, or the service was ended.');
  };
}

/** Ours are written for people; of others the log holds more. */
function toReason(error: unknown): string {
  if (error instanceof GatewayError || error instanceof BrokenOff) return error.message;
  return error instanceof Error && 'code' in error ? `${String(error.code)}.` : 'The log holds the reason.';
}
