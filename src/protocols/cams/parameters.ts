import { isUtf8 } from 'node:buffer';
import { isObject, parseDocument, requireStorableText } from '../../domain/json.ts';
import type { JsonObject } from '../../domain/json.ts';
import { invalid, missing } from '../../domain/refusal.ts';
import { CamsError } from './errors.ts';

export type Pair = readonly [name: string, value: string];

const maxPairs = 20_000;
const maxSegments = 12;
const digits = /^\d{1,15}$/;

/**
 * Reads a query string or a form body, whose bytes are written over: a form of megabytes is decoded where it stands, as nobody has
 * shown a key yet. Throws RequestTooLarge for more than {@link maxPairs}, InvalidParameter for what is not percent-encoded UTF-8.
 */
export function decodePairs(form: Buffer): Pair[] {
  requireFewPairs(form);
  const pairs: Pair[] = [];
  for (let start = 0, end; start < form.length; start = end + 1) {
    end = form.indexOf(ampersand, start);
    if (end < 0) end = form.length;
    if (end === start) continue;
    let at = start;
    while (at < end && form[at] !== equals) at += 1;
    pairs.push([decode(form, start, at), decode(form, at + 1, end)]);
  }
  return pairs;
}

const [ampersand, equals, percent, plus, space] = [0x26, 0x3d, 0x25, 0x2b, 0x20];

/** Bounded before it is parted: empty parts cost as much as others. */
function requireFewPairs(form: Buffer): void {
  let count = 1;
  for (let at = form.indexOf(ampersand); at >= 0; at = form.indexOf(ampersand, at + 1))
    if (++count > maxPairs)
      throw CamsError.gateway('RequestTooLarge', 'The request has too many parameters.');
}

/** More than a byte can be. */
const notByte = 0x100;
/** What each byte is worth as a hexadecimal digit, `notByte` for those that are none. */
const hexValues = Uint16Array.from({ length: 256 }, (_, byte) => {
  const value = Number.parseInt(String.fromCharCode(byte), 16);
  return Number.isNaN(value) ? notByte : value;
});

const digitOf = (byte: number | undefined): number => hexValues[byte ?? 0] ?? notByte;

/** Decodes the bytes from `start` to `end` onto themselves, and makes a text of them. */
function decode(form: Buffer, start: number, end: number): string {
  let to = start;
  let bits = 0;
  for (let at = start; at < end; at += 1) {
    let byte = form[at] ?? 0;
    if (byte === plus) byte = space;
    else if (byte === percent) {
      byte = at + 2 < end ? (digitOf(form[at + 1]) << 4) | digitOf(form[at + 2]) : notByte;
      at += 2;
    }
    bits |= byte;
    form[to++] = byte;
  }
  if (bits >= notByte || (bits >= 0x80 && !isUtf8(form.subarray(start, to))))
    throw CamsError.gateway('InvalidParameter', 'The parameters are not percent-encoded UTF-8.');
  return form.toString(bits < 0x80 ? 'latin1' : 'utf8', start, to);
}

/**
 * The parameters of a call, from query and body alike. An empty value counts as not given. Nested values come as one JSON
 * text or flattened (`Page.Index=1`, `SenderList.1.To=…`); their members are found in any case.
 */
export class Parameters {
  readonly #values = new Map<string, string>();

  constructor(pairs: readonly Pair[]) {
    for (const [name, value] of pairs) if (!this.#values.has(name)) this.#values.set(name, value);
  }

  /** Throws InvalidParameter for more than `maxLength` characters, and for text that cannot be stored. */
  text(name: string, maxLength = Number.POSITIVE_INFINITY): string | undefined {
    const value = this.#values.get(name);
    if (value === undefined || value === '') return undefined;
    if (value.length > maxLength) throw invalid(name, `is longer than ${maxLength} characters`);
    requireStorableText(name, value);
    return value;
  }

  /** Throws MissingParameter. */
  required(name: string): string {
    const value = this.text(name);
    if (value === undefined) throw missing(name);
    return value;
  }

  /** Throws InvalidParameter for anything but digits within the bounds. */
  number(name: string, min: number, max: number): number | undefined {
    const value = this.text(name);
    return value === undefined ? undefined : toWhole(name, value, min, max);
  }

  /** Digits as a number; anything else as NaN, which the rule that it is for refuses in its own words. */
  figure(name: string): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    return digits.test(value) ? Number(value) : Number.NaN;
  }

  boolean(name: string): boolean | undefined {
    const value = this.text(name)?.toLowerCase();
    if (value === undefined) return undefined;
    if (value === 'true' || value === 'false') return value === 'true';
    throw invalid(name, 'has to be true or false');
  }

  /** One of some words, in any case; undefined when not given. */
  word<const T extends string>(name: string, words: readonly T[]): T | undefined {
    const value = this.text(name)?.toLowerCase();
    if (value === undefined) return undefined;
    const found = words.find((word) => word.toLowerCase() === value);
    if (found === undefined) throw invalid(name, `has to be one of ${words.join(', ')}`);
    return found;
  }

  /** A nested value, from JSON or flattened. Throws InvalidParameter for JSON that is none. */
  document(name: string): unknown {
    const value = this.text(name);
    if (value === undefined) return this.#unflatten(name);
    return parseDocument(name, value);
  }

  list(name: string): readonly unknown[] | undefined {
    const value = this.document(name);
    if (value === undefined || value === null) return undefined;
    if (Array.isArray(value)) return value as unknown[];
    throw invalid(name, 'has to be a JSON array');
  }

  object(name: string): JsonObject | undefined {
    const value = this.document(name);
    if (value === undefined || value === null) return undefined;
    if (isObject(value)) return value;
    throw invalid(name, 'has to be a JSON object');
  }

  #unflatten(name: string): unknown {
    const prefix = `${name}.`;
    const root: Tree = new Map();
    for (const [key, value] of this.#values) {
      if (!key.startsWith(prefix)) continue;
      requireStorableText(key, value);
      const segments = key.slice(prefix.length).split('.');
      if (segments.length > maxSegments) throw invalid(key, 'is nested too deeply');
      plant(root, segments, value, key);
    }
    return root.size === 0 ? undefined : toValue(root);
  }
}

export function toWhole(name: string, value: string, min: number, max: number): number {
  const number = Number(value);
  if (digits.test(value) && number >= min && number <= max) return number;
  throw invalid(name, `has to be a whole number from ${min} to ${max}`);
}

type Tree = Map<string, Tree | string>;

function plant(tree: Tree, [head = '', ...rest]: readonly string[], value: string, key: string): void {
  if (rest.length === 0) {
    if (!tree.has(head)) tree.set(head, value);
    return;
  }
  const next = tree.get(head) ?? new Map<string, Tree | string>();
  if (typeof next === 'string') throw invalid(key, 'is given as text and as an object');
  tree.set(head, next);
  plant(next, rest, value, key);
}

/** Keys that are all numbers make a list, in their order. */
function toValue(tree: Tree): unknown {
  const entries = [...tree].map(
    ([key, value]) => [key, typeof value === 'string' ? value : toValue(value)] as const,
  );
  if (entries.every(([key]) => /^\d{1,6}$/.test(key)))
    return entries.sort(([a], [b]) => Number(a) - Number(b)).map(([, value]) => value);
  return Object.fromEntries(entries);
}
