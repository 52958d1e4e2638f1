// How the simulated Messenger and Instagram post their events: signed, in batches, again, regrouped, out of order (docs/protocols/meta.md).
import type { Stage } from '../simulator.ts';
import { Timers } from '../simulated-clock.ts';
import { forge, shakeHands, strangerId, toHalves, toSubject, wrap } from '../meta/webhooks.ts';
import type { Posting } from '../poster.ts';

interface MessagingEvent {
  readonly subject: string;
  /** The member of `entry` that holds it. */
  readonly list: 'messaging' | 'standby' | 'changes';
  readonly event: Readonly<Record<string, unknown>>;
}

const batchMs = 50;
const maxBatch = 1000;

export class MessagingWebhooks {
  readonly #stage: Stage;
  readonly #object: 'page' | 'instagram';
  readonly #accountId: string;
  readonly #timers: Timers;
  readonly #waiting: MessagingEvent[] = [];
  #isPlanned = false;
  #url: string;
  #isSubscribed: boolean;
  #posts = 0;

  constructor(stage: Stage, object: 'page' | 'instagram', accountId: string) {
    this.#stage = stage;
    this.#object = object;
    this.#accountId = accountId;
    this.#timers = new Timers(stage.clock);
    this.#url = stage.option('webhook-url');
    this.#isSubscribed = this.#url !== '';
  }

  /** Where the app posts; empty when nothing was entered. */
  get url(): string {
    return this.#url;
  }

  get isSubscribed(): boolean {
    return this.#isSubscribed;
  }

  setSubscribed(value: boolean): void {
    this.#isSubscribed = value && this.#url !== '';
  }

  /** Makes the handshake with an address, and posts there from then on. Throws `bad_request` when it does not echo the challenge. */
  async setUrl(wanted: string, verifyToken: string): Promise<void> {
    await shakeHands(this.#stage, wanted, verifyToken);
    this.#url = wanted;
  }

  /** Posts an event soon, with others that come within the batch time; nothing while the app is not subscribed. */
  emit(event: MessagingEvent, afterMs = 0): void {
    this.#timers.after(afterMs, () => {
      if (!this.#isSubscribed) return;
      this.#waiting.push(event);
      this.#planPost();
    });
  }

  close(): void {
    this.#timers.clear();
  }

  #planPost(): void {
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    this.#timers.after(batchMs, () => {
      this.#isPlanned = false;
      this.#post(this.#waiting.splice(0, maxBatch));
    });
  }

  /** Posts events together, with the faults that are drawn for them. */
  #post(events: readonly MessagingEvent[]): void {
    if (this.#waiting.length > 0) this.#planPost();
    const { random, poster, fault } = this.#stage;
    const chance = random.branch(`post ${(this.#posts += 1)}`);
    const ordered = chance.chance(fault('out-of-order')) ? events.toReversed() : events;
    const posting = this.#toPosting(ordered);
    forge(this.#stage, posting.subject, posting);
    poster.post(posting);
    if (chance.chance(fault('duplicate'))) poster.post(posting, chance.whole(0, 3000));
    if (events.length > 1 && chance.chance(fault('regrouped')))
      for (const half of toHalves(events)) poster.post(this.#toPosting(half), chance.whole(0, 3000));
  }

  #toPosting(events: readonly MessagingEvent[]): Posting {
    const { clock, option } = this.#stage;
    const lists = Map.groupBy(events, ({ list }) => list);
    const entry = {
      id: this.#accountId,
      time: clock.now(),
      ...Object.fromEntries([...lists].map(([list, own]) => [list, own.map(({ event }) => event)])),
    };
    const subject = toSubject(events);
    const wrapping = { appSecret: option('app-secret'), stranger: () => toStranger(clock.now()) };
    return {
      subject,
      url: this.#url,
      ...wrap(this.#stage, subject, { object: this.#object, entry: [entry] }, wrapping),
      // A POST that was refused comes again in two halves.
      ...(events.length < 2 ? {} : { regroup: () => toHalves(events).map((half) => this.#toPosting(half)) }),
      onGivenUp: () => this.#unsubscribe(),
    };
  }

  #unsubscribe(): void {
    this.#isSubscribed = false;
    const { ledger, clock } = this.#stage;
    ledger.note(clock.now(), 'webhooks disabled after an hour of failures');
  }
}

/** A user who writes to a Page or account that is not played here. */
function toStranger(at: number): object {
  const people = { sender: { id: '24999999999999999' }, recipient: { id: strangerId } };
  const message = { mid: `m_stranger_${at}`, text: 'Is this your Page?' };
  return { id: strangerId, time: at, messaging: [{ ...people, timestamp: at, message }] };
}
