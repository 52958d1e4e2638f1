import type { Client } from 'pg';
import type { Signal } from '../store.ts';
import type { ClockSample } from './clock.ts';
import { end, readClock } from './session.ts';
import type { Stopwatch } from '../../runtime/clock.ts';

const channel = 'chasqui';
/** Signals to other nodes are gathered for this long, so that a busy node sends some hundred messages a second at most. */
const gatherMs = 5;
/** PostgreSQL takes 8,000 bytes a notification. */
const maxPayload = 7000;
/** Between tries to connect again: twice as long after each that failed. */
const reconnectMs = 250;
const maxReconnectMs = 2000;
/** How often the connection is asked whether it is still there, by asking for the time. */
const pingMs = 2000;
/** A notification is lost when its node dies between commit and sending; whoever waits looks by himself this often. */
const lookMs = 15_000;
/** So many words are kept while they cannot be sent; where there are more, others are told that they missed something. */
const maxKept = 10_000;

interface SignalsOptions extends Stopwatch {
  /** A client to connect; `cut` ends it without a word to the server. Rejects when there is nowhere to connect to. */
  readonly connect: () => Listener | Promise<Listener>;
  /** Gives a connection the settings of a session; rejects when the server cannot be used. */
  readonly prepare: (client: Client) => Promise<void>;
  /** Names this process, so that it knows its own notifications. */
  readonly holder: string;
  /** Told the database's time at each ping. */
  readonly onClock: (sample: ClockSample) => void;
}

interface Listener {
  readonly client: Client;
  readonly cut: () => void;
}

/**
 * Tells every part of this process, and through one connection every other node, what has changed. Local listeners hear at
 * once; other nodes some milliseconds later. `missed` is told when something may have been missed.
 */
export class Signals {
  readonly #options: SignalsOptions;
  readonly #listeners = new Set<(signal: Signal) => void>();
  readonly #freedListeners = new Set<(destinationId: number) => void>();
  /** Words for other nodes, kept until the server has taken them: those listen though this node's connection is away. */
  readonly #pending = new Set<string>();
  readonly #lossListeners = new Set<() => void>();
  #listener: Listener | undefined;
  #pinging: NodeJS.Timeout | undefined;
  #failures = 0;
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
    signals.#pinging = setInterval(() => void signals.#ping(), pingMs);
    signals.#pinging.unref();
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
      // Who looks after that is the process that made the change.
      if (signal.kind !== 'webhook') this.#pending.add(word);
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

  /** Calls `listener` when the connection has broken or gone silent. */
  watchLoss(listener: () => void): void {
    this.#lossListeners.add(listener);
  }

  /** Gives up the connection that there is, for another one. */
  leave(): void {
    if (this.#listener !== undefined) this.#giveUp(this.#listener);
  }

  #plan(): void {
    if (this.#pending.size > maxKept) {
      this.#pending.clear();
      this.#pending.add(toWord({ kind: 'missed' }));
    }
    if (this.#pending.size > 0 && this.#listener !== undefined && !this.#closed)
      this.#sending ??= setTimeout(() => this.#send(), gatherMs);
  }

  async close(): Promise<void> {
    if (this.#pending.size > 0) this.#send();
    this.#closed = true;
    clearTimeout(this.#sending);
    clearTimeout(this.#reconnecting);
    clearInterval(this.#looking);
    clearInterval(this.#pinging);
    await this.#sent;
    const listener = this.#listener;
    this.#listener = undefined;
    if (listener !== undefined) await end(listener.client, listener.cut);
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
    // One after the other, as a client takes them.
    this.#sent = this.#sent.then(() => this.#notify(words));
  }

  async #notify(words: readonly string[]): Promise<void> {
    const listener = this.#listener;
    try {
      if (listener === undefined) throw new Error('The connection is away.');
      for (const payload of toPayloads(this.#options.holder, words))
        await listener.client.query({
          name: 'notify',
          text: 'SELECT pg_notify($1, $2)',
          values: [channel, payload],
        });
    } catch {
      // They go by the next connection; what some have heard already costs them a look.
      for (const word of words) this.#pending.add(word);
      if (listener !== undefined) this.#giveUp(listener);
    }
  }

  async #connect(): Promise<void> {
    const listener = await this.#options.connect();
    const { client, cut } = listener;
    client.on('error', () => this.#lose(listener));
    client.on('end', () => this.#lose(listener));
    client.on('notification', ({ payload }) => {
      for (const word of toWords(this.#options.holder, payload ?? '')) this.#hearWord(word);
    });
    try {
      await client.connect();
      await this.#options.prepare(client);
      await client.query(`LISTEN ${channel}`);
      if (this.#closed) throw new Error('The store is closed.');
    } catch (error) {
      await end(client, cut);
      throw error;
    }
    this.#listener = listener;
    this.#failures = 0;
    this.#plan();
  }

  /** A connection that does not answer is given up, though nothing says that it has ended. */
  async #ping(): Promise<void> {
    const listener = this.#listener;
    if (listener === undefined) return;
    try {
      this.#options.onClock(await readClock(listener.client, this.#options));
    } catch {
      this.#giveUp(listener);
    }
  }

  #giveUp(listener: Listener): void {
    listener.cut();
    this.#lose(listener);
  }

  #lose(listener: Listener): void {
    if (this.#listener !== listener) return;
    this.#listener = undefined;
    for (const told of this.#lossListeners) told();
    this.#reconnect();
  }

  #reconnect(): void {
    if (this.#closed) return;
    const waitMs = Math.min(maxReconnectMs, reconnectMs * 2 ** this.#failures);
    this.#reconnecting = setTimeout(() => {
      this.#connect().then(
        () => this.#hear({ kind: 'missed' }),
        () => {
          this.#failures += 1;
          this.#reconnect();
        },
      );
    }, waitMs);
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
    case 'webhook':
      return `w${signal.accountId}.${encodeURIComponent(signal.channelId)}/${encodeURIComponent(signal.senderId ?? '')}`;
    case 'directory':
    case 'templates':
      return signal.accountId === undefined ? signal.kind : `${signal.kind}.${signal.accountId}`;
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
  const [, what, whose] = /^(directory|templates)(?:\.(\d+))?$/.exec(word) ?? [];
  if (what === 'directory' || what === 'templates')
    return { kind: what, ...(whose === undefined ? {} : { accountId: Number(whose) }) };
  // A word of a newer version is none of ours.
  return word === 'media' || word === 'settings' || word === 'missed' ? { kind: word } : undefined;
}
