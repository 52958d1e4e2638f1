// How the simulated WhatsApp posts its events: signed, in batches, repeated, regrouped, out of order (channels 1.2 to 1.5).
import { createHmac } from 'node:crypto';
import { GatewayError } from '../domain/errors.ts';
import type { Stage } from './core.ts';
import type { Posting } from './poster.ts';

/** One change of an entry, with what the ledger calls it. */
export interface VendorEvent {
  readonly subject: string;
  readonly wabaId: string;
  readonly field: string;
  readonly value: Readonly<Record<string, unknown>>;
  /** Seconds, on account and template events. */
  readonly time?: number;
}

export interface Webhooks {
  /** Posts an event soon: by itself, or with others that come within the batch time. */
  readonly emit: (event: VendorEvent, afterMs?: number) => void;
  /** Makes the handshake with an address. Throws `bad_request` when the address does not echo the challenge. */
  readonly verify: (url: string, verifyToken: string) => Promise<void>;
  readonly close: () => void;
}

type Events = readonly VendorEvent[];

const maxBatch = 1000;
const batchMs = 200;
const challenge = '1158201444';

export interface WebhookOptions {
  readonly stage: Stage;
  readonly url: () => string;
  readonly appSecret: string;
}

/** Makes the side of the simulator that posts. */
export function openWebhooks({ stage, url, appSecret }: WebhookOptions): Webhooks {
  const { clock, random, poster } = stage;
  let waiting: VendorEvent[] = [];
  let posts = 0;
  let cancel: (() => void) | undefined;
  const timers = new Set<() => void>();

  function flush(): void {
    cancel = undefined;
    const events = waiting;
    waiting = [];
    for (let start = 0; start < events.length; start += maxBatch) post(events.slice(start, start + maxBatch));
  }

  function post(events: Events): void {
    const chance = random.branch(`post ${(posts += 1)}`);
    const ordered = chance.chance(stage.fault('out-of-order')) ? events.toReversed() : events;
    poster.post(toPosting(ordered));
    if (chance.chance(stage.fault('duplicate'))) poster.post(toPosting(ordered), chance.whole(0, 5000));
    // A retry goes to every app of the WABA, so one that has answered sees its events once more, in other groups.
    if (chance.chance(stage.fault('regrouped')) && events.length > 1) {
      const middle = Math.floor(events.length / 2);
      poster.post(toPosting(events.slice(middle)), chance.whole(0, 5000));
      poster.post(toPosting(events.slice(0, middle)), chance.whole(0, 5000));
    }
  }

  function toPosting(events: Events): Posting {
    const body = Buffer.from(toAscii(JSON.stringify(toEnvelope(events))));
    return {
      subject: events
        .map(({ subject }) => subject)
        .join(', ')
        .slice(0, 200),
      url: url(),
      headers: {
        'content-type': 'application/json',
        'user-agent': 'facebookexternalua',
        'x-hub-signature-256': `sha256=${createHmac('sha256', appSecret).update(body).digest('hex')}`,
      },
      body,
      // A POST that was refused comes again in two halves.
      ...(events.length < 2
        ? {}
        : {
            regroup: () => {
              const middle = Math.ceil(events.length / 2);
              return [toPosting(events.slice(middle)), toPosting(events.slice(0, middle))];
            },
          }),
    };
  }

  return {
    emit: (event, afterMs = 0) => {
      const add = (): void => {
        // Nobody has subscribed yet, and Meta keeps nothing for those who will.
        if (url() === '') return;
        waiting.push(event);
        cancel ??= clock.after(batchMs, flush);
      };
      if (afterMs <= 0) {
        add();
        return;
      }
      const timer = clock.after(afterMs, () => {
        timers.delete(timer);
        add();
      });
      timers.add(timer);
    },
    verify: async (callback, verifyToken) => {
      const query = new URLSearchParams({
        'hub.mode': 'subscribe',
        'hub.challenge': challenge,
        'hub.verify_token': verifyToken,
      });
      const answer = await stage.get(`${callback}?${query.toString()}`);
      if (answer?.status === 200 && answer.body === challenge) return;
      throw new GatewayError(
        'bad_request',
        'The callback did not answer the handshake with the challenge; look at its address and verify token.',
      );
    },
    close: () => {
      cancel?.();
      for (const timer of timers) timer();
    },
  };
}

/** Changes of one WABA stand in one entry; values of one number and field are merged as Meta merges them. */
function toEnvelope(events: Events): object {
  const entries = new Map<string, { id: string; time?: number; changes: object[] }>();
  for (const { wabaId, field, value, time } of events) {
    const key = `${wabaId} ${time ?? ''}`;
    const entry = entries.get(key) ?? { id: wabaId, ...(time === undefined ? {} : { time }), changes: [] };
    entries.set(key, entry);
    entry.changes.push({ value, field });
  }
  return { object: 'whatsapp_business_account', entry: [...entries.values()] };
}

/** Meta signs and sends everything beyond ASCII as an escape in lower-case hex. */
function toAscii(json: string): string {
  return json.replace(/[\u0080-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
