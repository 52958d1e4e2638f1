// How the simulated Messenger and Instagram post their events: signed, in batches, again, regrouped, out of order (docs/protocols/meta.md).
import type { Stage } from '../simulator.ts';
import { forge, shakeHands, strangerId, wrap } from '../meta/webhooks.ts';
import type { Posting } from '../poster.ts';

interface MessagingEvent {
  readonly subject: string;
  /** The member of `entry` that holds it. */
  readonly list: 'messaging' | 'standby' | 'changes';
  readonly event: Readonly<Record<string, unknown>>;
}

interface MessagingWebhooks {
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

export function openMessagingWebhooks(
  stage: Stage,
  object: 'page' | 'instagram',
  accountId: string,
): MessagingWebhooks {
  const { clock, random, poster, ledger, fault, option } = stage;
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
    const posting = toPosting(ordered);
    forge(stage, posting.subject, posting);
    poster.post(posting);
    if (chance.chance(fault('duplicate'))) poster.post(posting, chance.whole(0, 3000));
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
    const subject = events
      .map((event) => event.subject)
      .join(', ')
      .slice(0, 200);
    const wrapping = { appSecret: option('app-secret'), stranger: () => toStranger(clock.now()) };
    return {
      subject,
      url,
      ...wrap(stage, subject, { object, entry: [entry] }, wrapping),
      // A POST that was refused comes again in two halves.
      ...(events.length < 2 ? {} : { regroup: () => toHalves(events).map(toPosting) }),
      onGivenUp: () => {
        isSubscribed = false;
        const told = 'webhooks disabled after an hour of failures';
        ledger.write({ at: clock.now(), kind: 'noted', subject: told, status: null, attempt: 0, text: '' });
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
      await shakeHands(stage, wanted, verifyToken);
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

/** A user who writes to a Page or account that is not played here. */
function toStranger(at: number): object {
  const people = { sender: { id: '24999999999999999' }, recipient: { id: strangerId } };
  const message = { mid: `m_stranger_${at}`, text: 'Is this your Page?' };
  return { id: strangerId, time: at, messaging: [{ ...people, timestamp: at, message }] };
}
