/** Characters of a caller's own text that an error says back at most. */
export const maxSaid = 4096;
/** What may follow a place and still belong to the character before it is far shorter than this. */
const lookahead = 256;
const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** A text as it is, or its first `max` characters and how many there were: what is said back never grows with what was sent. */
export function cut(text: string, max = maxSaid): string {
  return cutFrom(text, text.length, max);
}

/** The same for a text of `length` characters of which only the beginning is at hand, more than `max` of them. */
export function cutFrom(beginning: string, length: number, max = maxSaid): string {
  return length <= max ? beginning : `${clip(beginning, max)}… (cut; ${length} characters in all)`;
}

/**
 * The beginning of a text in at most `max` UTF-16 units. It ends where something that a person reads as one character ends: no
 * emoji, flag or letter with its accents is cut in two. A single character that is longer than `max` is cut all the same.
 */
export function clip(text: string, max: number): string {
  if (text.length <= max) return text;
  const start = graphemes.segment(text.slice(0, max + lookahead)).containing(max)?.index ?? max;
  if (start > 0) return text.slice(0, start);
  const isSplit = /[\uD800-\uDBFF]/.test(text.charAt(max - 1)) && /[\uDC00-\uDFFF]/.test(text.charAt(max));
  return text.slice(0, isSplit ? max - 1 : max);
}
