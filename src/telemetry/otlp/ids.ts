import { RandomIdGenerator } from '@opentelemetry/sdk-trace';
import type { IdGenerator } from '@opentelemetry/sdk-trace';
import type { SpanPlace } from '../tracing.ts';

/** Gives ids at random, but for a span whose place was found out beforehand. */
export class SpanIds implements IdGenerator {
  readonly #random = new RandomIdGenerator();
  #place: SpanPlace | undefined;

  readonly generateTraceId = (): string => this.#place?.traceId ?? this.#random.generateTraceId();
  readonly generateSpanId = (): string => this.#place?.spanId ?? this.#random.generateSpanId();

  /** Has the one span that `begin` begins stand at a place. */
  at<T>(place: SpanPlace, begin: () => T): T {
    this.#place = place;
    try {
      return begin();
    } finally {
      this.#place = undefined;
    }
  }
}
