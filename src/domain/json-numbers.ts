// Numbers of JSON that no number of the language can hold.

/**
 * Reads JSON text; a number that would become another one stays the text that it was written as: an integer beyond 2^53, whatever its
 * spelling, and what is too large or too small for any number. Digits behind the point are rounded. Throws for what is no JSON.
 */
export function parseNumbersExactly(text: string): unknown {
  // A reviver makes parsing many times slower.
  if (!mayHoldOthers(text)) return JSON.parse(text);
  return JSON.parse(text, (_key, value: unknown, context?: { source?: string }) =>
    typeof value === 'number' && context?.source !== undefined && isAnother(value, context.source)
      ? context.source
      : value,
  );
}

/** Whether JSON text may have a number that would become another one: one is long or has an exponent, or a string looks so. */
export function mayHoldOthers(text: string): boolean {
  return /[:[,]\s*-?\d(?:\d{15}|[\d.]*[eE])/.test(text);
}

/** Whether a number is another one than its digits say. */
function isAnother(value: number, source: string): boolean {
  return Math.abs(value) > Number.MAX_SAFE_INTEGER || (value === 0 && /^[^eE]*[1-9]/.test(source));
}
