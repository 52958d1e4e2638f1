/**
 * The events of the service: one wide event for each unit of work, emitted when it ends. Names and fields are a public
 * contract (docs/operations.md); log lines and metrics are made from them. Message text, phone numbers and secrets are
 * never fields; ids are.
 */
import type { ChannelType } from '../domain/channel.ts';
import type { AttemptOutcome, RepeatCause } from '../domain/delivery.ts';
import type { ErrorCode } from '../domain/errors.ts';
import type { LimitName } from '../domain/limits.ts';
import type { NoticeCode } from '../domain/notice.ts';
import type { TargetKind } from '../domain/notice-target.ts';
import type { ReceiptType, RemarkReason } from '../domain/receipt.ts';

export interface Events {
  'service.started': {
    readonly address: string;
    readonly version: string;
    readonly store: 'sqlite' | 'postgres';
    /** The host of the database that is used, with its port. */
    readonly databaseHost?: string;
  };
  'service.stopped': { readonly reason: string; readonly durationMs: number };
  /** A webhook POST was answered. `outcome` is `recorded`, or why it was refused. */
  'webhook.received': {
    readonly channelType: ChannelType | 'unknown';
    readonly channelId: string;
    readonly outcome:
      | 'recorded'
      | 'unknown_channel'
      | 'bad_signature'
      | 'too_large'
      | 'too_slow'
      | 'overloaded'
      | 'store_failed';
    readonly bytes: number;
    readonly fresh: number;
    readonly repeats: number;
    readonly unrouted: number;
    readonly remarks: number;
    readonly durationMs: number;
  };
  /**
   * Something in a webhook gave no receipt; it is kept. `detail` is the vendor's word for what it was, `count` how many of the webhook
   * were remarked on alike, `index` the first of them.
   */
  'event.remarked': {
    readonly channelType: ChannelType;
    readonly channelId: string;
    readonly rawEventId: number;
    readonly index: number;
    readonly reason: RemarkReason;
    readonly detail: string;
    readonly mayBeMessage: boolean;
    readonly count: number;
  };
  /** A receipt was recorded for the first time. Emitted once a receipt; metrics only. */
  'receipt.recorded': {
    readonly accountId: number;
    readonly channelType: ChannelType;
    readonly type: ReceiptType;
    readonly unmatched: boolean;
    /** The queue that it was put into; null when it was put into none. */
    readonly queue: string | null;
  };
  /** One POST to a callback URL ended. */
  'delivery.attempted': {
    readonly accountId: number;
    readonly destinationId: number;
    /** Null where it held receipts of several channels. */
    readonly channelId: string | null;
    readonly receipts: number;
    readonly attempt: number;
    readonly cause: RepeatCause | null;
    readonly outcome: AttemptOutcome;
    readonly status: number | null;
    readonly durationMs: number;
  };
  'delivery.died': {
    readonly accountId: number;
    readonly destinationId: number;
    readonly deliveryId: number;
    readonly attempts: number;
  };
  /** One call of a channel's send API. */
  'message.sent': {
    readonly accountId: number;
    readonly channelId: string;
    readonly attempt: number;
    readonly outcome: string;
    readonly code: string;
    readonly durationMs: number;
  };
  /** A channel refused a call with a code, or told of a template by a word, that no table explains. */
  'channel.unrecognized': {
    readonly accountId: number;
    readonly channelId: string;
    readonly channelType: string;
    readonly call: 'send' | 'review' | 'list';
    readonly code: string;
  };
  /** One POST of a fallback to the SMS gateway ended. */
  'fallback.attempted': {
    readonly accountId: number;
    readonly messageId: string;
    readonly attempt: number;
    readonly outcome: 'taken' | 'retry' | 'dead';
    readonly status: number | null;
    readonly durationMs: number;
  };
  /** A channel was asked to delete a template that was deleted here. */
  'template.removed': {
    readonly accountId: number;
    readonly channelId: string;
    readonly code: string;
    readonly language: string;
    readonly attempt: number;
    readonly outcome: 'removed' | 'retry' | 'dead';
    readonly durationMs: number;
  };
  /** The templates that a channel has were listed, and taken over where they were not here or stood otherwise. */
  'templates.adopted': {
    readonly accountId: number;
    readonly channelId: string;
    readonly channelType: ChannelType;
    readonly outcome: 'taken' | 'refused';
    readonly listed: number;
    readonly made: number;
    readonly changed: number;
    readonly differing: number;
    readonly durationMs: number;
  };
  /** Messages that waited for a deleted sender were ended. */
  'sender.closed': {
    readonly accountId: number;
    readonly channelId: string;
    readonly messages: number;
    readonly durationMs: number;
  };
  /** Messages ended that had waited until their time was over. */
  'messages.expired': {
    readonly messages: number;
    readonly durationMs: number;
  };
  /** A channel was checked by the watch, in its settings and at its vendor. */
  'channel.checked': {
    readonly accountId: number;
    readonly channelId: string;
    readonly channelType: ChannelType;
    readonly outcome: 'well' | 'unwell';
    readonly durationMs: number;
  };
  'cams.served': {
    readonly operation: string;
    readonly accountId: number | null;
    readonly status: number;
    readonly code: string;
    readonly durationMs: number;
  };
  /** One SMQ request was answered. `code` is the protocol's error code. */
  'smq.served': {
    readonly operation: string;
    readonly accountId: number | null;
    readonly status: number;
    readonly code: string | null;
    /** Name of the queue that was addressed, there or not; null when none was. */
    readonly queue: string | null;
    readonly messages: number;
    readonly durationMs: number;
  };
  'api.served': {
    readonly method: string;
    readonly route: string;
    readonly accountId: number | null;
    readonly status: number;
    readonly durationMs: number;
  };
  /** Somebody was sent to the company's provider of identities. */
  'company_sign_in.begun': { readonly durationMs: number };
  /** Somebody was not sent to that provider (`begun`), or came back from it. `reason` says more of a refusal. */
  'company_sign_in.stepped': {
    readonly step: 'begun' | 'returned';
    readonly outcome: ErrorCode | 'done';
    readonly reason: string;
    readonly durationMs: number;
  };
  'media.fetched': {
    readonly accountId: number;
    readonly mediaId: string;
    readonly outcome: 'stored' | 'retried' | 'gone';
    readonly bytes: number;
    readonly attempt: number;
    readonly durationMs: number;
  };
  /** One transaction of the store ended. Metrics only. */
  'store.committed': { readonly calls: number; readonly ok: boolean; readonly durationMs: number };
  /** The store cannot commit, and why; told at most once in ten seconds. */
  'store.failing': { readonly error: unknown };
  /** Another host of the database takes writes now, and all connections go there. */
  'database.moved': { readonly host: string; readonly before: string };
  /** No host of the database takes writes, and what each of them said; told at most once in ten seconds. */
  'database.sought': { readonly reason: string };
  /** The file was copied before an upgrade; `former`: the version that had it last. */
  'store.copied': { readonly copy: string; readonly former: string; readonly bytes: number };
  /** A backup was made by itself, and is kept at that place. */
  'backup.made': {
    readonly place: string;
    readonly bytes: number;
    readonly mediaFiles: number;
    readonly durationMs: number;
  };
  /** A backup that was due was not made, or an old one could not be taken away. */
  'backup.failed': { readonly error: unknown };
  /** Others than its owner may look into the data folder; `mode` is its mode in octal. */
  'data.exposed': { readonly mode: string };
  /** The listeners show a certificate from now on that ends then. */
  'certificate.used': { readonly endsAt: string };
  /** The files of the certificate hold what will not do, and why; what was shown before stays. */
  'certificate.refused': { readonly reason: string };
  /** Settings of the first account are set and not heard: the store has another. Their names. */
  'settings.unheard': { readonly settings: string };
  /** Damage was met, or what could be read was saved from it. `kept`: the file that holds what was damaged. Ids and counts only. */
  'store.damaged': {
    readonly what: string;
    readonly kept: string | null;
    readonly tables?: readonly object[];
    readonly losses?: Readonly<Record<string, number>>;
    readonly error?: unknown;
  };
  /** `longestMs`: how long the work of one of its steps held the store at most. */
  'store.swept': { readonly rows: number; readonly durationMs: number; readonly longestMs: number };
  /** The clock is in doubt, and why: until it is sound nothing is taken on, claimed or swept. Told once for each doubt. */
  'clock.doubted': { readonly reason: string };
  /** The clock is sound again, and work goes on. */
  'clock.trusted': { readonly durationMs: number };
  /** What came together in one second in which something happened; a figure of nothing is left out. Made by the log. */
  'traffic.summarized': {
    /** POSTs of channels that were recorded, and that were refused. */
    readonly webhooks?: number;
    readonly webhooksRefused?: number;
    /** New receipts, and how many of them were put into queues. */
    readonly receipts?: number;
    readonly queued?: number;
    /** Events that were a receipt already, that have no owner, and that gave no receipt. */
    readonly repeats?: number;
    readonly unrouted?: number;
    readonly remarks?: number;
    /** Receipts that callback URLs took, and that were in POSTs which failed; deliveries given up. */
    readonly pushed?: number;
    readonly pushesFailed?: number;
    readonly died?: number;
    /** Messages that clients of queues put in, were handed, and deleted. */
    readonly putIn?: number;
    readonly pulled?: number;
    readonly deleted?: number;
    /** Calls of channels' send APIs that were accepted, and that were not. */
    readonly sent?: number;
    readonly sendsFailed?: number;
    /** Messages ended whose time was over, or whose sender was deleted. */
    readonly expired?: number;
    readonly closed?: number;
    /** Short messages in the place of messages that the gateway took, and did not. */
    readonly fallbacks?: number;
    readonly fallbacksFailed?: number;
    /** Fetches of files of users. */
    readonly media?: number;
    readonly mediaFailed?: number;
    /** Requests of CAMS, SMQ and the API that were answered 5xx. */
    readonly callsFailed?: number;
  };
  /** Lines of the log could not be written, and are lost. Metrics only: where would it be written. */
  'log.lost': { readonly lines: number };
  /** The OTLP endpoint takes nothing of a signal any more, and why; told when it begins, and when it goes again. */
  'telemetry.failing': { readonly signal: 'traces' | 'metrics'; readonly reason: string };
  'telemetry.resumed': { readonly signal: 'traces' | 'metrics' };
  /** Spans did not go out: the OTLP endpoint did not take them, or too many were waiting. Metrics only. */
  'spans.lost': { readonly spans: number };
  /** A request was refused because its account, or its key, may use no more. */
  'limit.met': {
    readonly limit: LimitName;
    readonly of: 'account' | 'key' | 'link';
    readonly accountId: number;
  };
  'notice.raised': { readonly code: NoticeCode; readonly accountId: number | null; readonly subject: string };
  /** One try to tell a target of notices ended. Account null is the operator; `kind` is `none` where the target is not set any more. */
  'notice.told': {
    readonly accountId: number | null;
    readonly targetId: string;
    readonly kind: TargetKind | 'none';
    readonly notices: number;
    readonly attempt: number;
    readonly outcome: 'told' | 'retry' | 'given_up';
    readonly durationMs: number;
  };
  /** A unit of work ended by a bug or an unforeseen failure; the process goes on. */
  'unit.crashed': { readonly unit: string; readonly error: unknown };
}

