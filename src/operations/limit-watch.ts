// Which accounts hold as much as they may: those that send nothing themselves are refused nothing, and fill up by what channels bring.
import type { Quota } from '../core/accounts/quotas.ts';
import type { AccountId } from '../domain/account.ts';
import type { LimitName } from '../domain/limits.ts';
import { Worker } from '../runtime/worker.ts';
import type { Duty } from '../runtime/worker.ts';
import type { Time } from '../runtime/clock.ts';
import type { Store } from '../store/store.ts';
import type { Emit } from '../telemetry/events.ts';

interface LimitWatchDeps extends Time {
  readonly store: Pick<Store, 'listAccounts'>;
  readonly quotas: Readonly<Partial<Record<LimitName, Pick<Quota, 'boundOf' | 'count' | 'tellHeld'>>>>;
  readonly emit: Emit;
  /** Who tells; each node looks for its own metrics. */
  readonly duty?: Pick<Duty, 'isOurs'>;
  readonly setTimer?: (callback: () => void, ms: number) => () => void;
}

/** How much of a limit an account holds; 1 is all of it, and more where channels brought more. */
interface LimitUse {
  readonly accountId: AccountId;
  readonly limit: LimitName;
  readonly ratio: number;
}

const watchMs = 60_000;
/** The fullest that the metrics tell of. */
const maxShown = 200;

/** Looks every minute how full accounts are that have a limit, and tells of those that are, and of those that are no more. */
export class LimitWatch {
  readonly worker: Worker;
  readonly #deps: LimitWatchDeps;
  #uses: readonly LimitUse[] = [];

  constructor(deps: LimitWatchDeps) {
    const { emit, now, monotonic, setTimer } = deps;
    this.#deps = deps;
    this.worker = new Worker({
      name: 'limits.watch',
      emit,
      now,
      monotonic,
      firstMs: watchMs,
      everyMs: watchMs,
      ...(setTimer && { setTimer }),
      run: () => this.#look(),
    });
  }

  /** The fullest at the last look, first. */
  uses(): readonly LimitUse[] {
    return this.#uses;
  }

  async #look(): Promise<void> {
    const { store, quotas, duty } = this.#deps;
    const uses: LimitUse[] = [];
    for (const { id: accountId, limits: accountLimits } of await store.listAccounts())
      for (const [limit, quota] of Object.entries(quotas) as [LimitName, (typeof quotas)[LimitName]][]) {
        const bound = quota?.boundOf({ accountLimits });
        const held = quota === undefined || bound === undefined ? 0 : await quota.count(accountId);
        if (bound !== undefined) uses.push({ accountId, limit, ratio: held / bound });
        if (duty?.isOurs() !== false) quota?.tellHeld(accountId, held, bound);
      }
    this.#uses = uses.toSorted((a, b) => b.ratio - a.ratio).slice(0, maxShown);
  }
}
