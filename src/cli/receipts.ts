import { setTimeout as sleep } from 'node:timers/promises';
import type { AnsweredPage, ApiClient } from './api-client.ts';
import { confirm } from './consent.ts';
import type { Consent } from './consent.ts';
import type { Output } from './output.ts';

interface ReceiptLine {
  readonly receiptId: string;
  readonly type: string;
  readonly channelId: string;
  readonly senderId: string | null;
  readonly recordedAt: string;
  readonly superseded: boolean;
  readonly facts: {
    readonly kind?: string;
    readonly status?: string;
    readonly auditStatus?: string;
    readonly messageId?: string;
    readonly templateCode?: string;
  };
}

/** Prints receipts as they come, oldest first, until `isOver`; begins with what was recorded from `since` on (epoch ms). */
export async function tail(
  api: ApiClient,
  output: Output,
  options: { since: number; type?: string; isOver: () => boolean },
): Promise<void> {
  const seen = new Set<string>();
  let { since } = options;
  while (!options.isOver()) {
    const query = new URLSearchParams({
      since: new Date(since).toISOString(),
      limit: '200',
      ...(options.type === undefined ? {} : { type: options.type }),
    });
    const fresh: ReceiptLine[] = [];
    let cursor: string | null = null;
    do {
      if (cursor !== null) query.set('cursor', cursor);
      const page: AnsweredPage<ReceiptLine> = await api.send('GET', `/api/v1/receipts?${query.toString()}`);
      fresh.push(...page.items.filter(({ receiptId }) => !seen.has(receiptId)));
      cursor = page.next;
    } while (cursor !== null);
    for (const receipt of fresh.toReversed()) {
      seen.add(receipt.receiptId);
      output.result(toLine(receipt), receipt);
    }
    const newest = fresh[0];
    if (newest !== undefined) since = Date.parse(newest.recordedAt);
    // Only what was recorded in the newest millisecond can come again.
    if (seen.size > 100_000) seen.clear();
    await sleep(1000);
  }
}

function toLine({
  recordedAt,
  type,
  channelId,
  senderId,
  facts,
  receiptId,
  superseded,
}: ReceiptLine): string {
  const what = facts.kind ?? facts.status ?? facts.auditStatus ?? '';
  return [
    recordedAt,
    type,
    `${channelId}/${senderId ?? ''}`,
    what,
    facts.messageId ?? facts.templateCode ?? '',
    receiptId,
    superseded ? 'superseded' : '',
  ]
    .filter((part) => part !== '')
    .join('  ');
}

interface ReplayOptions {
  readonly deliveryIds?: readonly string[];
  readonly destinationId?: number;
  readonly state?: string;
  readonly since?: string;
  readonly until?: string;
  /** At most so many; all that match when left out. */
  readonly limit?: number;
}

interface Replayed {
  readonly replayed: number;
  readonly next: string | null;
  /** Of a count: more may match. */
  readonly more?: boolean;
  /** Of a count: its end. */
  readonly until?: string;
}

/** Replays deliveries that are over, batch by batch, with how far it is. */
export async function replay(
  api: ApiClient,
  output: Output,
  { limit, ...given }: ReplayOptions,
  consent: Consent,
): Promise<void> {
  const preview = await api.send<Replayed>('POST', '/api/v1/deliveries/replay', { ...given, dryRun: true });
  const { replayed: matching, more = false, until } = preview;
  // What comes after the count was shown is not part of what was agreed to.
  const which = { ...given, ...(until === undefined ? {} : { until }) };
  const count = `${matching}${more ? ' or more' : ''}`;
  if (consent.dryRun === true) {
    output.result(`${matching} deliveries match${more ? ', and maybe more' : ''}.`, { matching, more });
    return;
  }
  if (given.deliveryIds === undefined) {
    const bound = limit === undefined || limit >= matching ? '' : `, ${limit} of them at most now`;
    await confirm(`This pushes ${count} deliveries to their receivers again${bound}.`, consent);
  }
  const most = limit ?? Infinity;
  let replayed = 0;
  let cursor: string | null = null;
  do {
    const answer: Replayed = await api.send('POST', '/api/v1/deliveries/replay', {
      ...which,
      ...(cursor === null ? {} : { cursor }),
      limit: Math.min(500, most - replayed),
    });
    replayed += answer.replayed;
    cursor = answer.next;
    output.progress(`${replayed} of ${matching} replayed`);
  } while (cursor !== null && replayed < most);
  output.result(`${replayed} deliveries are due again.`, { replayed });
}
