import { clip } from '../domain/cut.ts';
import type { NoticeMessage, Notify, Told, ToldGroup } from '../domain/notice-message.ts';
import { toTime } from '../domain/time.ts';
import type { Client } from '../http/client.ts';
import { post, toWorst } from './judgement.ts';
import type { Ways } from './judgement.ts';

/** Where events go unless a target says another place, as accounts in Europe do. */
const everywhere = 'https://events.pagerduty.com/v2/enqueue';
const maxSummary = 1024;

/**
 * 202 is taken, 400 never will be; 429, best after a few minutes, and all else is tried again (PagerDuty, "Events API v2 Overview:
 * Response Codes & Retry Logic", read 2026-11-30).
 */
const ways: Ways = { isTold: (status) => status === 202, final: [400], throttledMs: 3 * 60_000 };

interface PagerdutyDeps {
  readonly client: Pick<Client, 'post'>;
  readonly now: () => number;
  /** Tells this service from others that share a routing key, e.g. its address. */
  readonly source: () => string;
}

/**
 * Tells a service of PagerDuty: an alert for each kind of notice and account, which is triggered again by more of them and resolved
 * when none of them stands. An alert of what has no end is for a person to resolve.
 */
export function createPagerduty({ client, now, source }: PagerdutyDeps): Notify {
  return async ({ url, secret }, message) => {
    if (secret === null) return { kind: 'later', reason: 'It has no routing key.' };
    const events =
      message.groups.length === 0
        ? [toTest(message, source())]
        : message.groups.flatMap((group) => toEvent(group, message, source()) ?? []);
    const tolds: Told[] = [];
    for (const event of events) {
      const body = JSON.stringify({ routing_key: secret, ...event });
      const told = await post(client, { url: url ?? everywhere, secret, body }, ways, now());
      tolds.push(told);
      if (told.kind === 'later') break;
    }
    return toWorst(tolds);
  };
}

/** A trigger or a resolve with the same key (PagerDuty, "Send an Alert Event", read 2026-11-30); nothing where others still stand. */
function toEvent(group: ToldGroup, { id, at }: NoticeMessage, source: string) {
  const { about, code, severity, state, lines, heading, count, samples } = group;
  if (state === 'eased') return undefined;
  const dedup_key = clip(`${source}/${about ?? 'service'}/${code}`, 255);
  if (state === 'over') return { event_action: 'resolve', dedup_key };
  const summary = clip(count === 1 ? (lines[0] ?? heading) : `${heading}: ${lines[0] ?? ''}`, maxSummary);
  return {
    event_action: 'trigger',
    dedup_key,
    payload: {
      summary,
      source,
      severity,
      timestamp: toTime(samples[0]?.at ?? at),
      component: samples[0]?.subject,
      class: code,
      group: about === null ? 'service' : String(about),
      custom_details: { notices: lines, count, message: id },
    },
  };
}

/** A test is an alert of its own, of the least severity. */
function toTest({ id, at, title, severity }: NoticeMessage, source: string) {
  return {
    event_action: 'trigger',
    dedup_key: clip(`${source}/test`, 255),
    payload: {
      summary: title,
      source,
      severity,
      timestamp: toTime(at),
      class: 'test',
      custom_details: { message: id },
    },
  };
}
