import { readFileSync } from 'node:fs';
import ipaddr from 'ipaddr.js';
import { toAccountId } from './domain/account.ts';
import { GatewayError } from './domain/errors.ts';
import { logLevels } from './telemetry/log.ts';

/** One setting. `parse` turns its text into its value, or throws a text that says what would be right. */
interface Setting<T> {
  readonly env: string;
  readonly initial: T;
  readonly unit?: string;
  readonly secret?: true;
  readonly meaning: string;
  readonly parse: (text: string) => T;
}

const text = (text: string): string | null => text;

function whole(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new Error(`give a whole number from ${min} to ${max}`);
  };
}

function flag(text: string): boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  throw new Error('give true or false');
}

function oneOf<const T extends string>(values: readonly T[]): (text: string) => T {
  return (text) => {
    const value = values.find((candidate) => candidate === text);
    if (value !== undefined) return value;
    throw new Error(`give one of ${values.join(', ')}`);
  };
}

function httpUrl(text: string): string | null {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw new Error('give a URL that begins with http:// or https://');
  if (url.username !== '' || url.password !== '')
    throw new Error('give a URL without a user name or password');
  return text.replace(/\/+$/, '');
}

function postgresUrl(text: string): string | null {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^postgres(ql)?:$/.test(url.protocol) || url.pathname.length < 2)
    throw new Error('give a URL like postgres://user:password@host:5432/name');
  return text;
}

/** Addresses and CIDR ranges, separated by commas. */
function ranges(text: string): readonly string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      if (!ipaddr.isValid(part) && !ipaddr.isValidCIDR(part))
        throw new Error(`${part} is neither an address nor a range such as 10.0.0.0/8`);
      return part;
    });
}

function masterKey(text: string): string | null {
  if (/^[0-9a-f]{64}$/i.test(text) || Buffer.from(text, 'base64').byteLength === 32) return text;
  throw new Error('give 32 bytes as 64 hex digits or in Base64, e.g. from: openssl rand -hex 32');
}

function bucketName(text: string): string | null {
  if (/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(text)) return text;
  throw new Error('give 3 to 63 lower-case letters, digits, dots and hyphens');
}

function objectPrefix(text: string): string {
  if (/^([A-Za-z0-9_-]+\/)*$/.test(text)) return text;
  throw new Error('give folders of letters, digits, hyphens and underscores, each with a slash behind it');
}

/** A key of another vendor, whatever it consists of. */
function foreignKey(text: string): string | null {
  if (/^[\x21-\x7e]{1,256}$/.test(text)) return text;
  throw new Error('give 1 to 256 characters of ASCII without a space');
}

function accountId(text: string): number | null {
  const id = toAccountId(text);
  if (id === undefined)
    throw new Error('give 1 to 16 digits that do not begin with 0, at most 9007199254740991');
  return id;
}

function keyPart(text: string): string | null {
  if (/^[A-Za-z0-9._-]{4,128}$/.test(text)) return text;
  throw new Error('give 4 to 128 letters, digits, dots, hyphens or underscores');
}

function webhookSecret(text: string): string | null {
  if (/^whsec_[A-Za-z0-9+/]{32,}={0,2}$/.test(text)) return text;
  throw new Error(
    'give whsec_ and at least 24 bytes in Base64, e.g. from: echo whsec_$(openssl rand -base64 24)',
  );
}

const nothing: string | null = null;
const noAccount: number | null = null;
const noRanges: readonly string[] = [];

