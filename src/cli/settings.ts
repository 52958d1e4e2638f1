// Settings as they are in force in a running service, and those that are set while it runs.
import type { AnsweredPage, ApiClient } from './api-client.ts';
import { toTable } from './output.ts';
import type { Output } from './output.ts';

interface SettingLine {
  readonly key: string;
  readonly env: string;
  readonly value: unknown;
  readonly unit: string;
  readonly isLive: boolean;
  readonly source: string;
  readonly set: {
    readonly at: string;
    readonly by: string;
    readonly value: string;
    readonly isInForce: boolean;
  } | null;
}

const settings = '/api/v1/settings';
const path = (key: string): string => `${settings}/${encodeURIComponent(key)}`;

/** Lists what is in force; with `liveOnly` those that may be set while the service runs. */
export async function listSettings(api: ApiClient, output: Output, liveOnly: boolean): Promise<void> {
  const { items } = await api.send<AnsweredPage<SettingLine>>('GET', settings);
  const wanted = liveOnly ? items.filter(({ isLive }) => isLive) : items;
  const rows = wanted.map((one) => [one.key, toText(one), one.source, toOrigin(one)]);
  output.result(toTable([['KEY', 'VALUE', 'SOURCE', 'SET'], ...rows]), wanted);
}

export async function setSetting(api: ApiClient, output: Output, key: string, value: string): Promise<void> {
  const now = await api.send<SettingLine>('POST', path(key), { value });
  output.result(`${key} is ${toText(now)} on all nodes.`, now);
}

export async function resetSetting(api: ApiClient, output: Output, key: string): Promise<void> {
  const now = await api.send<SettingLine>('POST', `${path(key)}/reset`);
  output.result(`${key} is ${toText(now)}, from: ${now.source}.`, now);
}

function toText({ value, unit }: SettingLine): string {
  if (value === null || value === '') return '';
  const text = Array.isArray(value)
    ? value.join(',')
    : typeof value === 'string'
      ? value
      : JSON.stringify(value);
  return unit === '' ? text : `${text} ${unit}`;
}

/** Who set it and when; what was set and is not in force says so. */
function toOrigin({ set }: SettingLine): string {
  if (set === null) return '';
  const origin = `${set.at} by ${set.by}`;
  return set.isInForce ? origin : `${origin} to ${set.value}, not in force here`;
}
