// How the simulated Messenger and Instagram post their events: signed, in batches, again, regrouped, out of order (channels 1).
import { createHmac } from 'node:crypto';
import { GatewayError } from '../domain/errors.ts';
import type { Stage } from './core.ts';
import type { Posting } from './poster.ts';

export interface MessagingEvent {
  readonly subject: string;
  /** The member of `entry` that holds it. */
  readonly list: 'messaging' | 'standby' | 'changes';
  readonly event: Readonly<Record<string, unknown>>;
}

export interface MessagingWebhooks {
  /** Posts an event soon, with others that come within the batch time; nothing while the app is not subscribed. */
  readonly emit: (event: MessagingEvent, afterMs?: number) => void;
  /** Makes the handshake with an address, and posts there from then on. Throws `bad_request` when it does not echo the challenge. */
  readonly setUrl: (url: string, verifyToken: string) => Promise<void>;
  /** Where the app posts; empty when nothing was entered. */
  readonly url: () => string;
  readonly isSubscribed: () => boolean;
  readonly setSubscribed: (value: boolean) => void;
  readonly close: () => void;
}

const batchMs = 50;
const maxBatch = 1000;
const challenge = '1158201444';

export function openMessagingWebhooks(
  { clock, random, poster, ledger, fault, option, get }: Stage,
  object: 'page' | 'instagram',
  accountId: string,
): MessagingWebhooks {
  const timers = new Set<() => void>();
  const waiting: MessagingEvent[] = [];
  let isPlanned = false;
  let url = option('webhook-url');
  let isSubscribed = url !== '';
  let posts = 0;

  function plan(afterMs: number, callback: () => void): void {
    const cancel = clock.after(afterMs, () => {
      timers.delete(cancel);
      callback();
    });
    timers.add(cancel);
  }

  function flush(): void {
    isPlanned = false;
    const events = waiting.splice(0, maxBatch);
    if (waiting.length > 0) add();
    const chance = random.branch(`post ${(posts += 1)}`);
    const ordered = chance.chance(fault('out-of-order')) ? events.toReversed() : events;
    poster.post(toPosting(ordered));
    if (chance.chance(fault('duplicate'))) poster.post(toPosting(ordered), chance.whole(0, 3000));
    if (events.length > 1 && chance.chance(fault('regrouped')))
      for (const half of toHalves(events)) poster.post(toPosting(half), chance.whole(0, 3000));
  }

  function add(): void {
    if (isPlanned) return;
    isPlanned = true;
    plan(batchMs, flush);
  }

  function toPosting(events: readonly MessagingEvent[]): Posting {
    const lists = Map.groupBy(events, ({ list }) => list);
    const entry = {
      id: accountId,
      time: clock.now(),
      ...Object.fromEntries([...lists].map(([list, own]) => [list, own.map(({ event }) => event)])),
    };
    const body = Buffer.from(toAscii(JSON.stringify({ object, entry: [entry] })));
    const signature = createHmac('sha256', option('app-secret')).update(body).digest('hex');
    return {
      subject: events
        .map(({ subject }) => subject)
        .join(', ')
        .slice(0, 200),
      url,
      headers: {
        'content-type': 'application/json',
        'user-agent': 'facebookexternalua',
        'x-hub-signature-256': `sha256=${signature}`,
      },
      body,
      onGivenUp: () => {
        isSubscribed = false;
        const subject = 'webhooks disabled after an hour of failures';
        ledger.write({ at: clock.now(), kind: 'noted', subject, status: null, attempt: 0, text: '' });
      },
    };
  }

  return {
    emit: (event, afterMs = 0) => {
      plan(afterMs, () => {
        if (!isSubscribed) return;
        waiting.push(event);
        add();
      });
    },
    setUrl: async (wanted, verifyToken) => {
      const query = new URLSearchParams({
        'hub.mode': 'subscribe',
        'hub.challenge': challenge,
        'hub.verify_token': verifyToken,
      });
      const answer = await get(`${wanted}?${query.toString()}`);
      if (answer?.status !== 200 || answer.body !== challenge)
        throw new GatewayError(
          'bad_request',
          'The callback did not answer the handshake with the challenge; look at its address and verify token.',
        );
      url = wanted;
    },
    url: () => url,
    isSubscribed: () => isSubscribed,
    setSubscribed: (value) => {
      isSubscribed = value && url !== '';
    },
    close: () => {
      for (const cancel of timers) cancel();
    },
  };
}

function toHalves(events: readonly MessagingEvent[]): (readonly MessagingEvent[])[] {
  const middle = Math.ceil(events.length / 2);
  return [events.slice(middle), events.slice(0, middle)];
}

/** Meta signs and sends everything beyond ASCII escaped. */
function toAscii(json: string): string {
  return json.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
