// What commands print: results on standard output, as lines or as JSON; progress on standard error.
import type { Stopwatch } from '../runtime/clock.ts';

export interface Output {
  /** A result, as text for people or, with `--json`, as one line of JSON. */
  readonly result: (text: string, json: unknown) => void;
  /** A word to people, of what is no result; on standard error. */
  readonly remark: (text: string) => void;
  /** Shows how far a long job is, at most once in a while; the last line stays. */
  readonly progress: (text: string) => void;
}

/** Progress that takes less than this is not shown. */
const quietMs = 1000;

export function openOutput(json: boolean, { monotonic }: Stopwatch): Output {
  const startedAt = monotonic();
  let shownAt = Number.NEGATIVE_INFINITY;
  return {
    result: (text, value) => console.log(json ? JSON.stringify(value) : text),
    remark: (text) => {
      if (!json) console.error(text);
    },
    progress: (text) => {
      const at = monotonic();
      if (at - startedAt < quietMs || at - shownAt < 500) return;
      shownAt = at;
      console.error(text);
    },
  };
}

/** Rows as a table with columns as wide as they need to be. */
export function toTable(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
