/** Characters of a caller's own text that an error says back at most. */
const maxSaid = 4096;

/** A text as it is, or its first `max` characters and how many there were: what is said back never grows with what was sent. */
export function cut(text: string, max = maxSaid): string {
  if (text.length <= max) return text;
  return `${text.slice(0, max).toWellFormed()}… (cut; ${text.length} characters in all)`;
}
