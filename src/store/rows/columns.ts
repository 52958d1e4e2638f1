// Which columns hold JSON.
import { readSettings } from '../destinations/rows.ts';
import { readAttributes, readExtras } from '../queues/rows.ts';

/** Columns that hold JSON, by table: `object` or `array`, or what reads it and throws when it is not what it should be. */
export const jsonColumns: Readonly<
  Record<string, Readonly<Record<string, 'object' | 'array' | ((text: string) => unknown)>>>
> = {
  access_key: { addresses: 'array', limits: 'object' },
  console_user: { recovery_codes: 'array' },
  channel: { webhook: 'object', options: 'object' },
  sender: { webhook: 'object' },
  removed_sender: { webhook: 'object' },
  receipt: { facts: 'object' },
  content: { body: 'object' },
  destination: { settings: readSettings },
  outbound: { envelope: 'object' },
  template: { components: 'array', example: 'object', offered: 'array', asked: 'object' },
  template_removal: { offered: 'array' },
  queue: { attributes: readAttributes },
  message: { extras: readExtras },
  notice: { params: 'object', findings: 'array' },
  notice_target: { codes: 'array' },
  change: { detail: 'object' },
};
