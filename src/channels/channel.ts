import type { Channel, Sender, SenderType, SenderVerification } from '../domain/channel.ts';
import type { CheckCode, CheckName, Params } from '../domain/findings.ts';
import type { FailureClass, OutboundMessage } from '../domain/message.ts';
import type { ParameterFormat, Template } from '../domain/template.ts';
import type { AuditStatus, ChannelEvent, ChannelMark, ChannelRemark, Route } from '../domain/receipt.ts';

/** The parts of a webhook request that a connector may look at before its body is read. Header names are in lower case. */
export interface WebhookHead {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly query: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Where the request came from, behind trusted proxies; for channels that sign nothing. */
  readonly remoteAddress: string;
  /** What stands behind the channel's id in the path; null when nothing does. */
  readonly pathSecret: string | null;
}

/** A webhook request as a whole. */
export interface WebhookRequest extends WebhookHead {
  readonly body: Buffer;
}

/** What a webhook held. `events` become receipts, `marks` those of every message they mean, `remarks` are kept raw and counted. */
export interface ParsedWebhook {
  readonly events: readonly ChannelEvent[];
  readonly marks?: readonly ChannelMark[];
  readonly remarks: readonly ChannelRemark[];
}

/** Bytes of a media file on their way from the channel, as an async iterable of chunks. */
export interface FetchedMedia {
  /** As the channel told it with the bytes. */
  readonly mimeType: string | null;
  /** What the channel called the file with the bytes; null, or left out, where it gave no name. */
  readonly fileName?: string | null;
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** What was told of a file before it is fetched; of a type that nobody told, the usual one of its kind. */
export interface ExpectedMedia {
  readonly mimeType: string;
  readonly fileName: string | null;
}

/** Why media cannot be had: `gone` for good, `auth` until the token is mended, `later` otherwise. */
export interface MediaFault {
  readonly fault: 'gone' | 'auth' | 'later';
  readonly reason: string;
  /** Milliseconds that the channel asked to wait. */
  readonly retryAfterMs?: number;
}

/**
 * What a channel made of a message. `refused` only when it surely did not take it; `unknown` when it may have: the request
 * went out and no answer came.
 */
export type SendOutcome =
  | {
      readonly kind: 'accepted';
      readonly channelMessageId: string;
      /**
       * Set where this answer is all that the channel ever tells of the sending: a Sent receipt is recorded at once. When
       * that was by the channel's clock, as near as is known.
       */
      readonly sentAt?: number;
      /**
       * What the channel calls the recipient, where it told: ids that may differ from the one that was sent to, the more lasting ones
       * behind.
       */
      readonly recipientIds?: readonly string[];
      /** How much of the channel's limits is used, in percent; left out where the channel does not tell. */
      readonly usedPercent?: number;
    }
  | {
      readonly kind: 'refused';
      readonly failure: FailureClass;
      /** The channel's own code, or one of ours in words. */
      readonly code: string;
      readonly text: string;
      /** Milliseconds that the channel asked to wait. */
      readonly retryAfterMs?: number;
      /** `recipient`: a throttle that holds back messages to this recipient only; the whole sender when left out. */
      readonly scope?: 'recipient';
    }
  | {
      readonly kind: 'unknown';
      readonly text: string;
      /** The channel's code, where it gave one that does not tell. */
      readonly code?: string;
    };

/** A message on its way out, with the template that it names. */
export interface Outgoing {
  readonly message: OutboundMessage;
  readonly template: Template | null;
  /** The channel's id of the message that it quotes, reacts to or is about; null when there is none, or it is not known. */
  readonly quotedId: string | null;
}

/** A template as the channel has it, in our own words. */
export interface ListedTemplate extends Pick<
  Template,
  | 'name'
  | 'language'
  | 'category'
  | 'components'
  | 'example'
  | 'parameterFormat'
  | 'ttlSeconds'
  | 'reason'
  | 'quality'
> {
  readonly vendorId: string;
  /** Null where the channel's word for it, which `word` is, is not known here. */
  readonly status: AuditStatus | null;
  readonly word: string;
  /** Whose events tell of it. */
  readonly route: Route;
  /** What is in it and not known here, in words; kept as it is. */
  readonly unread: readonly string[];
}

/** What stands in a channel's list of templates and cannot be read as one: its name and language as far as they are told, and why. */
export interface UnreadTemplate {
  readonly name: string;
  readonly language: string;
  readonly parts: readonly string[];
}

/** The templates of a channel; `isWhole` is false where there may be more. */
export interface TemplateList {
  readonly templates: readonly ListedTemplate[];
  readonly isWhole: boolean;
  readonly unread: readonly UnreadTemplate[];
}

/** How far a template's review is at the channel; `later` when the channel could not be asked. */
export type ReviewOutcome =
  | {
      readonly kind: 'known';
      readonly vendorId: string;
      readonly status: AuditStatus;
      readonly reason: string;
      /** Set where the channel had it before, saying the same: how it knows its variables. */
      readonly parameterFormat?: ParameterFormat;
    }
  | { readonly kind: 'refused'; readonly reason: string }
  | {
      readonly kind: 'later';
      /** Set where a person may have to mend something, in the channel's words. */
      readonly reason?: string;
      /** The channel's code, where no table explains it. */
      readonly unrecognized?: string;
    };

/** What a simulated channel does next with a message that it took: a body for `parse`, and when it goes on. */
export interface Play {
  readonly body: Buffer;
  readonly nextInMs: number | null;
}

/**
 * One thing looked at by a check of a channel, in words: what is wrong, and what to do about it. Those named `webhook`
 * are whether the channel posts its events here; when that is lost, the watch subscribes again.
 */
export interface Check {
  readonly name: CheckName;
  readonly ok: boolean;
  readonly code: CheckCode;
  readonly params: Params;
  /** In English, with the sender in front where the check is about one of several. */
  readonly text: string;
  /** When what was looked at will end, e.g. a token; epoch milliseconds, absent when it will not. */
  readonly endsAt?: number;
  /** The sender that it is about, where the channel subscribes each by itself. */
  readonly senderId?: string;
  /** What the channel said of a sender's verification meanwhile, for it to be noted. */
  readonly verified?: { readonly senderId: string; readonly verification: SenderVerification };
}

/** A sender that the channel says the credentials may use. */
export interface FoundSender {
  readonly id: string;
  readonly type: SenderType;
  readonly name: string;
  readonly routeId: string;
  /** Absent where the channel verifies none. */
  readonly verification?: SenderVerification;
}

/** A token in the place of another. */
export interface RenewedToken {
  readonly accessToken: string;
  /** Epoch milliseconds. */
  readonly endsAt: number;
}

/** Why a channel did not do what it was asked. */
export type ChannelFault = { readonly fault: 'auth' | 'refused' | 'later'; readonly reason: string };

/** What a business lets its user see of it: that it has read a message, or is writing. */
export interface Sign {
  readonly kind: 'read' | 'typing';
  readonly userId: string;
  /** The channel's id of the user's message; the newest when the channel asks for none. */
  readonly channelMessageId: string | null;
}

/** What an error of the channel's means for the message and its sender. */
export interface FailureMeaning {
  readonly failure: FailureClass;
  /** Only this recipient has to wait, and not the whole sender. */
  readonly scope?: 'recipient';
  /** The least wait, where the vendor names one longer than the usual. */
  readonly waitMs?: number;
}

/**
 * One channel type's way of speaking. A connector verifies and parses and knows nothing of stores or answers.
 */
export interface Connector {
  /** Answers a handshake (GET): the text to echo, or undefined when it must be refused. Absent where the channel has none. */
  challenge?(channel: Channel, query: WebhookRequest['query']): string | undefined;
  /** Whether a request with this head may be the channel's at all; its body is read only then. Absent where no head tells. */
  mayBeFrom?(channel: Channel, head: WebhookHead): boolean;
  /** Whether this channel's secrets made the request's signature. Constant time; accepts either of two secrets during a rotation. */
  verify(channel: Channel, request: WebhookRequest): boolean;
  /** Reads a body. Never throws: what cannot be read is a remark, and one bad event leaves the others alone. */
  parse(body: Buffer, channel: Channel): ParsedWebhook;
  /** Hands one message to the channel. Never throws. Absent where the channel cannot send. */
  send?(channel: Channel, sender: Sender, outgoing: Outgoing): Promise<SendOutcome>;
  /** What a failure means of which a status tells, by its code; undefined for one that nothing explains. Absent where no code is told. */
  explainFailure?(code: string): FailureMeaning | undefined;
  /**
   * Hands a template in for review, or has the channel change the one that it took when that was changed here. One that the
   * channel has already by another's doing is taken when it says the same, and otherwise left as it is and refused in words.
   * Never throws. Absent where the channel reviews none.
   */
  submitTemplate?(channel: Channel, template: Template): Promise<ReviewOutcome>;
  /** Asks how far a review is, in case its webhook was lost. Never throws. */
  fetchTemplate?(channel: Channel, template: Template): Promise<ReviewOutcome>;
  /** Everything that the channel has of templates. Never throws. Absent where it has none. */
  listTemplates?(channel: Channel, senders: readonly Sender[]): Promise<TemplateList | ChannelFault>;
  /** Deletes a template at the channel; one that is gone already is as good. Never throws. */
  deleteTemplate?(
    channel: Channel,
    template: Pick<Template, 'name' | 'language' | 'vendorId' | 'offered'>,
  ): Promise<ChannelFault | null>;
  /** Simulated channels only: the end of a template's review. */
  judgeTemplate?(template: Template): { readonly status: 'pass' | 'fail'; readonly reason: string };
  /** Simulated channels only: plays a step of a message's life, counted from 0; undefined when there is none. */
  play?(sender: Sender, message: OutboundMessage, step: number): Play | undefined;
  /** Simulated channels only: milliseconds from taking a message to its first step; null when none follows. */
  firstStepInMs?(message: OutboundMessage): number | null;
  /** Looks whether the credentials work, the webhook is subscribed and the senders are there. Never throws. */
  check?(channel: Channel, senders: readonly Sender[], webhookUrl: string): Promise<readonly Check[]>;
  /** Asks which senders the credentials may use. Never throws. */
  findSenders?(channel: Channel): Promise<readonly FoundSender[] | ChannelFault>;
  /** Asks the channel to post its events to `webhookUrl`; null once it will. May be called again. Never throws. */
  subscribe?(channel: Channel, senders: readonly Sender[], webhookUrl: string): Promise<ChannelFault | null>;
  /** Renews the access token before it ends; null where it is of a kind that is not renewed. Never throws. */
  renewToken?(channel: Channel): Promise<RenewedToken | ChannelFault | null>;
  /** Shows a user a sign of the business. Never throws. */
  show?(channel: Channel, sender: Sender, sign: Sign): Promise<ChannelFault | null>;
  /** The body that answers a webhook beyond 200, where the channel shows it to the user; undefined when it shows nothing. */
  respond?(channel: Channel, body: Buffer): string | undefined;
  /** Asks the channel for a media file that came for a sender. Absent where events carry no media ids. */
  fetchMedia?(
    channel: Channel,
    channelMediaId: string,
    sender?: Pick<Sender, 'routeId'>,
    expected?: ExpectedMedia,
  ): Promise<FetchedMedia | MediaFault>;
}
