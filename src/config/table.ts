import { largestLimits } from '../domain/limits.ts';
import { severities } from '../domain/notice.ts';
import { targetLanguages } from '../domain/notice-target.ts';
import { startChecks } from '../domain/start-check.ts';
import { logLevels } from '../telemetry/log.ts';
import { samplerNames } from '../telemetry/sampler-names.ts';
import {
  accountId,
  accounts,
  backupPlace,
  baseUrl,
  bucketName,
  claimName,
  claimValues,
  flag,
  foreignKey,
  headerPairs,
  httpUrl,
  interval,
  issuer,
  keyPart,
  label,
  mailAddress,
  mailAddresses,
  masterKey,
  objectPrefix,
  oneOf,
  origins,
  pairs,
  postgresUrl,
  proxyUrl,
  ranges,
  ratio,
  scopes,
  smtpUrl,
  text,
  webhookSecret,
  whole,
} from './values.ts';

/** One setting. `parse` turns its text into its value, or throws a text that says what would be right. */
export interface Setting<T> {
  readonly env: string;
  readonly initial: T;
  readonly unit?: string;
  readonly secret?: true;
  /** Whether its path or query may be a secret, as those of webhooks of chat services are. */
  readonly hasSecretPath?: boolean;
  readonly meaning: string;
  readonly parse: (text: string) => T;
}

