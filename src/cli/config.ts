import { isLive } from '../config/live.ts';
import { maskSetting } from '../config/sources.ts';
import type { Loaded } from '../config/sources.ts';
import { settingTable } from '../config/table.ts';
import type { Setting, SettingKey } from '../config/table.ts';
import { toTable } from './output.ts';
import type { Output } from './output.ts';

const keys = Object.keys(settingTable) as SettingKey[];

/** Prints every setting with its value and where that came from; secrets are masked. */
export function printConfig(output: Output, { settings, sources }: Loaded): void {
  const rows = keys.map((key) => {
    const row: Setting<unknown> = settingTable[key];
    const value: unknown = settings[key];
    return {
      key,
      name: row.env,
      value: maskSetting(row, value),
      source: sources[key],
      meaning: row.meaning,
    };
  });
  output.result(
    toTable([
      ['NAME', 'VALUE', 'SOURCE'],
      ...rows.map(({ name, value, source }) => [name, toText(value), source]),
    ]),
    rows,
  );
}

/** Writes docs/configuration.md from the table of settings. */
export function toConfigurationPage(): string {
  const rows = keys.map((key) => {
    const { env, initial, unit, secret, hasSecretPath, meaning }: Setting<unknown> = settingTable[key];
    const text = toText(initial);
    const initially = text === '' ? '' : `\`${text}\`${unit === undefined ? '' : ` ${unit}`}`;
    const live = isLive(key) ? ' May be set while the service runs.' : '';
    return `| \`${env}\` | \`${key}\` | ${initially} | ${meaning}${live}${secret === true ? ' A secret: it is never shown or logged.' : ''}${hasSecretPath === true ? ' Only its host is shown, since the rest may be a secret.' : ''} |`;
  });
  return [
    '# Configuration',
    '',
    'Settings come from a file, the environment and the command line; the later wins. Each has a name in the environment',
    '(`PORT`), a key in the settings file (`port`), and a flag on the command line (`--port`, `--data-dir`). The settings file',
    'is a JSON object and is named by `--config` or `CHASQUI_CONFIG`. A variable that is set to nothing counts as not set.',
    '',
    'The start stops at a value that will not do, and at a name that is not known in the file, on the command line, or in a',
    'variable that begins with `CHASQUI_`; it names every one of them with the nearest known name. Other variables are ignored.',
    'What it says of a wrong value is the host of an address, and nothing of what may be a secret.',
    '`chasqui config` prints what a start would take and where it comes from; `chasqui settings list` asks a running service.',
    '',
    'Some may be set while the service runs, by owners of the first account, in the console, by `chasqui settings set` or by',
    '`POST /api/v1/settings/{key}`: what is set so holds on all nodes within seconds and over restarts, and the log of changes tells',
    'who set it from what to what. The file, the environment and the command line go first: what one of them gives stays as it is on',
    'that node. Undone, the default is in force again.',
    '',
    '| variable | key | default | meaning |',
    '|---|---|---|---|',
    ...rows,
    '',
    'The commands that speak to a running service read `CHASQUI_URL`, `CHASQUI_KEY_ID` and `CHASQUI_KEY_SECRET`.',
    '',
  ].join('\n');
}

function toText(value: unknown): string {
  if (value === null || value === undefined) return '';
  return Array.isArray(value) ? value.join(',') : JSON.stringify(value).replace(/^"(.*)"$/, '$1');
}
