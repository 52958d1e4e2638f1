// Times as CAMS writes them: of GMT+8, which the text does not say.

const hour = 3_600_000;

/** `yyyy-MM-dd HH:mm:ss` of GMT+8. */
export function toCloudTime(time: number): string {
  return new Date(time + 8 * hour).toISOString().slice(0, 19).replace('T', ' ');
}

/** The time that `yyyy-MM-dd HH:mm:ss` of GMT+8 says, in epoch milliseconds; undefined for any other text. */
export function fromCloudTime(text: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(text)) return undefined;
  const time = Date.parse(`${text.replace(' ', 'T')}+08:00`);
  return Number.isNaN(time) ? undefined : time;
}
