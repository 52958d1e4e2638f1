// Queues of others, each by the least that sends, receives and deletes.
import { Pool as PostgresPool } from 'pg';
import { Pool } from 'undici';
import type { PeerAddress, QueuePeerName } from './address.ts';

interface PulledFromPeer {
  readonly id: string;
  /** What it is deleted by. */
  readonly handle: string;
}

export interface QueuePeer {
  create(queue: string): Promise<void>;
  remove(queue: string): Promise<void>;
  /** Resolves to whether all of them were taken. */
  send(queue: string, bodies: readonly string[]): Promise<boolean>;
  receive(queue: string, count: number): Promise<readonly PulledFromPeer[]>;
  /** Resolves to whether all of them were there. */
  delete(queue: string, handles: readonly string[]): Promise<boolean>;
  close(): Promise<void>;
}

export function openQueuePeer(address: PeerAddress<QueuePeerName>, connections: number): QueuePeer {
  return address.name === 'pgmq' ? new Pgmq(address.url, connections) : new Sqs(address.url, connections);
}

/** SQS by its query protocol, which the older ones speak as well; not signed, since none of them looks at a signature. */
class Sqs implements QueuePeer {
  readonly #url: string;
  readonly #pool: Pool;

  constructor(url: string, connections: number) {
    this.#url = url;
    this.#pool = new Pool(url, { connections });
  }

  async create(queue: string): Promise<void> {
    await this.#mustCall('CreateQueue', queue, { QueueName: queue });
  }

  async remove(queue: string): Promise<void> {
    await this.#mustCall('DeleteQueue', queue);
  }

  async send(queue: string, bodies: readonly string[]): Promise<boolean> {
    const [body = ''] = bodies;
    if (bodies.length === 1) return (await this.#call('SendMessage', queue, { MessageBody: body })).ok;
    const entries = toEntries('SendMessageBatchRequestEntry', 'MessageBody', bodies);
    const { ok, text } = await this.#call('SendMessageBatch', queue, entries);
    return ok && count(text, 'SendMessageBatchResultEntry') === bodies.length;
  }

  async receive(queue: string, limit: number): Promise<readonly PulledFromPeer[]> {
    const { text } = await this.#call('ReceiveMessage', queue, { MaxNumberOfMessages: String(limit) });
    const handles = readAll(text, 'ReceiptHandle');
    return readAll(text, 'MessageId').map((id, n) => ({ id, handle: handles[n] ?? '' }));
  }

  async delete(queue: string, handles: readonly string[]): Promise<boolean> {
    const entries = toEntries('DeleteMessageBatchRequestEntry', 'ReceiptHandle', handles);
    const { ok, text } = await this.#call('DeleteMessageBatch', queue, entries);
    return ok && count(text, 'DeleteMessageBatchResultEntry') === handles.length;
  }

  close(): Promise<void> {
    return this.#pool.close();
  }

  async #mustCall(action: string, queue: string, values: Readonly<Record<string, string>> = {}) {
    const { ok, text } = await this.#call(action, queue, values);
    if (!ok) throw new Error(`${this.#url}: ${action}: ${text}`);
  }

  async #call(action: string, queue: string, values: Readonly<Record<string, string>> = {}) {
    const answer = await this.#pool.request({
      method: 'POST',
      path: '/',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        Action: action,
        Version: '2012-11-05',
        QueueUrl: `${this.#url}/000000000000/${queue}`,
        ...values,
      }).toString(),
    });
    return { ok: answer.statusCode === 200, text: await answer.body.text() };
  }
}

function toEntries(entry: string, key: string, values: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    values.flatMap((value, n) => [
      [`${entry}.${n + 1}.Id`, `m${n}`],
      [`${entry}.${n + 1}.${key}`, value],
    ]),
  );
}

function count(text: string, tag: string): number {
  return text.split(`<${tag}>`).length - 1;
}

function readAll(text: string, tag: string): string[] {
  return [...text.matchAll(new RegExp(`<${tag}>\\s*([^<]*?)\\s*</${tag}>`, 'g'))].map(
    ([, value = '']) => value,
  );
}

/** The functions of the extension, as prepared statements. */
class Pgmq implements QueuePeer {
  readonly #pool: PostgresPool;

  constructor(url: string, connections: number) {
    this.#pool = new PostgresPool({ connectionString: url, max: connections });
  }

  async create(queue: string): Promise<void> {
    await this.#pool.query('SELECT pgmq.create($1)', [queue]);
  }

  async remove(queue: string): Promise<void> {
    await this.#pool.query('SELECT pgmq.drop_queue($1)', [queue]);
  }

  async send(queue: string, bodies: readonly string[]): Promise<boolean> {
    const messages = bodies.map((body) => JSON.stringify(body));
    const { rowCount } = await this.#pool.query(
      messages.length === 1
        ? { name: 'send', text: 'SELECT pgmq.send($1, $2::jsonb)', values: [queue, messages[0]] }
        : { name: 'batch', text: 'SELECT pgmq.send_batch($1, $2::jsonb[])', values: [queue, messages] },
    );
    return rowCount === bodies.length;
  }

  async receive(queue: string, limit: number): Promise<readonly PulledFromPeer[]> {
    const { rows } = await this.#pool.query<{ msg_id: string }>({
      name: 'read',
      text: 'SELECT * FROM pgmq.read($1, 30, $2)',
      values: [queue, limit],
    });
    return rows.map(({ msg_id }) => ({ id: msg_id, handle: msg_id }));
  }

  async delete(queue: string, handles: readonly string[]): Promise<boolean> {
    const { rowCount } = await this.#pool.query({
      name: 'delete',
      text: 'SELECT pgmq.delete($1, $2::bigint[])',
      values: [queue, handles],
    });
    return rowCount === handles.length;
  }

  close(): Promise<void> {
    return this.#pool.end();
  }
}
