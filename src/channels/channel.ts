import type { Channel } from '../domain/channel.ts';
import type { ChannelEvent, ChannelRemark } from '../domain/receipt.ts';

/** The parts of a webhook request that a connector may look at. Header names are in lower case. */
export interface WebhookRequest {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly query: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Buffer;
}

/** What a webhook held. `events` become receipts, `remarks` are kept raw and counted. */
export interface ParsedWebhook {
  readonly events: readonly ChannelEvent[];
  readonly remarks: readonly ChannelRemark[];
}

/** Bytes of a media file on their way from the channel, as an async iterable of chunks. */
export interface FetchedMedia {
  readonly mimeType: string | null;
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** Why media cannot be had: `gone` for good, `auth` until the token is mended, `later` otherwise. */
export type MediaFault = { readonly fault: 'gone' | 'auth' | 'later'; readonly reason: string };

/**
 * One channel type's way of speaking. A connector verifies and parses and knows nothing of stores or answers.
 */
export interface Connector {
  /** Answers a handshake (GET): the text to echo, or undefined when it must be refused. Absent where the channel has none. */
  challenge?(channel: Channel, query: WebhookRequest['query']): string | undefined;
  /** Whether this channel's secrets made the request's signature. Constant time; accepts either of two secrets during a rotation. */
  verify(channel: Channel, request: WebhookRequest): boolean;
  /** Reads a body. Never throws: what cannot be read is a remark, and one bad event leaves the others alone. */
  parse(body: Buffer, channel: Channel): ParsedWebhook;
  /** Asks the channel for a media file. Absent where events carry no media ids. */
  fetchMedia?(channel: Channel, channelMediaId: string): Promise<FetchedMedia | MediaFault>;
}
