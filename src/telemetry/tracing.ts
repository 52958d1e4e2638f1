/**
 * What is followed of a receipt and of a message, over requests, processes and days (docs/tracing.md). Absent where nothing is
 * traced. Nothing here throws or waits.
 */
import { hash } from 'node:crypto';
import type { AccountId } from '../domain/account.ts';
import type { OutboundMessage } from '../domain/message.ts';
import type { Receipt, ReceiptType } from '../domain/receipt.ts';

/** Ids, codes and counts; never what a person wrote, or is called by. */
export type SpanAttributes = Readonly<Record<string, string | number | undefined>>;

/** Where a span stands: 32 and 16 hex digits. */
export interface SpanPlace {
  readonly traceId: string;
  readonly spanId: string;
}

/** What places the span of a receipt's recording, which what is done with it later joins. */
export interface TracedReceipt {
  readonly receiptId: string;
  readonly facts: Pick<Receipt['facts'], 'traceparent'>;
}

/** What places the spans of a message of the business. */
export type TracedMessage = Pick<
  OutboundMessage,
  'accountId' | 'id' | 'messageId' | 'channelId' | 'channelType'
> & {
  readonly envelope: Pick<OutboundMessage['envelope'], 'traceparent'>;
};

/** A receipt as it was recorded. */
export interface TracedRecording extends TracedReceipt {
  readonly accountId: AccountId;
  readonly channelId: string;
  readonly channelType: string;
  readonly type: ReceiptType;
  readonly outcome: 'fresh' | 'dropped' | 'repeat';
  /** The message of ours whose status it is, and by which of its send calls. */
  readonly sent?: { readonly message: TracedMessage; readonly attempt: number } | undefined;
}

/** Follows what one transaction kept, from before it was begun. */
export interface CommitSpans {
  /** A receipt was recorded, or was there already. */
  readonly recorded: (receipt: TracedRecording) => void;
  /** A message of the business was accepted, or its task had one already. */
  readonly accepted: (message: TracedMessage, isRepeat: boolean) => void;
}

/** What receipts and messages come of. */
export interface SpanOrigin {
  /** Kept with what comes of it: the `traceparent` of whoever asked; undefined where none came, or none that holds. */
  readonly traceparent: string | undefined;
  readonly commit: () => CommitSpans;
}

/** A request under way. */
export interface RequestSpan extends SpanOrigin {
  /** To be called once its sender is known, and at most once; of a request that is not told here nothing is told. */
  readonly end: (name: string, attributes: SpanAttributes, isFault: boolean) => void;
}

/** A POST to a callback URL under way. */
export interface PushSpan {
  /** What goes out with it. */
  readonly traceparent: string;
  readonly end: (attributes: SpanAttributes, isFault: boolean) => void;
}

export interface Tracing {
  /** `traceparent` is the header as it came. */
  readonly request: (traceparent: string | string[] | undefined) => RequestSpan;
  /** What no request has brought. */
  readonly unasked: SpanOrigin;
  /** Begins with a POST of these receipts, of which there is one at least. */
  readonly push: (receipts: readonly TracedReceipt[], attributes: SpanAttributes) => PushSpan;
  /** A send call of a message has ended just now: the `attempt`-th, from 1 on. */
  readonly sent: (
    message: TracedMessage,
    attempt: number,
    durationMs: number,
    attributes: SpanAttributes,
    isFault: boolean,
  ) => void;
}

/** Where the recording of a receipt stands in a trace of its own: the trace is called by its ReceiptId. */
export function toReceiptPlace(receiptId: string): SpanPlace {
  return { traceId: receiptId, spanId: receiptId.slice(16) };
}

/** Where the acceptance of a message stands in a trace of its own. */
export function toMessagePlace({ accountId, id }: Pick<TracedMessage, 'accountId' | 'id'>): SpanPlace {
  const digits = hash('sha256', `message/${accountId}/${id}`);
  return { traceId: digits.slice(0, 32), spanId: digits.slice(32, 48) };
}

/** The span of a message's `attempt`-th send call, from 1 on, in the message's trace. */
export function toSendSpanId(
  { accountId, id }: Pick<TracedMessage, 'accountId' | 'id'>,
  attempt: number,
): string {
  return hash('sha256', `send/${accountId}/${id}/${attempt}`).slice(0, 16);
}
