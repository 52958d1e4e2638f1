import { ROOT_CONTEXT, SpanKind, trace, TraceFlags } from '@opentelemetry/api';
import type { SpanContext } from '@opentelemetry/api';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  SamplingDecision,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace';
import type { Sampler } from '@opentelemetry/sdk-trace';
import type { SamplerName } from '../sampler-names.ts';

/** The sampler of that name. Each decides by a trace's id and its parent alone, so that every node decides alike, on every day. */
export function openSampler(name: SamplerName, ratio: number): Sampler {
  const prefix = 'parentbased_';
  if (!name.startsWith(prefix)) return openRoot(name, ratio);
  return new ParentBasedSampler({ root: openRoot(name.slice(prefix.length), ratio) });
}

function openRoot(name: string, ratio: number): Sampler {
  if (name === 'always_on') return new AlwaysOnSampler();
  return name === 'always_off' ? new AlwaysOffSampler() : new TraceIdRatioBasedSampler(ratio);
}

/** What a sampler decides of a span: of the first one of a trace, or of one below `parent`. */
export function toFlags(sampler: Sampler, traceId: string, parent?: SpanContext): TraceFlags {
  const context = parent === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent);
  const { decision } = sampler.shouldSample(context, traceId, '', SpanKind.INTERNAL, {}, []);
  return decision === SamplingDecision.RECORD_AND_SAMPLED ? TraceFlags.SAMPLED : TraceFlags.NONE;
}
