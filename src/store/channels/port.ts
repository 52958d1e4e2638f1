// Channels, their senders, and where receipts of both go.
import type { AccountId, Actor } from '../../domain/account.ts';
import type {
  Channel,
  ChannelOptions,
  ChannelType,
  ChannelWebhook,
  CredentialChange,
  RemovedSender,
  Sender,
  SenderType,
  SenderVerification,
  SenderWebhook,
} from '../../domain/channel.ts';
import type { NewDestination } from '../../domain/delivery.ts';
import type { Expected } from '../../domain/version.ts';

export interface NewChannel {
  readonly id: string;
  readonly type: ChannelType;
  /** Left out: as it was, or its id. */
  readonly name?: string;
  /** What is left out of these is as it was, or none. */
  readonly wabaId?: string | null;
  readonly credentials?: CredentialChange;
  readonly options?: ChannelOptions;
}

/** The channel that a WABA is bound to. */
export interface BoundChannel {
  readonly id: string;
  readonly isNew: boolean;
}

/** What is to be changed of a channel. */
export type ChannelChange = Partial<Pick<Channel, 'name' | 'credentials'>>;

export interface NewSender {
  readonly id: string;
  readonly type: SenderType;
  readonly name: string;
  readonly routeId: string;
  /** Left out: as it is, or unknown. */
  readonly verification?: SenderVerification;
}

/** What people see of channels and senders. */
export interface ChannelViews {
  listChannels(accountId: AccountId): Promise<readonly Channel[]>;
  /** In the order in which they were made. */
  listSenders(accountId: AccountId, channelId: string): Promise<readonly Sender[]>;
}

/** A write with `expected` throws `already_exists` or `changed_meanwhile`, with nothing changed, when that is not so at that moment. */
export interface Channels extends ChannelViews {
  /**
   * Makes a channel, or changes what is given of it; its webhook settings and senders stay. `taken`: another account has the id.
   */
  putChannel(
    accountId: AccountId,
    channel: NewChannel,
    actor: Actor,
    expected?: Expected,
  ): Promise<'created' | 'replaced' | 'taken'>;
  /**
   * The account's channel of a WABA, which is made as it is given where there is none: of two who bind the same WABA at once, on two
   * nodes as well, one makes it and the other finds it. `taken`: the id is that of another channel.
   */
  bindWaba(
    accountId: AccountId,
    channel: NewChannel & { readonly wabaId: string },
    actor: Actor,
  ): Promise<BoundChannel | 'taken'>;
  /**
   * Changes what is given of a channel, as it is at that moment; with `expected`, only while its credentials are those. Resolves
   * to false, with nothing changed, when they are not or there is no such channel.
   */
  changeChannel(
    accountId: AccountId,
    channelId: string,
    change: ChannelChange,
    actor: Actor,
    expected?: Channel['credentials'],
  ): Promise<boolean>;
  /** Takes a channel and its senders away, as `deleteSender` does. Resolves to false when the account has no such channel. */
  deleteChannel(accountId: AccountId, channelId: string, actor: Actor, expected?: Expected): Promise<boolean>;
  /** Finds a channel by its server-wide id. */
  findChannel(channelId: string): Promise<Channel | undefined>;
  /** `taken`: another sender on the server, of the same type of channel, has the `routeId`. */
  putSender(
    accountId: AccountId,
    channelId: string,
    sender: NewSender,
    actor: Actor,
    expected?: Expected,
  ): Promise<'created' | 'replaced' | 'taken' | 'no_channel'>;
  /** Notes what the channel says of a sender. Resolves to false when there is no such sender. No entry in the journal. */
  setSenderVerification(
    accountId: AccountId,
    channelId: string,
    senderId: string,
    verification: SenderVerification,
  ): Promise<boolean>;
  /**
   * Takes a sender away and notes it among the removed ones, so that the messages that wait for it are closed. Resolves to
   * false when there is no such sender.
   */
  deleteSender(
    accountId: AccountId,
    channelId: string,
    senderId: string,
    actor: Actor,
    expected?: Expected,
  ): Promise<boolean>;
  /** Leases up to `limit` senders that were deleted, and not put back since, whose messages are to be looked at; those due first. */
  claimRemovedSenders(limit: number, now: number, leaseMs: number): Promise<readonly RemovedSender[]>;
  /** Says when a claimed one is looked at next; null forgets it. One that was put back meanwhile is left alone. */
  settleRemovedSender(removed: RemovedSender, dueAt: number | null): Promise<void>;
  findSender(channelId: string, senderId: string): Promise<Sender | undefined>;
  /** Finds the sender that a channel type's events call `routeId`, on whichever channel it is. */
  findSenderByRoute(type: ChannelType, routeId: string): Promise<Sender | undefined>;
  /** All channels of a type with that WABA id; several accounts may have connected it. */
  findChannelsByWaba(type: ChannelType, wabaId: string): Promise<readonly Channel[]>;
  /**
   * Changes what is given of where a sender's receipts go, as it is at that moment, and resolves to what it is then.
   * Destinations and queues that the settings need are made in the same transaction; a new destination gets `preset`. `no_url`:
   * HTTP would be on with nowhere to go; `missing`: there is no such sender. Nothing is changed then.
   */
  setSenderWebhook(
    accountId: AccountId,
    channelId: string,
    senderId: string,
    change: Partial<SenderWebhook>,
    preset: NewDestination,
    actor: Actor,
    expected?: Expected,
  ): Promise<SenderWebhook | 'no_url' | 'missing'>;
  /** As `setSenderWebhook`, of a channel's audits. */
  setChannelWebhook(
    accountId: AccountId,
    channelId: string,
    change: Partial<ChannelWebhook>,
    preset: NewDestination,
    actor: Actor,
    expected?: Expected,
  ): Promise<ChannelWebhook | 'no_url' | 'missing'>;
}
