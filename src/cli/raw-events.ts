// What channels posted and what of it gave no receipt, from the command line.
import type { AnsweredPage, ApiClient } from './api-client.ts';
import { confirm } from './consent.ts';
import type { Consent } from './consent.ts';
import type { Output } from './output.ts';

interface Remark {
  readonly index: number;
  readonly reason: string;
  readonly detail: string;
  readonly mayBeMessage: boolean;
}

interface RawEvent {
  readonly rawEventId: string;
  readonly channelId: string;
  readonly receivedAt: string;
  readonly remarks: readonly Remark[];
}

interface Reread {
  readonly outcome: string;
  readonly fresh: number;
  readonly repeats: number;
  readonly remarks: readonly Remark[];
}

interface RereadMany {
  readonly events: number;
  readonly fresh: number;
  readonly repeats: number;
  readonly notRead: number;
  readonly remarks: number;
  readonly next: string | null;
}

interface EventFilter {
  readonly channelId?: string;
  readonly reason?: string;
  readonly mayBeMessage?: boolean;
  readonly since?: string;
  readonly until?: string;
}

/** Prints raw events, newest first, at most `limit`: those of which something gave no receipt, unless `isAll`. */
export async function listEvents(
  api: ApiClient,
  output: Output,
  filter: EventFilter,
  { limit, isAll }: { readonly limit: number; readonly isAll: boolean },
): Promise<void> {
  const query = new URLSearchParams({
    ...(isAll ? {} : { remarked: 'true' }),
    ...Object.fromEntries(Object.entries(filter).map(([name, value]) => [name, String(value)])),
  });
  let left = limit;
  let isNone = true;
  let cursor: string | null = null;
  do {
    query.set('limit', String(Math.min(left, 200)));
    if (cursor !== null) query.set('cursor', cursor);
    const page: AnsweredPage<RawEvent> = await api.send('GET', `/api/v1/raw-events?${query.toString()}`);
    for (const event of page.items) output.result(toLine(event), event);
    isNone &&= page.items.length === 0;
    left -= page.items.length;
    cursor = page.next;
  } while (cursor !== null && left > 0);
  if (isNone) output.remark('No raw events match.');
}

/** Prints what is said of one raw event. */
export async function showEvent(api: ApiClient, output: Output, rawEventId: string): Promise<void> {
  const event = await api.send<RawEvent>(
    'GET',
    `/api/v1/raw-events/${encodeURIComponent(rawEventId)}/remarks`,
  );
  const lines = event.remarks.map((remark) => `  event ${remark.index + 1}: ${toText(remark)}`);
  output.result([toLine({ ...event, remarks: [] }), ...lines].join('\n'), event);
}

/** Reads one raw event again. */
export async function rereadEvent(api: ApiClient, output: Output, rawEventId: string): Promise<void> {
  const path = `/api/v1/raw-events/${encodeURIComponent(rawEventId)}/reread`;
  const { outcome, fresh, repeats, remarks } = await api.send<Reread>('POST', path);
  const text =
    outcome === 'read'
      ? `${fresh} new receipts, ${repeats} that were there, ${remarks.length} parts not understood.`
      : `It was not read: ${outcome}.`;
  output.result(text, { outcome, fresh, repeats, remarks });
}

/** Reads all raw events again that match and of which something gave no receipt, page by page, with how far it is. */
export async function rereadEvents(
  api: ApiClient,
  output: Output,
  filter: EventFilter,
  consent: Consent & { readonly now: number },
): Promise<void> {
  // What comes after the count was shown is not part of what was agreed to.
  const which = { ...filter, until: filter.until ?? new Date(consent.now).toISOString() };
  const { events: matching } = await readAll(api, { ...which, dryRun: true }, () => undefined);
  if (consent.dryRun === true) {
    output.result(`${matching} raw events match.`, { matching });
    return;
  }
  await confirm(`This reads ${matching} raw events again and hands on what is understood by now.`, consent);
  const sum = await readAll(api, which, (events) => {
    output.progress(`${events} of ${matching} read`);
  });
  output.result(
    `${sum.fresh} new receipts of ${sum.events} raw events; ${sum.remarks} parts are not understood, ${sum.notRead} could not be read.`,
    sum,
  );
}

async function readAll(
  api: ApiClient,
  body: object,
  onPage: (events: number) => void,
): Promise<Omit<RereadMany, 'next'>> {
  const sum = { events: 0, fresh: 0, repeats: 0, notRead: 0, remarks: 0 };
  let cursor: string | null = null;
  do {
    const page: RereadMany = await api.send('POST', '/api/v1/raw-events/reread', {
      ...body,
      ...(cursor === null ? {} : { cursor }),
    });
    for (const name of Object.keys(sum) as (keyof typeof sum)[]) sum[name] += page[name];
    cursor = page.next;
    onPage(sum.events);
  } while (cursor !== null);
  return sum;
}

function toLine({ receivedAt, channelId, rawEventId, remarks }: RawEvent): string {
  return [receivedAt, channelId, rawEventId, ...remarks.map(toText)].join('  ');
}

function toText({ reason, detail, mayBeMessage }: Remark): string {
  return `${reason}${detail === '' ? '' : ` (${detail})`}${mayBeMessage ? ", may be a user's message" : ''}`;
}
