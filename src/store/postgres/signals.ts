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
  readonly #freedListeners = new Set<(destinationId: number) => void>();
  /** Words for other nodes. */
  readonly #pending = new Set<string>();
  #client: Client | undefined;
  #sending: NodeJS.Timeout | undefined;
  #looking: NodeJS.Timeout | undefined;
  #reconnecting: NodeJS.Timeout | undefined;
  #sent: Promise<void> = Promise.resolve();
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
    const fresh = new Map(signals.map((signal) => [toWord(signal), signal]));
    for (const [word, signal] of fresh) {
      this.#hear(signal);
      this.#pending.add(word);
    }
    this.#plan();
  }

  /** Tells other nodes that they may push to these destinations. */
  tellFreed(destinations: readonly { readonly accountId: number; readonly destinationId: number }[]): void {
    for (const { accountId, destinationId } of destinations)
      this.#pending.add(`f${accountId}.${destinationId}`);
    this.#plan();
  }

  /** Calls `listener` when another node has given up a destination, before listeners hear of its deliveries. */
  watchFreed(listener: (destinationId: number) => void): () => void {
    this.#freedListeners.add(listener);
    return () => this.#freedListeners.delete(listener);
  }

  #plan(): void {
    if (this.#pending.size > 0 && !this.#closed) this.#sending ??= setTimeout(() => this.#send(), gatherMs);
  }

  async close(): Promise<void> {
    if (this.#pending.size > 0) this.#send();
    this.#closed = true;
    clearTimeout(this.#sending);
    clearTimeout(this.#reconnecting);
    clearInterval(this.#looking);
    await this.#sent;
    const client = this.#client;
    this.#client = undefined;
    await client?.end().catch(() => undefined);
  }

  #hear(signal: Signal): void {
    for (const listener of this.#listeners) listener(signal);
  }

  #hearWord(word: string): void {
    const [, accountId, freed] = /^f(\d+)\.(\d+)$/.exec(word) ?? [];
    const signal: Signal | undefined =
      freed === undefined
        ? fromWord(word)
        : { kind: 'deliveries', accountId: Number(accountId), destinationId: Number(freed) };
    if (freed !== undefined) for (const listener of this.#freedListeners) listener(Number(freed));
    if (signal !== undefined) this.#hear(signal);
  }

  #send(): void {
    this.#sending = undefined;
    const words = [...this.#pending];
    this.#pending.clear();
    const payloads = toPayloads(this.#options.holder, words);
    // One after the other, as a client takes them.
    this.#sent = this.#sent.then(async () => {
      for (const payload of payloads)
        // While the connection is away nobody hears; whoever connects again looks by himself.
        await this.#client
          ?.query({ name: 'notify', text: 'SELECT pg_notify($1, $2)', values: [channel, payload] })
          .catch(() => undefined);
    });
  }

  async #connect(): Promise<void> {
    const client = this.#options.connect();
    client.on('error', () => this.#lose(client));
    client.on('end', () => this.#lose(client));
    client.on('notification', ({ payload }) => {
      for (const word of toWords(this.#options.holder, payload ?? '')) this.#hearWord(word);
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

/** Words as notifications: the sender, then the words. */
function toPayloads(holder: string, words: readonly string[]): string[] {
  const payloads: string[] = [];
  let payload = holder;
  for (const word of words) {
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

function toWords(self: string, payload: string): string[] {
  const [holder, ...words] = payload.split(' ');
  return holder === self ? [] : words;
}

function fromWord(word: string): Signal | undefined {
  const [, kind, accountId, id] = /^([qd])(\d+)\.(\d+)$/.exec(word) ?? [];
  if (kind === 'q') return { kind: 'queue', accountId: Number(accountId), queueId: Number(id) };
  if (kind === 'd') return { kind: 'deliveries', accountId: Number(accountId), destinationId: Number(id) };
  const [, owner, channelId, senderId] = /^o(\d+)\.([^/]+)\/([^/]+)$/.exec(word) ?? [];
  if (channelId !== undefined && senderId !== undefined)
    return {
      kind: 'outbound',
      accountId: Number(owner),
      channelId: decodeURIComponent(channelId),
      senderId: decodeURIComponent(senderId),
    };
  // A word of a newer version is none of ours.
  return word === 'directory' || word === 'media' || word === 'templates' ? { kind: word } : undefined;
}
