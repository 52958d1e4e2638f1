// Spans of requests, commits, sends and pushes, by the SDK's tracer. What belongs together later finds each other by derived ids.
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Attributes, Link, Span, SpanContext, Tracer } from '@opentelemetry/api';
import { parseTraceParent } from '@opentelemetry/core';
import type { Sampler } from '@opentelemetry/sdk-trace';
import type { Time } from '../../runtime/clock.ts';
import { toMessagePlace, toReceiptPlace, toSendSpanId } from '../tracing.ts';
import type {
  CommitSpans,
  PushSpan,
  RequestSpan,
  SpanAttributes,
  SpanOrigin,
  SpanPlace,
  TracedMessage,
  TracedReceipt,
  TracedRecording,
  Tracing,
} from '../tracing.ts';
import type { SpanIds } from './ids.ts';
import { toFlags } from './samplers.ts';

interface SpansDeps {
  readonly tracer: Tracer;
  readonly ids: SpanIds;
  /** The very one that the tracer asks. */
  readonly sampler: Sampler;
  /** The machine's. */
  readonly time: Time;
}

/** How a span begins; at once, at random and by itself where nothing else is said. */
interface Beginning {
  readonly kind?: SpanKind;
  /** Epoch milliseconds. */
  readonly startTime: number;
  readonly attributes: SpanAttributes;
  readonly place?: SpanPlace;
  readonly parent?: SpanContext | undefined;
  readonly links?: readonly (SpanContext | undefined)[];
}

/** Makes spans of what it is told. */
export class Spans implements Tracing {
  readonly unasked: SpanOrigin;
  readonly #deps: SpansDeps;
  /** How far the epoch is ahead of the monotonic clock, which tells parts of a millisecond. */
  #aheadMs = Number.NaN;

  constructor(deps: SpansDeps) {
    this.#deps = deps;
    this.unasked = { traceparent: undefined, commit: () => new Commit(this, () => undefined) };
  }

  request(header: string | string[] | undefined): RequestSpan {
    const parent = parse(header);
    return new Request(this, parent, this.place(parent));
  }

  push(receipts: readonly TracedReceipt[], attributes: SpanAttributes): PushSpan {
    const [first, ...others] = receipts.map((receipt) => this.ofReceipt(receipt));
    const span = this.begin('push', {
      kind: SpanKind.CLIENT,
      startTime: this.now(),
      attributes,
      parent: first,
      links: others,
    });
    return {
      traceparent: toTraceparent(span.spanContext()),
      end: (more, isFault) => this.end(span.setAttributes(toAttributes(more)), isFault),
    };
  }

  sent(
    message: TracedMessage,
    attempt: number,
    durationMs: number,
    attributes: SpanAttributes,
    isFault: boolean,
  ): void {
    const span = this.begin(`send ${message.channelType}`, {
      kind: SpanKind.CLIENT,
      startTime: this.now() - durationMs,
      attributes: { ...toIds(message), 'chasqui.attempt': attempt, ...attributes },
      place: this.ofSend(message, attempt),
      parent: this.ofMessage(message),
    });
    this.end(span, isFault);
  }