export type EventName = keyof Events;
export type EventLevel = 'silent' | 'debug' | 'info' | 'warn' | 'error';

/** Takes one event; never throws and never waits. */
export type Emit = <N extends EventName>(name: N, fields: Events[N]) => void;

/**
 * How much each event matters in the log; `silent` ones feed metrics only. What is out of the ordinary (`kinds.ts`) is a warning at
 * least, the first of its kind.
 */
export const eventLevels: Readonly<Record<EventName, EventLevel>> = {
  'service.started': 'info',
  'service.stopped': 'info',
  'webhook.received': 'debug',
  'event.remarked': 'warn',
  'receipt.recorded': 'silent',
  'delivery.attempted': 'debug',
  'delivery.died': 'warn',
  'message.sent': 'debug',
  'channel.unrecognized': 'warn',
  'fallback.attempted': 'debug',
  'template.removed': 'info',
  'templates.adopted': 'info',
  'sender.closed': 'debug',
  'messages.expired': 'debug',
  'channel.checked': 'info',
  'cams.served': 'debug',
  'smq.served': 'debug',
  'api.served': 'debug',
  'company_sign_in.begun': 'debug',
  'company_sign_in.stepped': 'info',
  'media.fetched': 'debug',
  'store.committed': 'silent',
  'store.failing': 'error',
  'database.moved': 'warn',
  'database.sought': 'error',
  'store.damaged': 'error',
  'store.copied': 'info',
  'backup.made': 'info',
  'backup.failed': 'error',
  'data.exposed': 'warn',
  'settings.unheard': 'warn',
  'certificate.used': 'info',
  'certificate.refused': 'error',
  'store.swept': 'debug',
  'clock.doubted': 'warn',
  'clock.trusted': 'info',
  'traffic.summarized': 'info',
  'log.lost': 'silent',
  'telemetry.failing': 'warn',
  'telemetry.resumed': 'info',
  'spans.lost': 'silent',
  // The request's own event tells of each, and a notice of the first.
  'limit.met': 'silent',
  'notice.raised': 'warn',
  'notice.told': 'info',
  'unit.crashed': 'error',
};
