import { createHmac } from 'node:crypto';
import { Pool } from 'undici';

export interface SmqKey {
  readonly id: string;
  readonly secret: string;
}

export interface SmqAnswer {
  readonly status: number;
  readonly text: string;
}

export interface PulledMessage {
  readonly messageId: string;
  readonly body: string;
  readonly handle: string;
  readonly dequeueCount: number;
}

/** The least that speaks SMQ with V2 signatures, for tests that count and measure; what SDKs do is tested with the SDKs. */
export class SmqClient {
  readonly #pool: Pool;
  readonly #key: SmqKey;

  /** `ca` is what signed the certificate, when it speaks HTTPS. */
  constructor(url: string, key: SmqKey, connections = 32, ca?: string) {
    this.#pool = new Pool(url, { connections, ...(ca === undefined ? {} : { connect: { ca } }) });
    this.#key = key;
  }

  async call(method: string, target: string, body = ''): Promise<SmqAnswer> {
    const date = new Date().toUTCString();
    const type = body === '' ? '' : 'text/xml';
    const text = `${method}\n\n${type}\n${date}\nx-mns-version:2015-06-06\n${target}`;
    const signature = createHmac('sha1', this.#key.secret).update(text).digest('base64');
    const answer = await this.#pool.request({
      method,
      path: target,
      body: body === '' ? null : body,
      headers: {
        date,
        'x-mns-version': '2015-06-06',
        authorization: `MNS ${this.#key.id}:${signature}`,
        ...(type === '' ? {} : { 'content-type': type }),
      },
      headersTimeout: 40_000,
    });
    return { status: answer.statusCode, text: await answer.body.text() };
  }

  createQueue(name: string): Promise<SmqAnswer> {
    return this.call('PUT', `/queues/${name}`, '<Queue/>');
  }

  setVisibility(queue: string, seconds: number): Promise<SmqAnswer> {
    return this.call(
      'PUT',
      `/queues/${queue}?metaoverride=true`,
      `<Queue><VisibilityTimeout>${seconds}</VisibilityTimeout></Queue>`,
    );
  }

  send(queue: string, body: string): Promise<SmqAnswer> {
    return this.call(
      'POST',
      `/queues/${queue}/messages`,
      `<Message><MessageBody>${body}</MessageBody></Message>`,
    );
  }

  /** Receives up to 16 messages; [] when there are none. Throws on any other answer. */
  async receive(queue: string, waitSeconds: number): Promise<PulledMessage[]> {
    const { status, text } = await this.call(
      'GET',
      `/queues/${queue}/messages?numOfMessages=16&waitseconds=${waitSeconds}`,
    );
    if (status === 404) return [];
    if (status !== 200) throw new Error(`Receive was answered ${status}.`);
    return text
      .split('<Message>')
      .slice(1)
      .map((part) => ({
        messageId: pick(part, 'MessageId'),
        body: pick(part, 'MessageBody'),
        handle: pick(part, 'ReceiptHandle'),
        dequeueCount: Number(pick(part, 'DequeueCount')),
      }));
  }

  delete(queue: string, handle: string): Promise<SmqAnswer> {
    return this.call('DELETE', `/queues/${queue}/messages?ReceiptHandle=${handle}`);
  }

  async close(): Promise<void> {
    await this.#pool.destroy();
  }
}

function pick(xml: string, tag: string): string {
  return new RegExp(`<${tag}>([^<]*)</${tag}>`).exec(xml)?.[1] ?? '';
}
