// The settings of the process, of which some are what somebody set while it ran.
import { isLive } from '../config/live.ts';
import { describeSettings, maskSetting } from '../config/sources.ts';
import type { Loaded } from '../config/sources.ts';
import { settingTable } from '../config/table.ts';
import type { SettingKey, Settings } from '../config/table.ts';
import { LiveSettings } from '../operations/live-settings.ts';
import type { StartedSetting } from '../operations/live-settings.ts';
import type { ApiDeps } from '../protocols/api/deps.ts';
import type { Store } from '../store/store.ts';
import type { Host } from './host.ts';

/** What of the host settings have to do with. */
interface LiveHost extends Pick<Host, 'settings' | 'sources' | 'emit'> {
  readonly telemetry: Pick<Host['telemetry'], 'setLevel'>;
  readonly releases: Pick<Host['releases'], 'add'>;
}

/** The settings, whose members that may be set at run time tell at each look what is in force. */
export async function openLiveSettings(
  { settings, sources, emit, telemetry, releases }: LiveHost,
  store: Store,
): Promise<{ readonly live: LiveSettings; readonly settings: Settings }> {
  const keys = Object.keys(settingTable) as SettingKey[];
  const current = { ...settings };
  const live = await LiveSettings.open({
    store,
    emit,
    started: keys.map((key) => toStarted(key, settings, sources)),
    onTaken: () => {
      telemetry.setLevel(current.logLevel);
    },
  });
  for (const key of keys.filter(isLive))
    Object.defineProperty(current, key, { enumerable: true, get: () => live.get(key) });
  telemetry.setLevel(current.logLevel);
  releases.add('store', () => {
    live.close();
  });
  return { live, settings: current };
}

function toStarted(
  key: SettingKey,
  settings: Settings,
  sources: Loaded['sources'] | undefined,
): StartedSetting {
  const source = sources?.[key] ?? 'default';
  return {
    key,
    value: settings[key],
    isLive: isLive(key),
    isGiven: source !== 'default',
    parse: settingTable[key].parse,
  };
}

/** What the API does with settings. */
export function toSettingActions({
  settings,
  sources,
  live,
}: Pick<Host, 'settings' | 'sources'> & { readonly live: LiveSettings }): ApiDeps['settings'] {
  return {
    list: () =>
      describeSettings(settings).map((row) => {
        const set = live.findSet(row.key);
        const source = sources?.[row.key] ?? 'default';
        return {
          ...row,
          isLive: isLive(row.key),
          source: set?.isInForce === true ? ('console' as const) : source,
          initial: maskSetting(settingTable[row.key], settingTable[row.key].initial),
          set:
            set === undefined
              ? null
              : { at: set.setAt, by: set.setBy, value: set.value, isInForce: set.isInForce },
        };
      }),
    set: (...given) => live.set(...given),
    unset: (...given) => live.unset(...given),
  };
}