/** All settings. docs/configuration.md is written from this table. */
export const settingTable = {
  host: {
    env: 'HOST',
    initial: '127.0.0.1',
    parse: (text: string) => text,
    meaning: 'Address to listen on; 0.0.0.0 for all.',
  },
  port: {
    env: 'PORT',
    initial: 8080,
    parse: whole(0, 65_535),
    meaning: 'Port of SMQ, webhooks, console, API, health and metrics; 0 takes any free one.',
  },
  adminPort: {
    env: 'ADMIN_PORT',
    initial: 0,
    parse: whole(0, 65_535),
    meaning: 'Port of console, API, health and metrics alone; 0 leaves them on PORT.',
  },
  dataDir: {
    env: 'DATA_DIR',
    initial: './data',
    parse: (text: string) => text,
    meaning: 'Folder of the embedded store, its media and its master key.',
  },
  databaseUrl: {
    env: 'DATABASE_URL',
    initial: nothing,
    secret: true,
    parse: postgresUrl,
    meaning:
      'PostgreSQL database that nodes share, as postgres://user:password@host:port/name; the embedded store in DATA_DIR when unset. Needs MASTER_KEY.',
  },
  databaseConnections: {
    env: 'CHASQUI_DATABASE_CONNECTIONS',
    initial: 10,
    parse: whole(2, 200),
    meaning: 'Connections to DATABASE_URL that this process opens at most, and one more to listen.',
  },
  masterKey: {
    env: 'MASTER_KEY',
    initial: nothing,
    secret: true,
    parse: masterKey,
    meaning:
      'Key that seals secrets at rest: 32 bytes in hex or Base64. Made in DATA_DIR at the first start when unset.',
  },
  bucket: {
    env: 'S3_BUCKET',
    initial: nothing,
    parse: bucketName,
    meaning:
      'Bucket of an S3-compatible object store that keeps media; DATA_DIR, or the database, when unset. Needs S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY.',
  },
  bucketEndpoint: {
    env: 'S3_ENDPOINT',
    initial: nothing,
    parse: httpUrl,
    meaning: 'Address of the object store; Amazon S3 in S3_REGION when unset.',
  },
  bucketRegion: {
    env: 'S3_REGION',
    initial: 'us-east-1',
    parse: (text: string) => {
      if (/^[a-z0-9-]{2,40}$/.test(text)) return text;
      throw new Error('give a region such as eu-central-1; stores without regions take us-east-1 or auto');
    },
    meaning: 'Region of the bucket.',
  },
  bucketPrefix: {
    env: 'S3_PREFIX',
    initial: '',
    parse: objectPrefix,
    meaning: 'Put before the name of every object, e.g. chasqui/.',
  },
  bucketKeyId: {
    env: 'S3_ACCESS_KEY_ID',
    initial: nothing,
    parse: foreignKey,
    meaning: 'Key that may read, write and delete objects of the bucket.',
  },
  bucketKeySecret: {
    env: 'S3_SECRET_ACCESS_KEY',
    initial: nothing,
    secret: true,
    parse: foreignKey,
    meaning: 'Secret of that key.',
  },
  publicUrl: {
    env: 'PUBLIC_URL',
    initial: nothing,
    parse: httpUrl,
    meaning: 'Base of the links that others follow to this service; the listen address when unset.',
  },
  trustProxy: {
    env: 'TRUST_PROXY',
    initial: noRanges,
    parse: ranges,
    meaning: 'Proxies whose X-Forwarded-* headers count: addresses or CIDR ranges, separated by commas.',
  },
  tlsCertFile: {
    env: 'TLS_CERT_FILE',
    initial: nothing,
    parse: text,
    meaning: 'Certificate chain in PEM, to serve HTTPS without a proxy; needs TLS_KEY_FILE.',
  },
  tlsKeyFile: {
    env: 'TLS_KEY_FILE',
    initial: nothing,
    parse: text,
    meaning: 'Private key in PEM of TLS_CERT_FILE.',
  },
  rootAccountId: {
    env: 'ROOT_ACCOUNT_ID',
    initial: noAccount,
    parse: accountId,
    meaning: 'Id of the first account; made at random when unset. Read only while the store has no account.',
  },
  rootAccessKeyId: {
    env: 'ROOT_ACCESS_KEY_ID',
    initial: nothing,
    parse: keyPart,
    meaning: 'Access key id of the first account; likewise.',
  },
  rootAccessKeySecret: {
    env: 'ROOT_ACCESS_KEY_SECRET',
    initial: nothing,
    secret: true,
    parse: keyPart,
    meaning: 'Access key secret of the first account; likewise.',
  },
  egressAllow: {
    env: 'EGRESS_ALLOW',
    initial: noRanges,
    parse: ranges,
    meaning:
      'Private or loopback addresses that callbacks may go to: addresses or CIDR ranges, separated by commas.',
  },
  logLevel: {
    env: 'CHASQUI_LOG_LEVEL',
    initial: 'info',
    parse: oneOf(logLevels),
    meaning: 'Least level of log lines: debug, info, warn, error or silent.',
  },
  maxConnections: {
    env: 'CHASQUI_MAX_CONNECTIONS',
    initial: 20_000,
    parse: whole(16, 1_000_000),
    meaning: 'Connections open at once; more are refused.',
  },
  requestTimeoutSeconds: {
    env: 'CHASQUI_REQUEST_TIMEOUT_SECONDS',
    initial: 30,
    unit: 's',
    parse: whole(1, 600),
    meaning: 'Time for a client to send a whole request.',
  },
  idleTimeoutSeconds: {
    env: 'CHASQUI_IDLE_TIMEOUT_SECONDS',
    initial: 75,
    unit: 's',
    parse: whole(1, 3600),
    meaning: 'Time that a connection is kept between requests.',
  },
  rawRetentionDays: {
    env: 'CHASQUI_RAW_RETENTION_DAYS',
    initial: 30,
    unit: 'days',
    parse: whole(1, 3650),
    meaning: 'How long the bytes that channels posted are kept.',
  },
  receiptRetentionDays: {
    env: 'CHASQUI_RECEIPT_RETENTION_DAYS',
    initial: 90,
    unit: 'days',
    parse: whole(8, 3650),
    meaning:
      'How long receipts and deliveries are kept. Channels repeat events for up to 7 days, so at least 8.',
  },
  attemptRetentionDays: {
    env: 'CHASQUI_ATTEMPT_RETENTION_DAYS',
    initial: 30,
    unit: 'days',
    parse: whole(1, 3650),
    meaning: 'How long the attempts of deliveries are kept.',
  },
  mediaBudgetMegabytes: {
    env: 'CHASQUI_MEDIA_BUDGET_MB',
    initial: 10_240,
    unit: 'MB',
    parse: whole(1, 10_000_000),
    meaning: 'Disk space for media; fetching pauses with a notice when it is used up.',
  },
  mediaMaxMegabytes: {
    env: 'CHASQUI_MEDIA_MAX_MB',
    initial: 100,
    unit: 'MB',
    parse: whole(1, 2048),
    meaning: 'Largest media file that is fetched.',
  },
  mediaLinkDays: {
    env: 'CHASQUI_MEDIA_LINK_DAYS',
    initial: 7,
    unit: 'days',
    parse: whole(1, 365),
    meaning: 'How long a media link is valid, and its file kept.',
  },
  uploadDays: {
    env: 'CHASQUI_UPLOAD_DAYS',
    initial: 365,
    unit: 'days',
    parse: whole(1, 3650),
    meaning: 'How long a file is kept that a business uploaded for its templates and messages.',
  },
  mediaWaitSeconds: {
    env: 'CHASQUI_MEDIA_WAIT_SECONDS',
    initial: 30,
    unit: 's',
    parse: whole(0, 300),
    meaning: 'How long a reader of media waits for a fetch that is not done yet.',
  },
  breakerFailures: {
    env: 'CHASQUI_BREAKER_FAILURES',
    initial: 10,
    parse: whole(1, 1000),
    meaning: 'Failures in a row after which a destination is opened.',
  },
  breakerSeconds: {
    env: 'CHASQUI_BREAKER_SECONDS',
    initial: 30,
    unit: 's',
    parse: whole(0, 3600),
    meaning: 'Time that those failures must span at least.',
  },
  probeSeconds: {
    env: 'CHASQUI_PROBE_SECONDS',
    initial: 30,
    unit: 's',
    parse: whole(1, 3600),
    meaning: 'Time between probes of an opened destination.',
  },
  pushConcurrency: {
    env: 'CHASQUI_PUSH_CONCURRENCY',
    initial: 256,
    parse: whole(1, 10_000),
    meaning: 'POSTs to callback URLs under way at once, over all destinations.',
  },
  operatorUrl: {
    env: 'CHASQUI_OPERATOR_URL',
    initial: nothing,
    parse: httpUrl,
    meaning: 'URL that operator notices are posted to as JSON.',
  },
  undeliveredAlarmMinutes: {
    env: 'CHASQUI_UNDELIVERED_ALARM_MINUTES',
    initial: 60,
    unit: 'min',
    parse: whole(1, 10_080),
    meaning: 'Age of the oldest undelivered receipt of a destination that raises a notice.',
  },
  smqMaxWaiting: {
    env: 'CHASQUI_SMQ_MAX_WAITING',
    initial: 10_000,
    parse: whole(0, 1_000_000),
    meaning: 'Long polls waiting at once; one more is answered that there is no message.',
  },
  smqBatchSendFaultStatus: {
    env: 'CHASQUI_SMQ_BATCH_SEND_FAULT_STATUS',
    initial: 500,
    parse: whole(400, 599),
    meaning: 'HTTP status of a batch send of which some messages failed; undocumented by Alibaba Cloud.',
  },
  smqBatchDeleteFaultStatus: {
    env: 'CHASQUI_SMQ_BATCH_DELETE_FAULT_STATUS',
    initial: 404,
    parse: whole(400, 599),
    meaning: 'HTTP status of a batch delete of which some handles failed; undocumented by Alibaba Cloud.',
  },
  smqMissingAuthorizationStatus: {
    env: 'CHASQUI_SMQ_MISSING_AUTHORIZATION_STATUS',
    initial: 400,
    parse: whole(400, 499),
    meaning: 'HTTP status of an SMQ request without Authorization; older services said 403.',
  },
  camsBusinessErrorStatus: {
    env: 'CHASQUI_CAMS_BUSINESS_ERROR_STATUS',
    initial: 200,
    parse: whole(200, 499),
    meaning:
      'HTTP status of CAMS errors such as InvalidParameter.ContentError, whose code is in the body; undocumented by Alibaba Cloud.',
  },
  camsMassMessageId: {
    env: 'CHASQUI_CAMS_MASS_MESSAGE_ID',
    initial: 'unique',
    parse: oneOf(['unique', 'group']),
    meaning:
      'MessageId in the receipts of a mass send: one of its own for each recipient, or the GroupMessageId of all.',
  },
  strictTypes: {
    env: 'CHASQUI_STRICT_TYPES',
    initial: false,
    parse: flag,
    meaning:
      'Whether inbound types that Alibaba Cloud does not document are told as the nearest one that it does, for older consumers.',
  },
  camsOncePerTask: {
    env: 'CHASQUI_CAMS_ONCE_PER_TASK',
    initial: false,
    parse: flag,
    meaning:
      'Whether a TaskId sends one message to a recipient, however often it is asked; for callers that repeat a send.',
  },
  camsThrottles: {
    env: 'CHASQUI_CAMS_THROTTLES',
    initial: false,
    parse: flag,
    meaning: 'Whether calls above the rates that Alibaba Cloud documents are refused with Throttling.User.',
  },
  nonceMax: {
    env: 'CHASQUI_NONCE_MAX',
    initial: 5_000_000,
    parse: whole(1, 1_000_000_000),
    meaning:
      'Signature nonces of CAMS requests that the store keeps for each node; each is forgotten after 30 minutes. Requests beyond are refused with Throttling.',
  },
  sendTtlSeconds: {
    env: 'CHASQUI_SEND_TTL_SECONDS',
    initial: 86_400,
    unit: 's',
    parse: whole(30, 2_592_000),
    meaning: 'Time within which a message is sent or given up, where it states none.',
  },
  sendRate: {
    env: 'CHASQUI_SEND_RATE',
    initial: 80,
    parse: whole(1, 10_000),
    meaning: 'Messages a second that one sender hands to its channel, on each node.',
  },
  sendConcurrency: {
    env: 'CHASQUI_SEND_CONCURRENCY',
    initial: 32,
    parse: whole(1, 1000),
    meaning: 'Send calls under way at once for one sender, on each node.',
  },
  sendUnknownSeconds: {
    env: 'CHASQUI_SEND_UNKNOWN_SECONDS',
    initial: 300,
    unit: 's',
    parse: whole(1, 86_400),
    meaning: 'How long a message whose send call was not answered waits for a status.',
  },
  sendUnknownThen: {
    env: 'CHASQUI_SEND_UNKNOWN_THEN',
    initial: 'fail',
    parse: oneOf(['fail', 'resend']),
    meaning:
      'What follows that wait: the message is given up as failed, or sent again at the risk of a second one.',
  },
  statusHoldSeconds: {
    env: 'CHASQUI_STATUS_HOLD_SECONDS',
    initial: 10,
    unit: 's',
    parse: whole(0, 60),
    meaning:
      "How long a status of an unknown message waits at most, while a send of its sender has no answer yet that tells the channel's id; 0 lets it go out unmatched at once.",
  },
  smsGatewayUrl: {
    env: 'CHASQUI_SMS_GATEWAY_URL',
    initial: nothing,
    parse: httpUrl,
    meaning:
      'URL that gets a POST for each message whose SMS fallback fires; sends with a fallback are refused when unset.',
  },
  smsGatewaySecret: {
    env: 'CHASQUI_SMS_GATEWAY_SECRET',
    initial: nothing,
    secret: true,
    parse: webhookSecret,
    meaning: 'Secret that signs those POSTs, as whsec_ and Base64; they are not signed when unset.',
  },
  sendPairMilliseconds: {
    env: 'CHASQUI_SEND_PAIR_MS',
    initial: 6000,
    unit: 'ms',
    parse: whole(0, 60_000),
    meaning:
      'Time between two messages of a WhatsApp number to one recipient, on each node, once 45 have gone at once; 0 for none.',
  },
  sessionIdleMinutes: {
    env: 'CHASQUI_SESSION_IDLE_MINUTES',
    initial: 60,
    unit: 'min',
    parse: whole(1, 10_080),
    meaning: 'A console session that is not used for so long ends.',
  },
  sessionHours: {
    env: 'CHASQUI_SESSION_HOURS',
    initial: 12,
    unit: 'h',
    parse: whole(1, 720),
    meaning: 'A console session ends after so long however much it is used.',
  },
  templateReviewSeconds: {
    env: 'CHASQUI_TEMPLATE_REVIEW_SECONDS',
    initial: 2,
    unit: 's',
    parse: whole(0, 86_400),
    meaning: 'How long a template of the sandbox or of Viber is in review before it passes.',
  },
  channelCheckHours: {
    env: 'CHASQUI_CHANNEL_CHECK_HOURS',
    initial: 4,
    unit: 'hours',
    parse: whole(0, 168),
    meaning:
      'How often every channel is checked at its vendor, and a webhook that was lost is subscribed again; 0 is never.',
  },
  tokenNoticeDays: {
    env: 'CHASQUI_TOKEN_NOTICE_DAYS',
    initial: 7,
    unit: 'days',
    parse: whole(0, 90),
    meaning: 'How long before the end of a token the notice token_ending is raised.',
  },
  graphUrl: {
    env: 'CHASQUI_GRAPH_URL',
    initial: 'https://graph.facebook.com',
    parse: (text: string) => httpUrl(text) ?? '',
    meaning: 'Base of the Graph API; a simulator may stand there.',
  },
  instagramUrl: {
    env: 'CHASQUI_INSTAGRAM_URL',
    initial: 'https://graph.instagram.com',
    parse: (text: string) => httpUrl(text) ?? '',
    meaning: "Base of the Graph API for accounts of Instagram's own login; a simulator may stand there.",
  },
  graphVersion: {
    env: 'CHASQUI_GRAPH_VERSION',
    initial: 'v25.0',
    parse: (text: string) => text,
    meaning: 'Version of the Graph API.',
  },
  viberBotUrl: {
    env: 'CHASQUI_VIBER_BOT_URL',
    initial: 'https://chatapi.viber.com',
    parse: (text: string) => httpUrl(text) ?? '',
    meaning: 'Base of the Viber bot API; a simulator may stand there.',
  },
  viberBusinessUrl: {
    env: 'CHASQUI_VIBER_BUSINESS_URL',
    initial: 'https://services.viber.com/vibersrvc/1',
    parse: (text: string) => httpUrl(text) ?? '',
    meaning: "Base of Viber Business Messages: Viber's, an aggregator's, or a simulator's.",
  },
} as const satisfies Record<string, Setting<unknown>>;

