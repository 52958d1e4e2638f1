// How the simulated Viber Business Messages post statuses and what users write.
import { GatewayError } from '../../domain/errors.ts';
import type { Stage } from '../simulator.ts';

/** What the numbers of statuses are called by an aggregator. */
const words: Readonly<Record<number, string>> = {
  0: 'delivered',
  1: 'seen',
  2: 'expired',
  4: 'subscribe',
  5: 'unsubscribe',
};

export class BusinessCallbacks {
  readonly #stage: Stage;
  readonly #serviceId: number;
  readonly #statusUrl: string;
  readonly #messageUrl: string;
  readonly #isAggregator: boolean;

  /** Throws `bad_command` when the service is no number. */
  constructor(stage: Stage) {
    this.#stage = stage;
    this.#serviceId = Number(stage.option('service-id'));
    this.#statusUrl = stage.option('status-url');
    this.#messageUrl = stage.option('message-url') || this.#statusUrl;
    this.#isAggregator = stage.option('form') === 'aggregator';
    if (!Number.isSafeInteger(this.#serviceId))
      throw new GatewayError('bad_command', '--service-id has to be a number.');
  }

  /** The service that may send. */
  get serviceId(): number {
    return this.#serviceId;
  }

  postStatus(token: string, phone: string, status: number, afterMs: number): void {
    const form = this.#isAggregator
      ? { message_status: words[status], service_type: 'two_way' }
      : { message_status: status };
    const members = {
      ...form,
      message_time: this.#stage.clock.now(),
      phone_number: phone,
      service_id: this.#serviceId,
    };
    const name = this.#isAggregator ? 'request_id' : 'message_token';
    this.#post(`status ${status} ${token}`, this.#statusUrl, { name, token }, members, afterMs);
  }

  postMessage(token: string, phone: string, message: object, sessionId: string): void {
    const members = {
      phone_number: phone,
      time: Math.floor(this.#stage.clock.now() / 1000),
      message: { tracking_data: '', ...message },
      service_id: this.#serviceId,
      session_id: sessionId,
    };
    this.#post(`message ${token}`, this.#messageUrl, { name: 'message_token', token }, members, 0);
  }

  /** Posts a callback; its token goes into the JSON digit by digit, being above 2^53. */
  #post(
    subject: string,
    url: string,
    { name, token }: { readonly name: string; readonly token: string },
    members: object,
    afterMs: number,
  ): void {
    if (url === '') return;
    const { random, poster, fault } = this.#stage;
    const fate = random.branch(subject);
    const quote = fate.chance(fault('token-as-text')) ? '"' : '';
    const body = Buffer.from(`{"${name}":${quote}${token}${quote},${JSON.stringify(members).slice(1)}`);
    const posting = { subject, url, headers: { 'content-type': 'application/json' }, body };
    poster.post(posting, afterMs);
    if (fate.chance(fault('duplicate'))) poster.post(posting, afterMs);
  }
}
