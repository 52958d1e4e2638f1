import type { Client } from 'pg';
import type { Emit } from '../../telemetry/events.ts';
import type { Signal } from '../store.ts';

const channel = 'chasqui';
/** Signals to other nodes are gathered for this long, so that a busy node sends some hundred messages a second at most. */
const gatherMs = 5;
/** PostgreSQL takes 8,000 bytes a notification. */
const maxPayload = 7000;
/** Between tries to connect again. */
const reconnectMs = 500;
/** A notification is lost when its node dies between commit and sending; whoever waits looks by himself this often. */
const lookMs = 15_000;

export interface SignalsOptions {
  readonly connect: () => Client;
  /** Names this process, so that it knows its own notifications. */
  readonly holder: string;
  readonly emit: Emit;
}

/**
 * Tells every part of this process, and through one connection every other node, what has changed. Local listeners hear at
 * once; other nodes some milliseconds later. `missed` is told when something may have been missed.
 */
export class Signals {
  readonly #options: SignalsOptions;
  readonly #listeners = new Set<(signal: Signal) => void>();
  readonly #pending = new Map<string, Signal>();
  #client: Client | undefined;
  #sending: NodeJS.Timeout | undefined;
  #looking: NodeJS.Timeout | undefined;
  #reconnecting: NodeJS.Timeout | undefined;
  #closed = false;

  private constructor(options: SignalsOptions) {
    this.#options = options;
  }

  static async open(options: SignalsOptions): Promise<Signals> {
    const signals = new Signals(options);
    await signals.#connect();
    signals.#looking = setInterval(() => signals.#hear({ kind: 'missed' }), lookMs);
    signals.#looking.unref();
    return signals;
  }

  watch(listener: (signal: Signal) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Tells what a commit has changed. */
  tell(signals: readonly Signal[]): void {
    const fresh = new Map(signals.map((signal) => [toKey(signal), signal]));
    for (const [key, signal] of fresh) {
      this.#hear(signal);
      this.#pending.set(key, signal);
    }
    if (this.#pending.size > 0 && !this.#closed) this.#sending ??= setTimeout(() => this.#send(), gatherMs);
  }

  async close(): Promise<void> {
    if (this.#pending.size > 0) this.#send();
    this.#closed = true;
    clearTimeout(this.#sending);
    clearTimeout(this.#reconnecting);
    clearInterval(this.#looking);
    const client = this.#client;
    this.#client = undefined;
    await client?.end().catch(() => undefined);
  }

  #hear(signal: Signal): void {
    for (const listener of this.#listeners) listener(signal);
  }

  #send(): void {
    this.#sending = undefined;
    const signals = [...this.#pending.values()];
    this.#pending.clear();
    // While the connection is away nobody hears; whoever connects again looks by himself.
    const client = this.#client;
    if (client === undefined) return;
    for (const payload of toPayloads(this.#options.holder, signals))
      client
        .query({ name: 'notify', text: 'SELECT pg_notify($1, $2)', values: [channel, payload] })
        .catch(() => undefined);
  }

  async #connect(): Promise<void> {
    const client = this.#options.connect();
    client.on('error', () => this.#lose(client));
    client.on('end', () => this.#lose(client));
    client.on('notification', ({ payload }) => {
      for (const signal of fromPayload(this.#options.holder, payload ?? '')) this.#hear(signal);
    });
    await client.connect();
    await client.query(`LISTEN ${channel}`);
    this.#client = client;
  }

  #lose(client: Client): void {
    if (this.#client === client) this.#client = undefined;
    if (this.#closed || this.#reconnecting !== undefined || this.#client !== undefined) return;
    this.#reconnecting = setTimeout(() => {
      this.#reconnecting = undefined;
      this.#connect().then(
        () => this.#hear({ kind: 'missed' }),
        () => this.#lose(client),
      );
    }, reconnectMs);
  }
}

function toKey(signal: Signal): string {
  if (signal.kind === 'queue') return `queue/${signal.queueId}`;
  if (signal.kind === 'deliveries') return `deliveries/${signal.destinationId}`;
  if (signal.kind === 'outbound') return `outbound/${signal.channelId}/${signal.senderId}`;
  return signal.kind;
}

/** The signals as notifications: the sender, then one word each. */
function toPayloads(holder: string, signals: readonly Signal[]): string[] {
  const payloads: string[] = [];
  let payload = holder;
  for (const signal of signals) {
    const word = toWord(signal);
    if (payload.length + word.length >= maxPayload) {
      payloads.push(payload);
      payload = holder;
    }
    payload += ` ${word}`;
  }
  if (payload !== holder) payloads.push(payload);
  return payloads;
}

function toWord(signal: Signal): string {
  switch (signal.kind) {
    case 'queue':
      return `q${signal.accountId}.${signal.queueId}`;
    case 'deliveries':
      return `d${signal.accountId}.${signal.destinationId}`;
    case 'outbound':
      return `o${signal.accountId}.${encodeURIComponent(signal.channelId)}/${encodeURIComponent(signal.senderId)}`;
    default:
      return signal.kind;
  }
}

function fromPayload(self: string, payload: string): Signal[] {
  const [holder, ...words] = payload.split(' ');
  if (holder === self) return [];
  return words.flatMap((word): Signal[] => {
    const [, kind, accountId, id] = /^([qd])(\d+)\.(\d+)$/.exec(word) ?? [];
    if (kind === 'q') return [{ kind: 'queue', accountId: Number(accountId), queueId: Number(id) }];
    if (kind === 'd')
      return [{ kind: 'deliveries', accountId: Number(accountId), destinationId: Number(id) }];
    const [, owner, channelId, senderId] = /^o(\d+)\.([^/]+)\/([^/]+)$/.exec(word) ?? [];
    if (channelId !== undefined && senderId !== undefined)
      return [
        {
          kind: 'outbound',
          accountId: Number(owner),
          channelId: decodeURIComponent(channelId),
          senderId: decodeURIComponent(senderId),
        },
      ];
    // A word of a newer version is none of ours.
    return word === 'directory' || word === 'media' || word === 'templates' ? [{ kind: word }] : [];
  });
}
