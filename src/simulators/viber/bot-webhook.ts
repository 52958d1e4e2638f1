// How the simulated Viber bot posts its events: signed, and perhaps twice or with a wrong signature first.
import { createHmac } from 'node:crypto';
import { postForged } from '../forgery.ts';
import type { Posting } from '../poster.ts';
import type { Stage } from '../simulator.ts';

/** What no `event_types` switches off. */
const compulsory: readonly string[] = ['message', 'subscribed', 'unsubscribed'];

interface PostOptions {
  readonly afterMs?: number;
  /** Called with the text that the business answers with. */
  readonly onAnswer?: (text: string) => void;
}

export class BotWebhook {
  readonly #stage: Stage;
  #url: string;
  #eventTypes: readonly string[] | undefined;
  #tokens = 0;

  constructor(stage: Stage) {
    this.#stage = stage;
    this.#url = stage.option('webhook');
  }

  /** Where events go; empty for nowhere. */
  get url(): string {
    return this.#url;
  }

  /** What was asked for; none when all events are posted. */
  get eventTypes(): readonly string[] {
    return this.#eventTypes ?? [];
  }

  /** Above 2^53, as Viber's are, so it is written as text and put into the JSON digit by digit. */
  nextToken(): string {
    this.#tokens += 1;
    return String(5_741_311_803_571_721_087n + BigInt(this.#tokens));
  }

  remove(): void {
    this.#url = '';
  }

  /** Posts to an address as Viber does before it takes it, and whether it was taken: it has to answer with 200. */
  async set(url: string, eventTypes: readonly string[] | undefined): Promise<boolean> {
    const token = this.nextToken();
    const answer = await this.#stage.poster.postOnce({
      ...this.#toSigned('webhook', token, {}),
      url,
    });
    if (!('status' in answer) || answer.status !== 200) return false;
    this.#url = url;
    this.#eventTypes = eventTypes;
    return true;
  }

  /** Posts an event, if there is an address and the business asked for events like it. */
  post(event: string, token: string, members: object, options: PostOptions = {}): void {
    if (this.#url === '') return;
    if (!compulsory.includes(event) && this.#eventTypes?.includes(event) === false) return;
    const { random, poster, fault } = this.#stage;
    const fate = random.branch(`${event} ${token}`);
    const { onAnswer, afterMs = 0 } = options;
    const posting: Posting = {
      ...this.#toSigned(event, token, members),
      ...(onAnswer === undefined ? {} : { onTaken: ({ body }) => onAnswer(body.toString('utf8')) }),
    };
    if (fate.chance(fault('bad-signature')))
      postForged(this.#stage, { ...posting, headers: toHeaders(posting.body, 'forged') });
    poster.post(posting, afterMs);
    if (fate.chance(fault('duplicate'))) poster.post(posting, afterMs);
  }

  #toSigned(event: string, token: string, members: object): Posting {
    const head = JSON.stringify({
      event,
      timestamp: this.#stage.clock.now(),
      chat_hostname: 'SN-CHAT-01_',
    });
    const tail = JSON.stringify(members).slice(1);
    const body = Buffer.from(
      `${head.slice(0, -1)},"message_token":${token}${tail === '}' ? '}' : `,${tail}`}`,
    );
    const headers = toHeaders(body, this.#stage.option('auth-token'));
    return { subject: `${event} ${token}`, url: this.#url, headers, body };
  }
}

function toHeaders(body: Buffer, token: string): Readonly<Record<string, string>> {
  return {
    'content-type': 'application/json',
    'x-viber-content-signature': createHmac('sha256', token).update(body).digest('hex'),
  };
}
