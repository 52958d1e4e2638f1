// What the connectors need to read a webhook: events gathered one by one, so that a bad one leaves its neighbours alone.
import { createHash } from 'node:crypto';
import type { ChannelEvent, ChannelRemark, RemarkReason } from '../domain/receipt.ts';
import { parseJson } from './meta.ts';
import type { Json, JsonObject } from './meta.ts';

/** Why something gives no receipt. */
export interface Unread {
  readonly reason: RemarkReason;
  readonly detail: string;
}

/** Gathers what a webhook holds; `index` counts every event, so that it names the same one when the bytes are read again. */
export class Gatherer {
  readonly events: ChannelEvent[] = [];
  readonly remarks: ChannelRemark[] = [];
  #index = 0;

  /** Adds what `read` makes of one event; if it fails, the event is remarked on and its neighbours are unharmed. */
  add(read: (index: number) => ChannelEvent | Unread): void {
    const index = this.#index;
    this.#index += 1;
    try {
      const result = read(index);
      if ('reason' in result) this.remarks.push({ index, ...result });
      else this.events.push(result);
    } catch (error) {
      this.remarks.push({
        index,
        reason: 'parse_failed',
        detail: error instanceof Error ? error.name : 'unknown',
      });
    }
  }

  /** Notes something that is no event but takes a place among them. */
  remark(reason: RemarkReason, detail: string): void {
    this.add(() => ({ reason, detail }));
  }
}

/** The JSON of a body; undefined when it is none. */
export function tryParse(body: Buffer): Json | undefined {
  try {
    return parseJson(body);
  } catch {
    // Whatever it is, it is kept raw under a remark.
    return undefined;
  }
}

/** The items of a list; none of what is no list. */
export function toItems(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}

/** What is said of an item that is no object. */
export function noObject(what: string): Unread {
  return { reason: 'wrong_shape', detail: `${what} is no object` };
}

/** The member, unless its value is undefined. */
export function defined<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  // The computed key is K itself.
  return value === undefined ? {} : ({ [key]: value } as { [P in K]?: V });
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
