// What the connectors need to read a webhook: events gathered one by one, so that a bad one leaves its neighbours alone, and so
// that what nobody took of an event, or of what stood around it, goes along with it.
import { createHash } from 'node:crypto';
import type {
  ChannelEvent,
  ChannelMark,
  ChannelRemark,
  ExtraMembers,
  RemarkReason,
} from '../../domain/receipt.ts';
import type { ParsedWebhook } from '../channel.ts';
import { isObject } from './json.ts';
import type { Json, JsonObject } from './json.ts';
import { Reader } from './reader.ts';

/** Why something gives no receipt of its own kind; `event` is one that carries it all the same. */
export interface Unread {
  readonly reason: RemarkReason;
  readonly detail: string;
  readonly event?: ChannelEvent;
}

export function toRemark(reason: RemarkReason, detail: string): Unread {
  return { reason, detail };
}

/** What one event became: a receipt, several, or none and why. */
export type Found =
  | ChannelEvent
  | Unread
  | { readonly events: readonly ChannelEvent[]; readonly marks?: readonly ChannelMark[] };

/** Characters of JSON up to which what several events share goes with each of them, so that no POST grows into many times its size. */
const sharedChars = 1000;

/** Whether what several events share is small enough to go with each of them. */
export function isSharable(shared: object): boolean {
  return JSON.stringify(shared).length <= sharedChars;
}

/** Reasons that say by themselves that no user wrote it: it is known, or about something else than messages. */
const noMessages: ReadonlySet<RemarkReason> = new Set(['not_a_receipt', 'unknown_field', 'unknown_object']);

/** Gathers what a webhook holds; `index` counts every event, so that it names the same one when the bytes are read again. */
export class Gatherer implements ParsedWebhook {
  readonly events: ChannelEvent[] = [];
  readonly marks: ChannelMark[] = [];
  readonly remarks: ChannelRemark[] = [];
  #largeContacts: Set<Reader> | undefined;
  #index = 0;

  /**
   * Adds what `read` makes of one event; if it fails, the event is remarked on and its neighbours are unharmed. What it leaves of the
   * event travels with the first receipt of it, and is remarked on where there is none. `what` names it in a log.
   */
  add(item: Json | undefined, what: string, read: (event: Reader, index: number) => Found): void {
    const index = this.#index;
    this.#index += 1;
    if (!isObject(item)) {
      this.#push(index, 'wrong_shape', what, what);
      return;
    }
    try {
      const event = new Reader(item);
      this.#keep(index, what, read(event, index), this.#toExtra(event));
    } catch (error) {
      const detail = error instanceof Error ? error.name : 'unknown';
      this.#push(index, 'parse_failed', detail, what);
    }
  }

  /** Notes something that is no event but takes a place among them. */
  remark(reason: RemarkReason, detail: string): void {
    this.#push(this.#index, reason, detail);
    this.#index += 1;
  }

  /**
   * Calls `add`, which adds the events that `outer` stands around; what nobody takes of `outer` goes with each of them under `name`,
   * and is remarked on where there is none.
   */
  around(name: string, outer: Reader, add: () => void): void {
    const [firstEvent, firstRemark] = [this.events.length, this.remarks.length];
    add();
    const rest = outer.rest();
    if (rest === undefined) return;
    if (firstEvent === this.events.length && firstRemark === this.remarks.length)
      this.remark('unknown_field', toNames(name, rest));
    const end = isSharable(rest) ? this.events.length : firstEvent + 1;
    for (let n = firstEvent; n < end; n += 1) {
      const event = this.events[n];
      if (event === undefined) continue;
      const envelope = { [name]: rest, ...event.extra?.envelope };
      this.events[n] = { ...event, extra: { ...event.extra, envelope } };
    }
  }

  /** What is told as a receipt all the same is nothing that anybody misses. */
  #push(index: number, reason: RemarkReason, detail: string, what?: string, isTold = false): void {
    const mayBeMessage = !isTold && !noMessages.has(reason) && what !== 'statuses';
    this.remarks.push({ index, reason, detail, mayBeMessage });
  }

  /**
   * What is left of an event and of the contact that told who its user is, which a large one does once; undefined when all of both was
   * taken.
   */
  #toExtra(event: Reader): ExtraMembers | undefined {
    const of = event.contact;
    const rest = event.rest();
    const contact = of === undefined || this.#largeContacts?.has(of) === true ? undefined : of.rest();
    if (of !== undefined && contact !== undefined && !isSharable(contact))
      (this.#largeContacts ??= new Set()).add(of);
    if (rest === undefined && contact === undefined) return undefined;
    return { ...defined('event', rest), ...defined('contact', contact) };
  }

  #keep(index: number, what: string, found: Found, extra: ExtraMembers | undefined): void {
    if ('reason' in found) {
      this.#push(index, found.reason, found.detail, what, found.event !== undefined);
      if (found.event === undefined) return;
    }
    const told = 'reason' in found ? found.event : found;
    const events = told === undefined ? [] : 'events' in told ? told.events : [told];
    // Statuses of several messages may be repeats one by one; parts of a message come together.
    const isForEach = events.length > 1 && extra !== undefined && isSharable(extra);
    for (const [n, event] of events.entries()) {
      const hasExtra =
        extra !== undefined && (n === 0 || (isForEach && event.facts.type === 'ChatAppStatus'));
      this.events.push(hasExtra ? { ...event, extra } : event);
    }
    if (!('events' in found)) return;
    this.marks.push(...(found.marks ?? []));
    if (events.length === 0 && extra?.event !== undefined)
      this.#push(index, 'unknown_field', toNames(what, extra.event), what);
  }
}

/** Where members stand that are not known, fit for a log. */
function toNames(what: string, rest: object): string {
  return toWord([what, ...findNames(rest)].join(' '));
}

function findNames(rest: object): readonly string[] {
  return Object.entries(rest).flatMap(([name, value]: [string, unknown]) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? findNames(value).map((inner) => `${name}.${inner}`)
      : [name],
  );
}

/** The items of a list; none of what is no list. */
export function toItems(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}

/** No members; one object for all, for most of what an event may tell is not there. */
export const nothing: Readonly<Record<never, never>> = Object.freeze({});

/** The member, unless its value is undefined. */
export function defined<K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } {
  // The computed key is K itself.
  return value === undefined ? nothing : ({ [key]: value } as { [P in K]?: V });
}

/** The named members that are there, empty ones left out. */
export function pick(object: JsonObject, ...names: readonly string[]): Record<string, Json> {
  return Object.fromEntries(
    names.flatMap((name): [string, Json][] => {
      const value = object[name];
      return value === undefined || value === null || value === '' ? [] : [[name, value]];
    }),
  );
}

/** A vendor's word, fit for a log: short, and nothing but a word. */
export function toWord(value: Json | undefined): string {
  return (typeof value === 'string' ? value : typeof value).replace(/[^A-Za-z0-9_. -]/g, '?').slice(0, 60);
}

/** 32 hex digits of a text. */
export function toDigest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