  /** Epoch milliseconds, and parts of them. */
  now(): number {
    const { time } = this.#deps;
    const tick = time.monotonic();
    // Follows the clock where that was set, and not its whole milliseconds: spans of one process would stand out of order.
    if (!(Math.abs(time.now() - tick - this.#aheadMs) < 5)) this.#aheadMs = time.now() - tick;
    return this.#aheadMs + tick;
  }

  /** A place for a span to come: below `parent`, or first of a trace. */
  place(parent: SpanContext | undefined): SpanPlace {
    const { ids } = this.#deps;
    return { traceId: parent?.traceId ?? ids.generateTraceId(), spanId: ids.generateSpanId() };
  }

  /** A place as others are linked to it. */
  toContext(place: SpanPlace, parent?: SpanContext): SpanContext {
    return { ...place, traceFlags: toFlags(this.#deps.sampler, place.traceId, parent), isRemote: true };
  }

  ofReceipt({ receiptId, facts }: TracedReceipt): SpanContext {
    return this.#ofKept(toReceiptPlace(receiptId), facts.traceparent);
  }

  ofMessage(message: TracedMessage): SpanContext {
    return this.#ofKept(toMessagePlace(message), message.envelope.traceparent);
  }

  ofSend(message: TracedMessage, attempt: number): SpanContext {
    return { ...this.ofMessage(message), spanId: toSendSpanId(message, attempt) };
  }

  begin(
    name: string,
    { kind = SpanKind.INTERNAL, startTime, attributes, place, parent, links }: Beginning,
  ): Span {
    const { tracer, ids } = this.#deps;
    const context = parent === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent);
    const options = {
      kind,
      startTime,
      attributes: toAttributes(attributes),
      links: (links ?? []).flatMap(toLink),
    };
    const begin = (): Span => tracer.startSpan(name, options, context);
    return place === undefined ? begin() : ids.at(place, begin);
  }

  end(span: Span, isFault: boolean): void {
    if (isFault) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end(this.now());
  }

  /** In the trace that was kept with it, or in its own. */
  #ofKept(place: SpanPlace, traceparent: string | undefined): SpanContext {
    const kept = parse(traceparent);
    return this.toContext(kept === undefined ? place : { ...place, traceId: kept.traceId }, kept);
  }
}

class Request implements RequestSpan {
  readonly traceparent: string | undefined;
  readonly #spans: Spans;
  readonly #startTime: number;
  readonly #parent: SpanContext | undefined;
  #place: SpanPlace;
  /** Whether it stands where others are told that it does. */
  #isPlaced: boolean;

  constructor(spans: Spans, parent: SpanContext | undefined, place: SpanPlace) {
    this.traceparent = parent && toTraceparent(parent);
    this.#spans = spans;
    this.#startTime = spans.now();
    this.#parent = parent;
    this.#place = place;
    this.#isPlaced = parent !== undefined;
  }

  commit(): CommitSpans {
    return new Commit(this.#spans, (first) => this.#join(first));
  }

  end(name: string, attributes: SpanAttributes, isFault: boolean): void {
    const span = this.#spans.begin(name, {
      kind: SpanKind.SERVER,
      startTime: this.#startTime,
      attributes,
      place: this.#place,
      parent: this.#parent,
    });
    this.#spans.end(span, isFault);
  }

  /** One that nobody's trace came with is in that of the first thing that comes of it. */
  #join({ traceId }: SpanContext): SpanContext {
    if (!this.#isPlaced) this.#place = { ...this.#place, traceId };
    this.#isPlaced = true;
    return this.#spans.toContext(this.#place, this.#parent);
  }
}

class Commit implements CommitSpans {
  readonly #spans: Spans;
  readonly #startTime: number;
  /** The request that what is kept came of, which is told the first of it. */
  readonly #toOrigin: (first: SpanContext) => SpanContext | undefined;

  constructor(spans: Spans, toOrigin: (first: SpanContext) => SpanContext | undefined) {
    this.#spans = spans;
    this.#startTime = spans.now();
    this.#toOrigin = toOrigin;
  }

  recorded(receipt: TracedRecording): void {
    const { accountId, channelId, channelType, receiptId, type, outcome, sent } = receipt;
    const attributes = {
      'chasqui.account.id': accountId,
      'chasqui.channel.id': channelId,
      'chasqui.channel.type': channelType,
      'chasqui.receipt.id': receiptId,
      'chasqui.receipt.type': type,
      'chasqui.outcome': outcome,
      'chasqui.message.id': sent?.message.messageId,
    };
    const link = sent && this.#spans.ofSend(sent.message, sent.attempt);
    this.#tell('receipt recorded', this.#spans.ofReceipt(receipt), attributes, outcome === 'repeat', link);
  }

  accepted(message: TracedMessage, isRepeat: boolean): void {
    this.#tell('message accepted', this.#spans.ofMessage(message), toIds(message), isRepeat);
  }

  /** Of a repeat there is a span already. */
  #tell(
    name: string,
    place: SpanContext,
    attributes: SpanAttributes,
    isRepeat: boolean,
    link?: SpanContext,
  ): void {
    const origin = this.#toOrigin(place);
    if (isRepeat) return;
    const isBelow = origin?.traceId === place.traceId;
    const span = this.#spans.begin(name, {
      startTime: this.#startTime,
      attributes,
      place,
      parent: isBelow ? origin : undefined,
      links: [isBelow ? undefined : origin, link],
    });
    this.#spans.end(span, false);
  }
}

function toIds({ accountId, channelId, channelType, messageId }: TracedMessage): SpanAttributes {
  return {
    'chasqui.account.id': accountId,
    'chasqui.channel.id': channelId,
    'chasqui.channel.type': channelType,
    'chasqui.message.id': messageId,
  };
}

function toAttributes(given: SpanAttributes): Attributes {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

function toLink(context: SpanContext | undefined): Link[] {
  return context === undefined ? [] : [{ context }];
}

/** What a header says, as W3C Trace Context writes it; undefined for none, several, and what is no such header. */
function parse(header: string | string[] | undefined): SpanContext | undefined {
  const parsed = typeof header === 'string' ? parseTraceParent(header) : null;
  return parsed === null ? undefined : { ...parsed, isRemote: true };
}

/** In version 00, with no flag but `sampled`. */
function toTraceparent({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-0${traceFlags & 1}`;
}