export type SettingKey = keyof typeof settingTable;

/** The value of every setting, by key. */
export type Settings = { readonly [K in SettingKey]: ReturnType<(typeof settingTable)[K]['parse']> };

/** Names outside the table that tools of this project read; known, so that they are not taken for mistakes. */
export const clientVariables = [
  'CHASQUI_URL',
  'CHASQUI_KEY_ID',
  'CHASQUI_KEY_SECRET',
  'CHASQUI_CONFIG',
] as const;

export type SettingSource = 'default' | 'file' | 'environment' | 'command line';

export interface Loaded {
  readonly settings: Settings;
  readonly sources: Readonly<Record<SettingKey, SettingSource>>;
}

export interface SettingInput {
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
      const shown = setting.secret === true ? 'its value' : JSON.stringify(value.text);
      problems.push(`${value.name}: ${shown} will not do; ${error instanceof Error ? error.message : ''}.`);
    }
  }
  if ((values['tlsCertFile'] === null) !== (values['tlsKeyFile'] === null))
    problems.push('TLS_CERT_FILE and TLS_KEY_FILE: give both or neither.');
  if (values['databaseUrl'] !== null && values['masterKey'] === null)
    problems.push(
      'DATABASE_URL: needs MASTER_KEY, the same on every node; make one with `openssl rand -hex 32`.',
    );
  if (values['bucket'] !== null && (values['bucketKeyId'] === null || values['bucketKeySecret'] === null))
    problems.push('S3_BUCKET: needs S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY.');
  if (problems.length > 0) throw new GatewayError('bad_settings', problems.join('\n'));
  // Each value came from its own row's default or parse.
  return { settings: values as Settings, sources: sources as Loaded['sources'] };
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
export function toFlag(name: string): string {
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
    const row: SettingRow = settingTable[key];
    const value: unknown = settings[key];
    const isHidden = row.secret === true && value !== null;
    return {
      key,
      env: row.env,
      value: isHidden ? '(set)' : value,
      unit: row.unit ?? '',
      meaning: row.meaning,
    };
  });
}

interface SettingRow {
  readonly env: string;
  readonly unit?: string;
  readonly secret?: true;
  readonly meaning: string;
}
