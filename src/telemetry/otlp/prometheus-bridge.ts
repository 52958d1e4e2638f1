// The figures of /metrics in the SDK's terms: one registry, whoever asks for them.
import { ValueType } from '@opentelemetry/api';
import type { Attributes, HrTime } from '@opentelemetry/api';
import { millisToHrTime } from '@opentelemetry/core';
import { emptyResource } from '@opentelemetry/resources';
import { AggregationTemporality, DataPointType } from '@opentelemetry/sdk-metrics';
import type { DataPoint, Histogram, MetricData, MetricProducer } from '@opentelemetry/sdk-metrics';
import type { Figure } from '../metrics.ts';

/** Reads figures whenever the SDK collects; `now` is in epoch milliseconds, and what is counted was since `startedAt`. */
export function bridgeFigures(
  read: () => Promise<readonly Figure[]>,
  {
    startedAt,
    now,
    version,
  }: { readonly startedAt: number; readonly now: () => number; readonly version: string },
): MetricProducer {
  return {
    collect: async () => {
      const figures = await read();
      const at = now();
      const endTime = millisToHrTime(at);
      // Where the clock was set back, a point would end before it began.
      const startTime = millisToHrTime(Math.min(startedAt, at));
      const metrics = figures.flatMap((figure) => toMetric(figure, { startTime, endTime }));
      const scope = { name: 'chasqui', version };
      return {
        resourceMetrics: { resource: emptyResource(), scopeMetrics: [{ scope, metrics }] },
        errors: [],
      };
    },
  };
}

interface Span {
  readonly startTime: HrTime;
  readonly endTime: HrTime;
}

function toMetric({ name, help, type, values }: Figure, span: Span): MetricData[] {
  if (values.length === 0) return [];
  const base = {
    descriptor: { name, description: help, unit: toUnit(name), valueType: ValueType.DOUBLE },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
  };
  const dataPoints = () => values.map(({ value, labels }) => ({ ...span, value, attributes: { ...labels } }));
  switch (type) {
    case 'counter':
      return [{ ...base, dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints: dataPoints() }];
    case 'gauge':
      return [{ ...base, dataPointType: DataPointType.GAUGE, dataPoints: dataPoints() }];
    case 'histogram':
      return [
        { ...base, dataPointType: DataPointType.HISTOGRAM, dataPoints: toHistograms(name, values, span) },
      ];
  }
}

/** The unit that a name of Prometheus ends in, as UCUM writes it. */
function toUnit(name: string): string {
  const [, word = ''] = /_(seconds|bytes|ratio)(?:_total)?$/.exec(name) ?? [];
  return units[word] ?? '';
}

const units: Readonly<Record<string, string>> = { seconds: 's', bytes: 'By', ratio: '1' };

/** One point for each set of labels, of the series that Prometheus has for each bucket, the sum and the count. */
function toHistograms(name: string, values: Figure['values'], span: Span): DataPoint<Histogram>[] {
  const groups = Map.groupBy(values, ({ labels: { le: _, ...labels } }) => JSON.stringify(labels));
  return [...groups.values()].map((series) => {
    const buckets = series.filter(({ metricName }) => metricName === `${name}_bucket`);
    const find = (suffix: string) =>
      series.find(({ metricName }) => metricName === `${name}_${suffix}`)?.value ?? 0;
    // Prometheus counts in each bucket those of the ones below.
    const counts = buckets.map(({ value }, index) => value - (buckets[index - 1]?.value ?? 0));
    const boundaries = buckets.map(({ labels }) => Number(labels['le'])).filter(Number.isFinite);
    const attributes: Attributes = { ...series[0]?.labels };
    delete attributes['le'];
    return {
      ...span,
      attributes,
      value: { buckets: { boundaries, counts }, sum: find('sum'), count: find('count') },
    };
  });
}
