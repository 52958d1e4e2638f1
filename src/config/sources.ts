import { readFileSync } from 'node:fs';
import { toHostOnly, toShown } from './mask.ts';
import { clientVariables, settingTable } from './table.ts';
import type { Setting, SettingKey, Settings } from './table.ts';
import { GatewayError } from '../domain/errors.ts';

type SettingSource = 'default' | 'file' | 'environment' | 'command line';

export interface Loaded {
  readonly settings: Settings;
  readonly sources: Readonly<Record<SettingKey, SettingSource>>;
}

interface SettingInput {
  /** From the command line, by key or name as typed without its hyphens, e.g. `port`, `data-dir`. */
  readonly options: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The JSON text of the settings file, when there is one. */
  readonly file?: string;
}

/**
 * Reads all settings: defaults, then the settings file, then the environment, then the command line. Throws one
 * `bad_settings` that names everything that is wrong: values out of range, and names that are unknown in the file, on the
 * command line, or in a variable that begins with CHASQUI_, each with the nearest known name.
 */
export function loadSettings({ options, env, file }: SettingInput): Loaded {
  const problems: string[] = [];
  const given = new Map<SettingKey, { text: string; source: SettingSource; name: string }>();
  const keys = Object.keys(settingTable) as SettingKey[];

  for (const [name, value] of Object.entries(parseFile(file, problems))) {
    const key = keys.find((candidate) => candidate === name);
    if (key === undefined) problems.push(unknown(`${name} in the settings file`, name, keys));
    else
      given.set(key, { text: Array.isArray(value) ? value.join(',') : String(value), source: 'file', name });
  }
  for (const key of keys) {
    const name = settingTable[key].env;
    const value = env[name];
    if (value !== undefined && value !== '') given.set(key, { text: value, source: 'environment', name });
  }
  const variables = [...keys.map((key) => settingTable[key].env), ...clientVariables];
  for (const name of Object.keys(env)) {
    if (name.startsWith('CHASQUI_') && !variables.includes(name as (typeof variables)[number]))
      problems.push(unknown(`The variable ${name}`, name, variables));
  }
  const flags = new Map(keys.map((key) => [toFlag(key), key]));
  for (const [name, value] of Object.entries(options)) {
    const key = flags.get(toFlag(name));
    if (key === undefined) problems.push(unknown(`--${name}`, name, [...flags.keys()]));
    else given.set(key, { text: value, source: 'command line', name: `--${name}` });
  }

  // Where nothing goes out, variables of OpenTelemetry are other programs', whatever they say.
  if (!given.has('otlpEndpoint'))
    for (const [key, { source, name }] of given)
      if (source === 'environment' && name.startsWith('OTEL_')) given.delete(key);

  const values: Record<string, unknown> = {};
  const sources: Record<string, SettingSource> = {};
  for (const key of keys) {
    const setting: Setting<unknown> = settingTable[key];
    const value = given.get(key);
    values[key] = setting.initial;
    sources[key] = value?.source ?? 'default';
    if (value === undefined) continue;
    try {
      values[key] = setting.parse(value.text);
    } catch (error) {
      const shown = setting.secret === true ? 'its value' : toShown(value.text);
      problems.push(`${value.name}: ${shown} will not do; ${error instanceof Error ? error.message : ''}.`);
    }
  }
  if ((values['tlsCertFile'] === null) !== (values['tlsKeyFile'] === null))
    problems.push('TLS_CERT_FILE and TLS_KEY_FILE: give both or neither.');
  if (values['databaseUrl'] !== null && values['masterKey'] === null)
    problems.push(
      'DATABASE_URL: needs MASTER_KEY, the same on every node; make one with `openssl rand -hex 32`.',
    );
  if (values['smtpUrl'] !== null && values['mailFrom'] === null)
    problems.push('CHASQUI_SMTP_URL: needs CHASQUI_MAIL_FROM, the address that e-mail is sent from.');
  if (
    Array.isArray(values['operatorMail']) &&
    values['operatorMail'].length > 0 &&
    values['smtpUrl'] === null
  )
    problems.push('CHASQUI_OPERATOR_MAIL: needs CHASQUI_SMTP_URL, the mail server that takes it.');
  if (values['bucket'] !== null && (values['bucketKeyId'] === null || values['bucketKeySecret'] === null))
    problems.push('S3_BUCKET: needs S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY.');
  problems.push(...findBackupProblems(values), ...findCompanyProblems(values));
  if (values['otlpEndpoint'] !== null) problems.push(...findUnheard(env));
  if (problems.length > 0) throw new GatewayError('bad_settings', problems.join('\n'));
  // Each value came from its own row's default or parse.
  return { settings: values as Settings, sources: sources as Loaded['sources'] };
}

