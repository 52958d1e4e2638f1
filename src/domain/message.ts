import { hash } from 'node:crypto';
import type { AccountId } from './account.ts';
import type { Alias } from './alias.ts';
import type { ChannelType } from './channel.ts';
import type { FallbackWish } from './fallback.ts';
import type { MessageStatus } from './receipt.ts';

/** An approved template, allowed at any time, or a message of free form. */
type MessageFrame = 'template' | 'message';

/**
 * What Messenger takes in the place of a user's id: the reference of a plugin, and what a user's opt-in gave. Sources:
 * developers.facebook.com/docs/messenger-platform/discovery/checkbox-plugin, …/send-messages/one-time-notification and
 * …/marketing-messages, read in November 2026.
 */
export const recipientTokens = ['user_ref', 'notification_messages_token', 'one_time_notif_token'] as const;
type RecipientToken = (typeof recipientTokens)[number];

/** What a business asked to have sent, in the words of the CAMS API, checked. Absent members were not given. */
export interface Envelope {
  readonly frame: MessageFrame;
  /** `text`, `image`, …; `template` for a template. */
  readonly messageType: string;
  readonly content?: unknown;
  readonly templateCode?: string;
  readonly templateName?: string;
  readonly language?: string;
  readonly templateParams?: Readonly<Record<string, string>>;
  /** Developer strings of the template's quick replies, in their order. */
  readonly payload?: readonly string[];
  readonly flowAction?: unknown;
  readonly productAction?: unknown;
  /** The quoted message: an id of ours or of the channel. */
  readonly contextMessageId?: string;
  readonly toGroup?: true;
  /** What the recipient is named by, where that is no id of a user. */
  readonly toToken?: RecipientToken;
  readonly label?: string;
  readonly tag?: string;
  readonly trackingData?: string;
  readonly fallBack?: FallbackWish;
  /** Set for a message that the template's rules refuse and that fails at once, for its fallback to take its place. */
  readonly refusal?: { readonly code: string; readonly text: string };
  /** The trace that the call came in, by W3C Trace Context, where traces are made and it came in one. */
  readonly traceparent?: string;
}

export interface NewOutboundMessage {
  readonly channelId: string;
  readonly channelType: ChannelType;
  readonly senderId: string;
  readonly to: string;
  /** What all messages of one mass send share. */
  readonly groupId: string | null;
  readonly taskId: string | null;
  readonly envelope: Envelope;
  /** Epoch milliseconds after which it is not sent any more. */
  readonly expiresAt: number;
  /** When set, a second message of the same task to the same recipient is not a new one. */
  readonly oncePerTask: boolean;
}

/**
 * `queued`: waits to be sent, or for its turn behind another to the same recipient. `accepted`: the channel took it.
 * `failed`: it will not be sent. `unknown`: a try ended without an answer, and a status or the end of a wait decides.
 */
type OutboundState = 'queued' | 'accepted' | 'failed' | 'unknown';

/** A message of the business (MT) on its way to one recipient. */
export interface OutboundMessage extends Omit<NewOutboundMessage, 'oncePerTask'> {
  readonly accountId: AccountId;
  readonly id: number;
  /** The `MessageId` of the API: decimal, unique, growing with time. */
  readonly messageId: string;
  /**
   * Messages of one sender to one user share it and are sent in order, by whichever id of the user each goes. 48 bits; {@link noLane}
   * where a store finds it at the first claim, until then.
   */
  readonly lane: number;
  readonly state: OutboundState;
  /** The highest status that the channel has told. */
  readonly status: MessageStatus | null;
  readonly channelMessageId: string | null;
  readonly attempts: number;
  /** Steps that a simulated channel has played. */
  readonly step: number;
  /** Whether it waits behind another message to the same recipient. */
  readonly blocked: boolean;
  /** When something happens to it next; null when nothing is planned. */
  readonly dueAt: number | null;
  readonly acceptedAt: number;
}

/** Why this service ends a message by itself: the ErrorCode of its Failed receipt, and its text. docs/errors.md lists them. */
export const ownFailureTable = {
  expired: 'The message could not be sent within its lifetime.',
  unknown_outcome: 'The channel never said what became of the message.',
  sender_deleted: 'The sender was deleted before the message was sent.',
} as const;

/** One call of the channel's send API. */
export interface SendAttempt {
  readonly at: number;
  readonly durationMs: number;
  readonly outcome: 'accepted' | 'unknown' | FailureClass;
  /** The channel's own error code; empty when it gave none. */
  readonly code: string;
  readonly text: string;
}

/** What a refusal means for what comes next. */
export const failureClasses = [
  'transient',
  'throttle',
  'pacing',
  'auth',
  'account',
  'window',
  'opt_out',
  'template',
  'media',
  'permanent',
  /** One user's fault or the sender's: the vendor says the same of both. */
  'ambiguous',
  /** A refusal that no table explains. */
  'unrecognized',
] as const;
export type FailureClass = (typeof failureClasses)[number];

/** What becomes of a claimed message; a failure is recorded as a receipt instead, which ends it. */
export type OutboundNext =
  | { readonly kind: 'accepted'; readonly channelMessageId: string; readonly nextStepAt: number | null }
  | { readonly kind: 'retry'; readonly dueAt: number }
  | { readonly kind: 'unknown'; readonly until: number }
  /** A simulated channel goes on at `dueAt`, or has played its last step. */
  | { readonly kind: 'step'; readonly dueAt: number | null }
  /** It was not tried after all. */
  | { readonly kind: 'released'; readonly dueAt: number };

export interface OutboundSettlement {
  readonly accountId: AccountId;
  readonly id: number;
  readonly attempt: SendAttempt | null;
  readonly next: OutboundNext;
  /** What the answer told of other ids of the recipient. */
  readonly aliases?: readonly Alias[];
}

/** Whether an id has the form of those that all messages of one mass send share: 20 digits, one fewer than those of messages. */
export function isGroupMessageId(id: string): boolean {
  return /^\d{20}$/.test(id);
}

/** The lane of a message that was never claimed, which nothing waits behind. */
export const noLane = -1;

/** The lane of an id of a recipient: one lane is taken of those of all ids of a user. 48 bits; two that collide merely wait. */
export function toOutboundLane(channelId: string, senderId: string, to: string): number {
  const digest = hash('sha256', `outbound\n${channelId}\n${senderId}\n${to}`);
  return Number.parseInt(digest.slice(0, 12), 16);
}

/** 32 hex digits that are the same for a task of a sender to a recipient. */
export function toTaskKey(message: NewOutboundMessage): string {
  const parts = [message.channelId, message.senderId, message.to, message.taskId ?? ''];
  return hash('sha256', JSON.stringify(parts)).slice(0, 32);
}

/** Why a channel gave up a message that it had taken, in its words. */
export interface GivenUp {
  readonly code: string;
  readonly text: string;
  readonly occurredAt: number;
}
