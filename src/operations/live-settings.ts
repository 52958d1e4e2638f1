// Settings that somebody sets while the service runs: kept in the store, heard by all nodes, and read at each use.
import type { Principal } from '../domain/account.ts';
import { FaultError, FieldError, notFound } from '../domain/errors.ts';
import { ValueError } from '../domain/faults.ts';
import type { KeptSetting, Store } from '../store/store.ts';
import type { Emit } from '../telemetry/events.ts';

/** A setting as the process was started with it. */
export interface StartedSetting {
  readonly key: string;
  readonly value: unknown;
  /** Whether it may be set while the service runs. */
  readonly isLive: boolean;
  /** Whether its value was given where the service is started; such a one stays what it is. */
  readonly isGiven: boolean;
  /** Turns what was set into a value, or throws a text that says what would be right. */
  readonly parse: (text: string) => unknown;
}

interface LiveSettingsDeps {
  readonly store: Pick<Store, 'listSettings' | 'setSetting' | 'watch'>;
  readonly started: readonly StartedSetting[];
  readonly emit: Emit;
  /** Called after each look at what is set. */
  readonly onTaken: () => void;
}

/** What is in force of the settings that may be set while the service runs. */
export class LiveSettings {
  readonly #deps: LiveSettingsDeps;
  readonly #started: ReadonlyMap<string, StartedSetting>;
  #kept: ReadonlyMap<string, KeptSetting> = new Map();
  /** Values of those that are in force. */
  #taken: ReadonlyMap<string, unknown> = new Map();
  #looking: Promise<void> = Promise.resolve();
  readonly #unwatch: () => void;

  private constructor(deps: LiveSettingsDeps) {
    this.#deps = deps;
    this.#started = new Map(deps.started.map((one) => [one.key, one]));
    this.#unwatch = deps.store.watch(({ kind }) => {
      if (kind === 'settings' || kind === 'missed')
        this.look().catch((error: unknown) => deps.emit('unit.crashed', { unit: 'settings.look', error }));
    });
  }

  /** Begins with what is set. Throws `store_unavailable`: without it, things might go that are to be kept. */
  static async open(deps: LiveSettingsDeps): Promise<LiveSettings> {
    const live = new LiveSettings(deps);
    await live.look();
    return live;
  }

  /** The value in force: what was given at the start, else what was set, else the default. */
  get(key: string): unknown {
    return this.#taken.has(key) ? this.#taken.get(key) : this.#started.get(key)?.value;
  }

  /** What was set of a setting, and whether it is in force on this node; undefined where nothing is. */
  findSet(key: string): (KeptSetting & { readonly isInForce: boolean }) | undefined {
    const kept = this.#kept.get(key);
    return kept && { ...kept, isInForce: this.#taken.has(key) };
  }

  /** Sets one for all nodes. Throws `not_found`, `bad_request`, and `wrong_state` for what is fixed where the service is started. */
  async set({ accountId, actor }: Principal, key: string, text: string): Promise<void> {
    const setting = this.#requireSettable(key);
    try {
      setting.parse(text);
    } catch (error) {
      throw toRefusal(error);
    }
    const initial = String(setting.value);
    await this.#deps.store.setSetting(accountId, { key, value: text, initial }, actor);
    await this.look();
  }

  /** Lets go of what was set, so that the default is in force again. Throws `not_found`. */
  async unset({ accountId, actor }: Principal, key: string): Promise<void> {
    const initial = String(this.#requireKnown(key).value);
    await this.#deps.store.setSetting(accountId, { key, value: null, initial }, actor);
    await this.look();
  }

  /** Reads what is set, one look after the other. */
  look(): Promise<void> {
    const looked = this.#looking.then(() => this.#take());
    this.#looking = looked.catch(() => undefined);
    return looked;
  }

  close(): void {
    this.#unwatch();
  }

  async #take(): Promise<void> {
    const taken = new Map<string, unknown>();
    const all = await this.#deps.store.listSettings();
    for (const kept of all) {
      const setting = this.#started.get(kept.key);
      // Of another release, or fixed on this node.
      if (setting === undefined || !setting.isLive || setting.isGiven) continue;
      try {
        taken.set(kept.key, setting.parse(kept.value));
      } catch (error) {
        this.#deps.emit('unit.crashed', { unit: 'settings.take', error });
      }
    }
    this.#kept = new Map(all.map((kept) => [kept.key, kept]));
    this.#taken = taken;
    this.#deps.onTaken();
  }

  #requireKnown(key: string): StartedSetting {
    const setting = this.#started.get(key);
    if (setting === undefined) throw notFound('setting');
    return setting;
  }

  #requireSettable(key: string): StartedSetting {
    const setting = this.#requireKnown(key);
    if (!setting.isLive) throw new FaultError('wrong_state', 'setting_at_start', { key });
    if (setting.isGiven) throw new FaultError('wrong_state', 'setting_fixed', { key });
    return setting;
  }
}

/** Why a value is refused, to stand at its field. */
function toRefusal(error: unknown): FieldError {
  const fault = error instanceof ValueError ? error.fault : null;
  const text = error instanceof Error ? error.message : '';
  return new FieldError('bad_request', 'value', `value: ${text}.`, fault);
}
