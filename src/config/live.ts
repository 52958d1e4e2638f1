// Which settings may be changed while the service runs: those that are read at each use, and whose change needs nothing to begin anew.
import type { SettingKey } from './table.ts';

const liveKeys: ReadonlySet<SettingKey> = new Set<SettingKey>([
  'logLevel',
  'accountRequestsPerSecond',
  'accountQueuedMessages',
  'accountStoredMegabytes',
  'rawRetentionDays',
  'receiptRetentionDays',
  'attemptRetentionDays',
  'unreadableRetentionDays',
  'uploadDays',
  'undeliveredAlarmMinutes',
  'sendTtlSeconds',
  'sessionIdleMinutes',
  'sessionHours',
]);

/** Whether a setting may be changed while the service runs, where nothing outside fixes it. */
export function isLive(key: SettingKey): boolean {
  return liveKeys.has(key);
}
