// How the simulated WhatsApp posts its events: signed, in batches, repeated, regrouped, out of order (docs/protocols/meta.md).
import type { Stage } from '../simulator.ts';
import { Timers } from '../simulated-clock.ts';
import { forge, shakeHands, strangerId, toHalves, toSubject, wrap } from '../meta/webhooks.ts';
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

type Events = readonly VendorEvent[];

const maxBatch = 1000;
const batchMs = 200;

interface WebhookOptions {
  readonly stage: Stage;
  readonly url: () => string;
  readonly appSecret: string;
}

/** The side of the simulator that posts. */
export class Webhooks {
  readonly #stage: Stage;
  readonly #url: () => string;
  readonly #appSecret: string;
  readonly #timers: Timers;
  #waiting: VendorEvent[] = [];
  #isPlanned = false;
  #posts = 0;

  constructor({ stage, url, appSecret }: WebhookOptions) {
    this.#stage = stage;
    this.#url = url;
    this.#appSecret = appSecret;
    this.#timers = new Timers(stage.clock);
  }

  /** Posts an event soon: by itself, or with others that come within the batch time. */
  emit(event: VendorEvent, afterMs = 0): void {
    if (afterMs <= 0) this.#add(event);
    else this.#timers.after(afterMs, () => this.#add(event));
  }

  /** Makes the handshake with an address. Throws `bad_request` when the address does not echo the challenge. */
  verify(callback: string, verifyToken: string): Promise<void> {
    return shakeHands(this.#stage, callback, verifyToken);
  }

  close(): void {
    this.#timers.clear();
  }

  #add(event: VendorEvent): void {
    // Nobody has subscribed yet, and Meta keeps nothing for those who will.
    if (this.#url() === '') return;
    this.#waiting.push(event);
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    this.#timers.after(batchMs, () => this.#flush());
  }

  #flush(): void {
    this.#isPlanned = false;
    const events = this.#waiting;
    this.#waiting = [];
    for (let start = 0; start < events.length; start += maxBatch)
      this.#post(events.slice(start, start + maxBatch));
  }

  /** Posts events together, with the faults that are drawn for them. */
  #post(events: Events): void {
    const { random, poster, fault } = this.#stage;
    const chance = random.branch(`post ${(this.#posts += 1)}`);
    const ordered = chance.chance(fault('out-of-order')) ? events.toReversed() : events;
    const posting = this.#toPosting(ordered);
    forge(this.#stage, posting.subject, posting);
    poster.post(posting);
    if (chance.chance(fault('duplicate'))) poster.post(posting, chance.whole(0, 5000));
    // A retry goes to every app of the WABA, so one that has answered sees its events once more, in other groups.
    if (chance.chance(fault('regrouped')) && events.length > 1)
      for (const half of toHalves(events)) poster.post(this.#toPosting(half), chance.whole(0, 5000));
  }

  #toPosting(events: Events): Posting {
    const { clock } = this.#stage;
    const subject = toSubject(events);
    const wrapping = { appSecret: this.#appSecret, stranger: () => toStranger(clock.now()) };
    return {
      subject,
      url: this.#url(),
      ...wrap(this.#stage, subject, toEnvelope(events), wrapping),
      // A POST that was refused comes again in two halves.
      ...(events.length < 2 ? {} : { regroup: () => toHalves(events).map((half) => this.#toPosting(half)) }),
    };
  }
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
