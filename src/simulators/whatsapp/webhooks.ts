// How the simulated WhatsApp posts its events: signed, in batches, repeated, regrouped, out of order (docs/protocols/meta.md).
import type { Stage } from '../simulator.ts';
import { forge, shakeHands, strangerId, wrap } from '../meta/webhooks.ts';
import type { Envelope } from '../meta/webhooks.ts';
import type { Posting } from '../poster.ts';

/** One change of an entry, with what the ledger calls it. */
interface VendorEvent {
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

interface WebhookOptions {
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
    const posting = toPosting(ordered);
    forge(stage, posting.subject, posting);
    poster.post(posting);
    if (chance.chance(stage.fault('duplicate'))) poster.post(posting, chance.whole(0, 5000));
    // A retry goes to every app of the WABA, so one that has answered sees its events once more, in other groups.
    if (chance.chance(stage.fault('regrouped')) && events.length > 1) {
      const middle = Math.floor(events.length / 2);
      poster.post(toPosting(events.slice(middle)), chance.whole(0, 5000));
      poster.post(toPosting(events.slice(0, middle)), chance.whole(0, 5000));
    }
  }

  function toPosting(events: Events): Posting {
    const subject = events
      .map((event) => event.subject)
      .join(', ')
      .slice(0, 200);
    const wrapping = { appSecret, stranger: () => toStranger(clock.now()) };
    return {
      subject,
      url: url(),
      ...wrap(stage, subject, toEnvelope(events), wrapping),
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
    verify: (callback, verifyToken) => shakeHands(stage, callback, verifyToken),
    close: () => {
      cancel?.();
      for (const timer of timers) timer();
    },
  };
}

/** Changes of one WABA stand in one entry; values of one number and field are merged as Meta merges them. */
function toEnvelope(events: Events): Envelope {
  const entries = new Map<string, { id: string; time?: number; changes: object[] }>();
  for (const { wabaId, field, value, time } of events) {
    const key = `${wabaId} ${time ?? ''}`;
    const entry = entries.get(key) ?? { id: wabaId, ...(time === undefined ? {} : { time }), changes: [] };
    entries.set(key, entry);
    entry.changes.push({ value, field });
  }
  return { object: 'whatsapp_business_account', entry: [...entries.values()] };
}

/** A user who writes to a number of a WABA that is not played here. */
function toStranger(at: number): object {
  const metadata = { display_phone_number: '15559999999', phone_number_id: strangerId };
  const timestamp = String(Math.floor(at / 1000));
  const message = { from: '15550009999', id: `wamid.stranger.${at}`, timestamp, type: 'text' };
  const messages = [{ ...message, text: { body: 'Is this your number?' } }];
  const value = { messaging_product: 'whatsapp', metadata, messages };
  return { id: strangerId, changes: [{ value, field: 'messages' }] };
}
