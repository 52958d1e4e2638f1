import type { AccountId } from '../../domain/account.ts';
import { noticed } from '../../domain/findings.ts';
import type { Media } from '../../domain/media.ts';
import type { EndNotice, RaiseNotice } from '../../domain/notice.ts';
import type { MediaStore, Store } from '../../store/store.ts';
import { isOverShare } from './budget.ts';
import type { BudgetStore } from './budget.ts';
import { FetchError } from './fetch-error.ts';

export interface SpaceDeps {
  readonly store: BudgetStore & Pick<Store, 'listStoredMedia' | 'settleMedia'>;
  readonly files: Pick<MediaStore, 'remove'>;
  readonly raiseNotice: RaiseNotice;
  readonly endNotice: EndNotice;
  readonly now: () => number;
  /** Whether files may be taken away by the time that it is, to make room; always when left out. */
  readonly maySweep?: () => boolean;
  readonly settings: {
    readonly budgetBytes: number;
    readonly keepMs: number;
  };
}

/** There is room again below this part of what there may be: what is just below all of it will be full with the next file. */
const easedPart = 0.9;
/** Files that one step takes away to make room. */
const roomStep = 50;

/** What files take of the disk: those that are stored, as last heard from the store, and what fetches under way have written so far. */
export class Space {
  readonly #deps: SpaceDeps;
  #storedBytes = 0;
  #writingBytes = 0;

  constructor(deps: SpaceDeps) {
    this.#deps = deps;
  }

  /** Throws `FetchError` where there is no room for one more file, or the account has what it may have. */
  async admit(media: Media): Promise<void> {
    const { settings } = this.#deps;
    this.#storedBytes = await this.#deps.store.sumFileBytes();
    if (this.#usedBytes >= settings.budgetBytes) await this.makeRoom(media);
    if (await isOverShare(this.#deps, media.accountId, this.#usedBytes))
      throw this.#refuse(media, media.accountId);
    await this.#tellEased(media.accountId);
  }

  async #tellEased(accountId: AccountId): Promise<void> {
    const { settings, endNotice } = this.#deps;
    if (this.#usedBytes < settings.budgetBytes * easedPart) endNotice(null, 'disk_budget_reached', 'media');
    if (!(await isOverShare(this.#deps, accountId, this.#usedBytes, easedPart)))
      endNotice(accountId, 'disk_share_reached', 'media');
  }

  /** Counts a piece that is about to be written. */
  count(bytes: number): void {
    this.#writingBytes += bytes;
  }

  /** Whether more is written than there is room for. */
  get isOver(): boolean {
    return this.#usedBytes > this.#deps.settings.budgetBytes;
  }

  /** Makes room for what is written of a file. Throws `FetchError` where there is none. */
  async makeRoom(media: Media): Promise<void> {
    if (!(await this.#clear())) throw this.#refuse(media, null);
  }

  /** A fetch is over that has written so much, and has stored so much of it. */
  end(writtenBytes: number, storedBytes: number): void {
    this.#writingBytes -= writtenBytes;
    this.#storedBytes += storedBytes;
  }

  /** Takes away up to `limit` files whose time is over, oldest first; resolves to how many went. */
  async sweep(limit: number): Promise<number> {
    const { store, files, now, settings } = this.#deps;
    const old = await store.listStoredMedia(now() - settings.keepMs, limit);
    for (const { accountId, id } of old) {
      // The row first: a file without a row is only wasted space, a row without its file would be a broken promise.
      await store.settleMedia(accountId, id, { state: 'erased', reason: 'Its time was over.' });
      await files.remove({ accountId, id });
    }
    return old.length;
  }

  get #usedBytes(): number {
    return this.#storedBytes + this.#writingBytes;
  }

  /** Takes files away whose time is over until there is room; resolves to whether there is. */
  async #clear(): Promise<boolean> {
    for (;;) {
      const removed = this.#deps.maySweep?.() === false ? 0 : await this.sweep(roomStep);
      this.#storedBytes = await this.#deps.store.sumFileBytes();
      if (this.#usedBytes < this.#deps.settings.budgetBytes) return true;
      if (removed === 0) return false;
    }
  }

  /** For want of space at all, or of space that the account may have. */
  #refuse(media: Media, accountId: AccountId | null): FetchError {
    this.#deps.raiseNotice({
      accountId,
      subject: 'media',
      ...noticed(accountId === null ? 'disk_budget_reached' : 'disk_share_reached', {}),
    });
    const whose = accountId === null ? '' : ' of this account';
    const reason = `There is no disk space for media${whose} left (attempt ${media.attempts}).`;
    return new FetchError('later', reason);
  }
}
