// Who has the simulated Viber bot among their chats, and what they write.
import { GatewayError } from '../../domain/errors.ts';
import type { Random } from '../random.ts';

export interface BotUser {
  readonly id: string;
  readonly name: string;
  isSubscribed: boolean;
  /** Times of the messages that the user has got since writing last. */
  unanswered: number[];
}

export class BotUsers {
  readonly #users = new Map<string, BotUser>();

  constructor(random: Random, count: number) {
    for (let number = 0; number < count; number += 1) {
      const id = Buffer.from(random.branch(`user ${number}`).digits(16)).toString('base64');
      this.#users.set(id, { id, name: `User ${number + 1}`, isSubscribed: true, unanswered: [] });
    }
  }

  get count(): number {
    return this.#users.size;
  }

  list(): readonly BotUser[] {
    return [...this.#users.values()];
  }

  find(id: unknown): BotUser | undefined {
    return typeof id === 'string' ? this.#users.get(id) : undefined;
  }

  /** The user whom an action names; the first when it names none. Throws `bad_request`. */
  require(id: unknown): BotUser {
    const list = this.list();
    const user = typeof id === 'string' ? this.#users.get(id) : list[0];
    if (user === undefined)
      throw new GatewayError('bad_request', `user: is none of ${list.map((one) => one.id).join(', ')}.`);
    return user;
  }

  draw(chance: Random): BotUser | undefined {
    const list = this.list();
    return list[chance.whole(0, list.length - 1)];
  }
}

/** How events tell of a user. */
export function toMembers({ id, name }: BotUser): object {
  return { user: { id, name, country: 'UA', language: 'en' } };
}

/** One of ten kinds of messages; files lie at `address`. */
export function toSampleMessage(kind: number, number: number, address: string): object {
  const samples: readonly object[] = [
    { type: 'text', text: `message ${number} 👋 مرحبا`, tracking_data: `step-${number}` },
    { type: 'text', text: `message ${number}` },
    { type: 'location', location: { lat: 48.85, lon: 2.35 } },
    { type: 'contact', contact: { name: 'Sam', phone_number: '+15550003333' } },
    { type: 'sticker', sticker_id: 46105 },
    { type: 'url', media: 'https://example.com/' },
    { type: 'text', text: `ORDER_${number}` },
    { type: 'picture', media: `${address}/files/${number}.jpg`, text: 'Look' },
    { type: 'video', media: `${address}/files/${number}.mp4`, size: 20, duration: 3 },
    { type: 'file', media: `${address}/files/${number}.pdf`, size: 20, file_name: 'bill.pdf' },
  ];
  return samples[kind] ?? { type: 'text', text: 'hi' };
}
