/** RFC 3339 of a time in epoch milliseconds. */
export function toTime(at: number): string {
  return new Date(at).toISOString();
}
