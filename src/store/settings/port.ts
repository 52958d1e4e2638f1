// Settings of the service that somebody set while it ran.
import type { AccountId, Actor } from '../../domain/account.ts';

/** A setting as it was set, in the words of the settings file. */
export interface KeptSetting {
  readonly key: string;
  readonly value: string;
  readonly setAt: number;
  /** As the actor of a change: `user/ana`. */
  readonly setBy: string;
}

/** What people see of them. */
export interface SettingViews {
  /** By key. */
  listSettings(): Promise<readonly KeptSetting[]>;
}

/** What a setting shall be: null lets go of what was set, and `initial` is in force where nothing is. */
export interface SettingChange {
  readonly key: string;
  readonly value: string | null;
  readonly initial: string;
}

export interface KeptSettings extends SettingViews {
  /**
   * Sets one, or lets go of what was set; resolves to false where there was nothing to let go of. All nodes hear of it, and the log of
   * changes tells from what to what.
   */
  setSetting(accountId: AccountId, change: SettingChange, actor: Actor): Promise<boolean>;
}