const nothing: string | null = null;
const noAccount: number | null = null;
const noRanges: readonly string[] = [];
const noAccounts: boolean | readonly number[] = false;

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
      'PostgreSQL database that nodes share, as postgres://user:password@host:port/name, or with several hosts of which one takes writes, as @a:5432,b:5432/name; the embedded store in DATA_DIR when unset. Needs MASTER_KEY.',
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
    parse: baseUrl,
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
    parse: baseUrl,
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
    meaning:
      'Certificate chain in PEM, to serve HTTPS without a proxy; read again when it changes. Needs TLS_KEY_FILE.',
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
    meaning:
      'Access key id of the first account; made at random when unset, and read only while there is none.',
  },
  rootAccessKeySecret: {
    env: 'ROOT_ACCESS_KEY_SECRET',
    initial: nothing,
    secret: true,
    parse: keyPart,
    meaning:
      'Access key secret of the first account; made at random when unset, and read only while there is none.',
  },
  egressAllow: {
    env: 'EGRESS_ALLOW',
    initial: noRanges,
    parse: ranges,
    meaning:
      'Private or loopback addresses that callbacks may go to: addresses or CIDR ranges, separated by commas.',
  },
  egressProxy: {
    env: 'CHASQUI_EGRESS_PROXY',
    initial: nothing,
    secret: true,
    parse: proxyUrl,
    meaning:
      'HTTP proxy that all connections to callbacks and vendors go through by CONNECT, but those to addresses that EGRESS_ALLOW names; http://user:password@host:port.',
  },
  egressProxyNames: {
    env: 'CHASQUI_EGRESS_PROXY_NAMES',
    initial: 'here',
    parse: oneOf(['here', 'proxy']),
    meaning:
      'Who looks up names when there is CHASQUI_EGRESS_PROXY: here, so that the proxy gets addresses that were checked, or the proxy, which then has to guard what is inside itself.',
  },
  checkAtStart: {
    env: 'CHASQUI_CHECK_AT_START',
    initial: 'quick',
    parse: oneOf(startChecks),
    meaning:
      'How the embedded store is looked at before it is used: quick (its pages), full (its rows and indexes too) or off.',
  },
  upgradeCopy: {
    env: 'CHASQUI_UPGRADE_COPY',
    initial: true,
    parse: flag,
    meaning:
      'Copies the embedded store before a newer version than the last one opens it, and looks through the copy; it is kept until the next upgrade.',
  },
  backupEvery: {
    env: 'CHASQUI_BACKUP_EVERY',
    initial: 0,
    unit: 'ms',
    parse: interval,
    meaning:
      'How often the embedded store is backed up by itself, such as 30m, 6h or 1d; 0 is never. Needs CHASQUI_BACKUP_TO.',
  },
  backupTo: {
    env: 'CHASQUI_BACKUP_TO',
    initial: nothing,
    parse: backupPlace,
    meaning:
      'Where these backups are kept, for this service alone: a folder by its whole path, or s3://bucket/prefix/ with the address and key of S3_ENDPOINT, S3_REGION, S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY, and media in S3_BUCKET.',
  },
  backupKeep: {
    env: 'CHASQUI_BACKUP_KEEP',
    initial: 7,
    parse: whole(1, 1000),
    meaning: 'How many of these backups are kept; the oldest goes once a newer one was looked through.',
  },
  newStore: {
    env: 'CHASQUI_NEW_STORE',
    initial: false,
    parse: flag,
    meaning:
      'Begins anew, with an empty store, although the data folder holds a master key or media of another.',
  },
  logLevel: {
    env: 'CHASQUI_LOG_LEVEL',
    initial: 'info',
    parse: oneOf(logLevels),
    meaning: 'Least level of log lines: debug, info, warn, error or silent.',
  },
  logFile: {
    env: 'CHASQUI_LOG_FILE',
    initial: nothing,
    parse: text,
    meaning: 'File that the log is added to; standard output when unset. It is opened anew by SIGHUP.',
  },
  logFileMegabytes: {
    env: 'CHASQUI_LOG_FILE_MB',
    initial: 100,
    unit: 'MB',
    parse: whole(0, 100_000),
    meaning:
      'Size at which that file is put aside, as .1, and a new one begun; 0 leaves it to another program, such as logrotate.',
  },
  logFiles: {
    env: 'CHASQUI_LOG_FILES',
    initial: 5,
    parse: whole(1, 1000),
    meaning: 'Files put aside that are kept; the oldest goes.',
  },
  otlpEndpoint: {
    env: 'OTEL_EXPORTER_OTLP_ENDPOINT',
    initial: nothing,
    parse: baseUrl,
    hasSecretPath: true,
    meaning:
      'Base address that traces and metrics go to by OTLP over HTTP, such as http://collector:4318; nothing of OpenTelemetry is loaded when unset.',
  },
  otlpProtocol: {
    env: 'OTEL_EXPORTER_OTLP_PROTOCOL',
    initial: 'http/protobuf',
    parse: oneOf(['http/protobuf']),
    meaning: 'How they go there. There is http/protobuf alone, which collectors take on port 4318.',
  },
  otlpHeaders: {
    env: 'OTEL_EXPORTER_OTLP_HEADERS',
    initial: nothing,
    secret: true,
    parse: headerPairs,
    meaning: 'Headers of these requests, as name=value, separated by commas, values percent-encoded.',
  },
  otlpCompression: {
    env: 'OTEL_EXPORTER_OTLP_COMPRESSION',
    initial: 'none',
    parse: oneOf(['none', 'gzip']),
    meaning: 'How their bodies are compressed: none or gzip.',
  },
  otlpTimeoutMs: {
    env: 'OTEL_EXPORTER_OTLP_TIMEOUT',
    initial: 10_000,
    unit: 'ms',
    parse: whole(100, 60_000),
    meaning: 'Time for one of these requests with all its tries.',
  },
  otlpTraces: {
    env: 'OTEL_TRACES_EXPORTER',
    initial: 'otlp',
    parse: oneOf(['otlp', 'none']),
    meaning: 'Whether traces go there: otlp or none.',
  },
  otlpMetrics: {
    env: 'OTEL_METRICS_EXPORTER',
    initial: 'otlp',
    parse: oneOf(['otlp', 'none']),
    meaning: 'Whether metrics go there: otlp or none.',
  },
  otlpMetricsEveryMs: {
    env: 'OTEL_METRIC_EXPORT_INTERVAL',
    initial: 60_000,
    unit: 'ms',
    parse: whole(1000, 3_600_000),
    meaning: 'How often metrics go there.',
  },
  otlpSampler: {
    env: 'OTEL_TRACES_SAMPLER',
    initial: 'parentbased_always_on',
    parse: oneOf(samplerNames),
    meaning:
      'Which traces go there: parentbased_always_on, parentbased_always_off, parentbased_traceidratio, always_on, always_off or traceidratio. Those that begin with parentbased_ do as the traceparent of whoever asked says, where there is one.',
  },
  otlpSamplerRatio: {
    env: 'OTEL_TRACES_SAMPLER_ARG',
    initial: 1,
    parse: ratio,
    meaning: 'The share of traces that go there by a sampler with a ratio, from 0 to 1.',
  },
  otlpServiceName: {
    env: 'OTEL_SERVICE_NAME',
    initial: nothing,
    parse: text,
    meaning:
      'What the service is called there; the service.name of OTEL_RESOURCE_ATTRIBUTES, or else chasqui, when unset.',
  },
  otlpResource: {
    env: 'OTEL_RESOURCE_ATTRIBUTES',
    initial: nothing,
    parse: pairs,
    meaning:
      'What else is said of the service there, as name=value, separated by commas, values percent-encoded.',
  },
  maxConnections: {
    env: 'CHASQUI_MAX_CONNECTIONS',
    initial: 20_000,
    parse: whole(16, 1_000_000),
    meaning: 'Connections open at once; one more takes the place of one on which no request was proven yet.',
  },
  maxConnectionsPerAddress: {
    env: 'CHASQUI_MAX_CONNECTIONS_PER_ADDRESS',
    initial: 0,
    parse: whole(0, 1_000_000),
    meaning:
      'Connections of one address, or IPv6 network of 64 bits, open at once; TRUST_PROXY has no such bound; 0 is any number.',
  },
  maxUnsentMegabytes: {
    env: 'CHASQUI_MAX_UNSENT_MB',
    initial: 128,
    unit: 'MB',
    parse: whole(16, 65_536),
    meaning:
      'Memory for answers that clients have not read yet, of which those that showed no key have a quarter.',
  },
  bodyBudgetMegabytes: {
    env: 'CHASQUI_BODY_BUDGET_MB',
    initial: 32,
    unit: 'MB',
    parse: whole(8, 65_536),
    meaning:
      'Memory that request bodies under way may hold together. When it is used up, the oldest whose sender is not proven are answered 503.',
  },
  bodyMegabytesPerAddress: {
    env: 'CHASQUI_BODY_MB_PER_ADDRESS',
    initial: 0,
    unit: 'MB',
    parse: whole(0, 65_536),
    meaning:
      'Of that, what bodies of one address, or IPv6 network of 64 bits, may hold together while their sender is not proven; its oldest are answered 503. One alone is never refused by it; TRUST_PROXY has no such bound, those behind it have; 0 is any number.',
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
  accountRequestsPerSecond: {
    env: 'CHASQUI_ACCOUNT_REQUESTS_PER_SECOND',
    initial: 0,
    parse: whole(0, largestLimits.requestsPerSecond),
    meaning:
      'Requests with a key that an account may make in a second on each node, where nothing else was set for it; 0 is any number.',
  },
  accountQueuedMessages: {
    env: 'CHASQUI_ACCOUNT_QUEUED_MESSAGES',
    initial: 0,
    parse: whole(0, largestLimits.queuedMessages),
    meaning:
      'Messages in the queues of an account up to which it may send, where nothing else was set for it; receipts are put in beyond that too. 0 is any number.',
  },
  accountStoredMegabytes: {
    env: 'CHASQUI_ACCOUNT_STORED_MB',
    initial: 0,
    unit: 'MB',
    parse: whole(0, 10_000_000),
    meaning:
      'Disk space for the files of an account up to which it may upload, where nothing else was set for it; files of users are fetched beyond that too. 0 is any number.',
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
  unreadableRetentionDays: {
    env: 'CHASQUI_UNREADABLE_RETENTION_DAYS',
    initial: 30,
    unit: 'days',
    parse: whole(1, 3650),
    meaning: 'How long rows are kept that damage made unreadable and that were set apart.',
  },
  mediaBudgetMegabytes: {
    env: 'CHASQUI_MEDIA_BUDGET_MB',
    initial: 10_240,
    unit: 'MB',
    parse: whole(1, 10_000_000),
    meaning:
      'Disk space for media and uploads; fetching pauses with a notice when it is used up. Where there are several accounts the last quarter is kept for those that hold less than a 32nd.',
  },
  mediaMaxMegabytes: {
    env: 'CHASQUI_MEDIA_MAX_MB',
    initial: 100,
    unit: 'MB',
    parse: whole(1, 2048),
    meaning: 'Largest media file that is fetched.',
  },
  mediaConcurrency: {
    env: 'CHASQUI_MEDIA_CONCURRENCY',
    initial: 32,
    parse: whole(1, 1000),
    meaning:
      'Media files fetched at once, on each node; one account has at most a quarter of them, and one channel an eighth.',
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
  batchKilobytes: {
    env: 'CHASQUI_BATCH_KB',
    initial: 1000,
    unit: 'KB',
    parse: whole(1, 100_000),
    meaning: 'Size of a POST that several receipts may come to; a larger batch goes out in several.',
  },
  operatorUrl: {
    env: 'CHASQUI_OPERATOR_URL',
    initial: nothing,
    parse: httpUrl,
    hasSecretPath: true,
    meaning: 'URL that operator notices are posted to as JSON.',
  },
  operatorUrlSecret: {
    env: 'CHASQUI_OPERATOR_URL_SECRET',
    initial: nothing,
    secret: true,
    parse: webhookSecret,
    meaning: 'Secret that signs those POSTs, as whsec_ and Base64; they are not signed when unset.',
  },
  operatorMail: {
    env: 'CHASQUI_OPERATOR_MAIL',
    initial: noRanges,
    parse: mailAddresses,
    meaning:
      'Addresses that operator notices are sent to by e-mail, separated by commas. Needs CHASQUI_SMTP_URL.',
  },
  operatorSlackUrl: {
    env: 'CHASQUI_OPERATOR_SLACK_URL',
    initial: nothing,
    parse: httpUrl,
    hasSecretPath: true,
    meaning: 'Incoming webhook of a Slack channel that is told of operator notices.',
  },
  operatorDingtalkUrl: {
    env: 'CHASQUI_OPERATOR_DINGTALK_URL',
    initial: nothing,
    parse: httpUrl,
    hasSecretPath: true,
    meaning: 'Webhook of a DingTalk robot that tells a group of operator notices.',
  },
  operatorDingtalkSecret: {
    env: 'CHASQUI_OPERATOR_DINGTALK_SECRET',
    initial: nothing,
    secret: true,
    parse: foreignKey,
    meaning: 'Signing secret of that robot, SEC and what follows, where its security setting is a signature.',
  },
  operatorTeamsUrl: {
    env: 'CHASQUI_OPERATOR_TEAMS_URL',
    initial: nothing,
    parse: httpUrl,
    hasSecretPath: true,
    meaning: 'Webhook of a Microsoft Teams workflow that tells a channel of operator notices.',
  },
  operatorPagerdutyKey: {
    env: 'CHASQUI_OPERATOR_PAGERDUTY_KEY',
    initial: nothing,
    secret: true,
    parse: foreignKey,
    meaning: 'Routing key of a PagerDuty service whose alerts operator notices trigger and resolve.',
  },
  operatorSeverity: {
    env: 'CHASQUI_OPERATOR_SEVERITY',
    initial: 'info',
    parse: oneOf(severities),
    meaning: 'The least severity that operators are told of: info, warning, error or critical.',
  },
  operatorLanguage: {
    env: 'CHASQUI_OPERATOR_LANGUAGE',
    initial: 'en',
    parse: oneOf(targetLanguages),
    meaning: 'Language in which operators are told: en or zh.',
  },
  smtpUrl: {
    env: 'CHASQUI_SMTP_URL',
    initial: nothing,
    secret: true,
    parse: smtpUrl,
    meaning:
      'Mail server that takes notices, as smtp://user:password@host:587, or smtps:// for TLS from the start; there is no e-mail when unset. Needs CHASQUI_MAIL_FROM.',
  },
  smtpTls: {
    env: 'CHASQUI_SMTP_TLS',
    initial: 'required',
    parse: oneOf(['required', 'offered']),
    meaning:
      'Whether a mail server without TLS is refused (required), or spoken to in clear where it offers none (offered).',
  },
  mailFrom: {
    env: 'CHASQUI_MAIL_FROM',
    initial: nothing,
    parse: mailAddress,
    meaning: 'Address that notices are sent from by e-mail.',
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
    meaning: 'Long polls waiting at once on each node; one more is refused with ServiceUnavailable.',
  },
  smqMaxWaitingPerAccount: {
    env: 'CHASQUI_SMQ_MAX_WAITING_PER_ACCOUNT',
    initial: 2500,
    parse: whole(0, 1_000_000),
    meaning: 'Of those, long polls of one account.',
  },
  tailReaders: {
    env: 'CHASQUI_TAIL_READERS',
    initial: 200,
    parse: whole(1, 10_000),
    meaning: 'Readers of the live tail at once on each node; one more is told to come back later.',
  },
  tailReadersPerAccount: {
    env: 'CHASQUI_TAIL_READERS_PER_ACCOUNT',
    initial: 50,
    parse: whole(1, 10_000),
    meaning: 'Of those, readers of one account.',
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
    initial: noAccounts,
    parse: accounts,
    meaning:
      'Whether a TaskId sends one message to a recipient, however often it is asked, for callers that repeat a send: true for all accounts, or the ids of those for which it does, separated by commas.',
  },
  camsCallbackTries: {
    env: 'CHASQUI_CAMS_CALLBACK_TRIES',
    initial: 'long',
    parse: oneOf(['long', 'cloud']),
    meaning:
      'How often callback URLs that are set by CAMS operations are tried: by the schedule of the preset standard, or three times within six minutes as the cloud does.',
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
      'Signature nonces of CAMS requests that the store keeps for each node; each is forgotten after 30 minutes. Requests beyond are refused with Throttling; the last quarter is kept for accounts that used less than a 32nd.',
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
    hasSecretPath: true,
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
  portalAncestors: {
    env: 'CHASQUI_PORTAL_FRAME_ANCESTORS',
    initial: noRanges,
    parse: origins,
    meaning:
      'Origins whose pages may show the portal in a frame, such as https://crm.example.com, separated by commas; none when unset.',
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
  consoleUrl: {
    env: 'CHASQUI_CONSOLE_URL',
    initial: nothing,
    parse: baseUrl,
    meaning:
      "Address of the console for browsers, without /console: the company's sign-in comes back to it, notices link to it, and its cookie goes over HTTPS alone where it is one. PUBLIC_URL when unset, and unknown with ADMIN_PORT, with which the company's sign-in needs it.",
  },
  oidcIssuer: {
    env: 'CHASQUI_OIDC_ISSUER',
    initial: nothing,
    parse: issuer,
    meaning:
      'OpenID Connect provider by which people of the company sign in to the console: its issuer, to the letter; there is no such sign-in when unset. Needs CHASQUI_OIDC_CLIENT_ID.',
  },
  oidcClientId: {
    env: 'CHASQUI_OIDC_CLIENT_ID',
    initial: nothing,
    parse: foreignKey,
    meaning: 'Id of this service as a client of that provider.',
  },
  oidcClientSecret: {
    env: 'CHASQUI_OIDC_CLIENT_SECRET',
    initial: nothing,
    secret: true,
    parse: foreignKey,
    meaning: 'Secret of that client; none for a public client, which PKCE alone protects.',
  },
  oidcScopes: {
    env: 'CHASQUI_OIDC_SCOPES',
    initial: 'openid profile',
    parse: scopes,
    meaning: 'Scopes asked for at a sign-in, separated by spaces, openid among them.',
  },
  oidcRoleClaim: {
    env: 'CHASQUI_OIDC_ROLE_CLAIM',
    initial: 'roles',
    parse: claimName,
    meaning:
      'Claim that says the role: a text or a list of texts, by its name or its path, as realm_access.roles. It is asked of the provider anew at each sign-in.',
  },
  oidcOwners: {
    env: 'CHASQUI_OIDC_OWNERS',
    initial: noRanges,
    parse: claimValues,
    meaning:
      'Values of that claim that make a person an owner, separated by commas. Of several roles the highest counts; who has none is not let in.',
  },
  oidcOperators: {
    env: 'CHASQUI_OIDC_OPERATORS',
    initial: noRanges,
    parse: claimValues,
    meaning: 'Values of that claim that make a person an operator.',
  },
  oidcViewers: {
    env: 'CHASQUI_OIDC_VIEWERS',
    initial: noRanges,
    parse: claimValues,
    meaning: 'Values of that claim that make a person a viewer.',
  },
  oidcNameClaim: {
    env: 'CHASQUI_OIDC_NAME_CLAIM',
    initial: 'preferred_username',
    parse: claimName,
    meaning:
      'Claim that a new user is named by; a name that is taken, or that no user can have, is made another. Who somebody is goes by the subject alone.',
  },
  oidcAccount: {
    env: 'CHASQUI_OIDC_ACCOUNT',
    initial: noAccount,
    parse: accountId,
    meaning: 'Id of the account that people sign in to so; the first one when unset.',
  },
  oidcLabel: {
    env: 'CHASQUI_OIDC_LABEL',
    initial: nothing,
    parse: label,
    meaning: "What the button says; the console's own words, in the reader's language, when unset.",
  },
  oidcOnly: {
    env: 'CHASQUI_OIDC_ONLY',
    initial: false,
    parse: flag,
    meaning:
      'Whether passwords sign nobody in any more. Access keys do, and passwords that chasqui users reset makes, once each.',
  },
  templateReviewSeconds: {
    env: 'CHASQUI_TEMPLATE_REVIEW_SECONDS',
    initial: 2,
    unit: 's',
    parse: whole(0, 86_400),
    meaning:
      'How long a template that no channel reviews (Viber, Messenger, Instagram, the sandbox) is in review before it passes; a person may decide before.',
  },
  channelCheckHours: {
    env: 'CHASQUI_CHANNEL_CHECK_HOURS',
    initial: 4,
    unit: 'hours',
    parse: whole(0, 168),
    meaning:
      'How often every channel is checked at its vendor, and a webhook that was lost is subscribed again; 0 is never.',
  },
  templateListHours: {
    env: 'CHASQUI_TEMPLATE_LIST_HOURS',
    initial: 6,
    unit: 'hours',
    parse: whole(0, 168),
    meaning:
      'How often the templates that every channel has at its vendor are listed and taken over; 0 is never. They are listed whenever a channel is checked or subscribed as well.',
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
    parse: (text: string) => baseUrl(text) ?? '',
    meaning: 'Base of the Graph API; a simulator may stand there.',
  },
  instagramUrl: {
    env: 'CHASQUI_INSTAGRAM_URL',
    initial: 'https://graph.instagram.com',
    parse: (text: string) => baseUrl(text) ?? '',
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
    parse: (text: string) => baseUrl(text) ?? '',
    meaning: 'Base of the Viber bot API; a simulator may stand there.',
  },
  viberBusinessUrl: {
    env: 'CHASQUI_VIBER_BUSINESS_URL',
    initial: 'https://services.viber.com/vibersrvc/1',
    parse: (text: string) => baseUrl(text) ?? '',
    meaning: "Base of Viber Business Messages: Viber's, an aggregator's, or a simulator's.",
  },
} as const satisfies Record<string, Setting<unknown>>;

/** The name of a setting, as in the settings file. */
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