/** What is wrong with the settings of backups together. */
function findBackupProblems(values: Readonly<Record<string, unknown>>): readonly string[] {
  const { backupEvery: every, backupTo: to } = values;
  if (every === 0) return [];
  if (values['databaseUrl'] !== null)
    return [
      'CHASQUI_BACKUP_EVERY: with DATABASE_URL all is in PostgreSQL, whose own means back it up (docs/operations.md); leave it out.',
    ];
  if (typeof to !== 'string')
    return ['CHASQUI_BACKUP_EVERY: needs CHASQUI_BACKUP_TO, where backups are kept.'];
  if (!to.startsWith('s3://') || values['bucket'] !== null) return [];
  return [
    'CHASQUI_BACKUP_TO: backups in a bucket hold the store alone, so media have to be in a bucket too: set S3_BUCKET, or name a folder.',
  ];
}

/** What is wrong with the settings of the company's sign-in together. */
function findCompanyProblems(values: Readonly<Record<string, unknown>>): readonly string[] {
  if (values['oidcIssuer'] === null)
    return values['oidcOnly'] === true
      ? ['CHASQUI_OIDC_ONLY: needs CHASQUI_OIDC_ISSUER, by which people sign in then.']
      : [];
  const lists = [values['oidcOwners'], values['oidcOperators'], values['oidcViewers']];
  return [
    ...(values['oidcClientId'] === null ? ['CHASQUI_OIDC_ISSUER: needs CHASQUI_OIDC_CLIENT_ID.'] : []),
    ...(lists.every((list) => Array.isArray(list) && list.length === 0)
      ? [
          'CHASQUI_OIDC_ISSUER: needs CHASQUI_OIDC_OWNERS, CHASQUI_OIDC_OPERATORS or CHASQUI_OIDC_VIEWERS, or nobody has a role.',
        ]
      : []),
    ...(values['adminPort'] !== 0 && values['consoleUrl'] === null
      ? [
          'CHASQUI_OIDC_ISSUER: needs CHASQUI_CONSOLE_URL, as the console is at ADMIN_PORT and not at PUBLIC_URL.',
        ]
      : []),
  ];
}

/** Variables of OpenTelemetry that would change what goes out and that nothing here hears. */
function findUnheard(env: SettingInput['env']): readonly string[] {
  const heard = new Set<string>(Object.values(settingTable).map((setting) => setting.env));
  return Object.entries(env).flatMap(([name, value]) => {
    const isHeard = !name.startsWith('OTEL_') || heard.has(name) || value === undefined || value === '';
    return isHeard
      ? []
      : [`${name}: is not heard by this service, so take it away; docs/tracing.md lists what is.`];
  });
}

/** Reads the settings file that the command line or CHASQUI_CONFIG names; undefined when neither does. */
export function readSettingsFile(path: string | undefined): string | undefined {
  if (path === undefined || path === '') return undefined;
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new GatewayError('bad_settings', `The settings file ${path} cannot be read.`, { cause });
  }
}

/** `dataDir` and `DATA_DIR` are `data-dir` on the command line. */
function toFlag(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replaceAll('_', '-')
    .toLowerCase();
}

function parseFile(file: string | undefined, problems: string[]): Record<string, unknown> {
  if (file === undefined) return {};
  try {
    const parsed: unknown = JSON.parse(file);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return { ...parsed };
    problems.push('The settings file must hold one JSON object.');
  } catch {
    // What the parser says quotes the file, which may hold secrets.
    problems.push('The settings file is not valid JSON.');
  }
  return {};
}

function unknown(what: string, name: string, known: readonly string[]): string {
  const nearest = known.toSorted((a, b) => toDistance(name, a) - toDistance(name, b))[0];
  return `${what} is not a setting. Did you mean ${nearest ?? ''}?`;
}

/** Edits that turn one name into another (Levenshtein), letter case aside. */
function toDistance(from: string, to: string): number {
  const [a, b] = [from.toLowerCase(), to.toLowerCase()];
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** The settings in force for people to read; of a secret only whether it is set. */
export function describeSettings(settings: Settings) {
  return (Object.keys(settingTable) as SettingKey[]).map((key) => {
    const row: Setting<unknown> = settingTable[key];
    const value: unknown = settings[key];
    return {
      key,
      env: row.env,
      value: maskSetting(row, value),
      unit: row.unit ?? '',
      meaning: row.meaning,
    };
  });
}

/** A setting's value as people may see it: of a secret only whether it is set, of an address that may carry one its host. */
export function maskSetting(row: Setting<unknown>, value: unknown): unknown {
  if (row.secret === true && value !== null) return '(set)';
  return row.hasSecretPath === true && typeof value === 'string' ? toHostOnly(value) : value;
}
