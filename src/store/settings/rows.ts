import type { KeptSetting } from './port.ts';

export interface SettingRow {
  readonly key: string;
  readonly value: string;
  readonly set_at: number;
  readonly set_by: string;
}

export function toKeptSetting({ key, value, set_at, set_by }: SettingRow): KeptSetting {
  return { key, value, setAt: set_at, setBy: set_by };
}
