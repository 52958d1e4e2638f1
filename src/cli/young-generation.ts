// How large V8's young generation is while the service runs.
import { constants, PerformanceObserver } from 'node:perf_hooks';
import type { PerformanceEntry } from 'node:perf_hooks';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/** Both halves of it together. With half as much the collector has one and a half times the work; with more it hardly has less. */
export const youngBytes = 32 * 1024 * 1024;
/** What is made to have it grow, at most: some heaps are too small for it. */
const maxPieces = 400;
const pieceLength = 2000;
/** So many collections of it within a second are a service under load; an idle one has one in several seconds. */
const loaded = { collections: 16, withinMs: 1000 } as const;

/** Bytes that V8 keeps for new objects now, in both halves, or would before it collects them; a little goes to its pages' heads. */
function readYoungBytes(): number {
  const space = getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space');
  return space === undefined ? 0 : 2 * (space.space_used_size + space.space_available_size);
}

const isLess = (bytes: number, than: number): boolean => bytes < than * 0.98;

/**
 * Keeps the young generation at {@link youngBytes}. Left alone V8 lets it grow to 128 MB under load, a third of the process, and
 * nothing is faster: what a request leaves behind is dead by the next collection. While nothing is done V8 takes it back to a
 * thirtieth, at which a loaded service collects four hundred times a second; load has it grow again, step by step, each of which
 * takes some 10 ms.
 */
export function holdYoungGeneration(): void {
  growYoungGeneration(youngBytes);
  let latest: number[] = [];
  new PerformanceObserver((list) => {
    const minor = (list.getEntries() as PerformanceNodeEntry[]).filter(isMinor);
    latest = [...latest, ...minor.map(({ startTime }) => startTime)].slice(-loaded.collections);
    const spanMs = (latest.at(-1) ?? 0) - (latest[0] ?? 0);
    if (latest.length < loaded.collections || spanMs > loaded.withinMs) return;
    const bytes = readYoungBytes();
    if (!isLess(bytes, youngBytes)) return;
    growYoungGeneration(Math.min(2 * bytes, youngBytes));
    latest = [];
  }).observe({ entryTypes: ['gc'] });
}

/** As Node gives those of its own doings, which its types do not say. */
type PerformanceNodeEntry = PerformanceEntry & { readonly detail: { readonly kind: number } };

function isMinor({ detail }: PerformanceNodeEntry): boolean {
  return detail.kind === constants.NODE_PERFORMANCE_GC_MINOR;
}

/** Has it grow so far, by objects that live for a moment where load alone was not enough, and no further. */
function growYoungGeneration(toBytes: number): void {
  setFlagsFromString('--semi-space-growth-factor=2');
  const pieces: object[][] = [];
  while (isLess(readYoungBytes(), toBytes) && pieces.length < maxPieces)
    pieces.push(Array.from({ length: pieceLength }, (_, at) => ({ at })));
  setFlagsFromString('--semi-space-growth-factor=1');
}
