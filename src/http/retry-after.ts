// How long an answer asks to wait before the next try (RFC 9110, 10.2.3).

/** The longest wait that is read, in milliseconds; whoever waits has a bound of his own. */
const maxRetryAfterMs = 999_999_999_000;

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/**
 * Milliseconds that `Retry-After` asks to wait, from seconds or from a date; null when there is none or it is neither. So many seconds
 * that they are those since 1970, or milliseconds since then, are a date, which some write in the place of one. A date is as
 * far away as the peer's own clock says, which its `Date` tells: that clock may be wrong, and so may ours, which counts where
 * the peer tells no time. A date that has passed is a wait of 0.
 */
export function readRetryAfter(headers: Headers, now: number): number | null {
  const text = toFirst(headers['retry-after']);
  if (text === undefined) return null;
  const until = parseEpoch(text) ?? parseDate(text);
  if (until === undefined) return /^\d+$/.test(text) ? Math.min(maxRetryAfterMs, Number(text) * 1000) : null;
  const at = parseDate(toFirst(headers['date']) ?? '') ?? now;
  return Math.min(maxRetryAfterMs, Math.max(0, until - at));
}

function toFirst(value: string | string[] | undefined): string | undefined {
  return (Array.isArray(value) ? value[0] : value)?.trim();
}

/** Epoch milliseconds of a time of this century or so that stands there as a number; nobody asks to wait for thirty years. */
function parseEpoch(text: string): number | undefined {
  if (/^[1-9]\d{9}$/.test(text)) return Number(text) * 1000;
  return /^[1-9]\d{12}$/.test(text) ? Number(text) : undefined;
}

/** Epoch milliseconds of a date in any form of HTTP's; one without a zone is in GMT, as all of them are. */
function parseDate(text: string): number | undefined {
  // What only looks like a date to a lenient parser (`1.5`, `-1`) is none.
  if (!/^[A-Za-z]{3,9},? /.test(text)) return undefined;
  const isZoned = /(?:GMT|UTC?|Z|[+-]\d{4})$/i.test(text);
  const date = Date.parse(isZoned ? text : `${text} GMT`);
  return Number.isNaN(date) ? undefined : date;
}
