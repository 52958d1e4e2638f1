// Reads the members of a vendor's objects and knows which it has handed out. What nobody took is what travels along in a receipt
// as it came, so that a member which this version does not know is never lost and no reader has to list what it leaves.
import { isObject, toText, toTime } from './json.ts';
import type { Json, JsonObject } from './json.ts';

/** What is left of a value; undefined when all of it was taken. */
interface Leaving {
  rest(): Json | undefined;
}

/**
 * An object of a vendor's, read member by member. A member counts as taken once a method has handed it out in full; one that is not
 * of the shape that was asked for stays where it is. A member that was asked for and is null or an empty text says nothing, and is
 * taken. Whoever takes a member tells it, or leaves it out on purpose by {@link skip}.
 */
export class Reader implements Leaving {
  /** The object itself, for what is made of all of it, e.g. a digest. Nothing counts as taken by looking here. */
  readonly source: JsonObject;
  readonly #taken = new Set<string>();
  #inner: Map<string, Leaving> | undefined;
  #contact: Reader | undefined;

  constructor(source: JsonObject) {
    this.source = source;
  }

  /** The member, without taking it. */
  peek(name: string): Json | undefined {
    const value = this.source[name];
    // Names come from vendors too: one of `Object.prototype` is no member.
    return value !== undefined && Object.hasOwn(this.source, name) ? value : undefined;
  }

  /** The member whatever it is, which the caller tells as it is. */
  take(name: string): Json | undefined {
    this.#taken.add(name);
    return this.peek(name);
  }

  /** Takes members that are left out on purpose: docs/receipts.md names each with its reason. */
  skip(...names: readonly string[]): void {
    for (const name of names) this.#taken.add(name);
  }

  /** Takes the member if it says no more than what is told already. */
  skipSame(name: string, told: string | undefined): void {
    if (told !== undefined && toText(this.source[name]) === told) this.#taken.add(name);
  }

  /** A text, or a number written out; undefined for an empty text. */
  text(name: string): string | undefined {
    const value = this.source[name];
    if (typeof value === 'string' || typeof value === 'number' || value === null) this.#taken.add(name);
    return toText(value);
  }

  /** Epoch milliseconds of a time in any spelling of {@link toTime}. */
  time(name: string): number | undefined {
    const value = this.source[name];
    const time = toTime(value);
    if (time !== undefined || value === null || value === '') this.#taken.add(name);
    return time;
  }

  /** Whether the member is true. */
  flag(name: string): boolean {
    const value = this.source[name];
    if (typeof value === 'boolean' || value === null) this.#taken.add(name);
    return value === true;
  }

  /** The members of an object, to be read one by one; the same reader whenever it is asked for. */
  object(name: string): Reader | undefined {
    const known = this.#inner?.get(name);
    if (known instanceof Reader) return known;
    const value = this.peek(name);
    if (!isObject(value)) {
      if (value === null) this.#taken.add(name);
      return undefined;
    }
    const reader = new Reader(value);
    (this.#inner ??= new Map()).set(name, reader);
    return reader;
  }

  /** The objects of a list, to be read one by one; what is no object stays. None when it is no list. */
  list(name: string): readonly Reader[] {
    const known = this.#inner?.get(name);
    if (known instanceof ListReader) return known.objects;
    const value = this.peek(name);
    if (!Array.isArray(value)) {
      if (value === null) this.#taken.add(name);
      return [];
    }
    const list = new ListReader(value as readonly Json[]);
    (this.#inner ??= new Map()).set(name, list);
    return list.objects;
  }

  /** The objects of a list, each of which is left for itself; what is no object stays. None when it is no list. */
  apart(name: string): readonly Reader[] {
    const value = this.peek(name);
    if (!Array.isArray(value)) return [];
    const items = value as readonly Json[];
    const left = items.map((item) => (isObject(item) ? null : item));
    (this.#inner ??= new Map()).set(name, { rest: () => (left.every(isNull) ? undefined : left) });
    return items.filter(isObject).map((item) => new Reader(item));
  }

  /** The texts of a list; what is none stays. None when it is no list. */
  texts(name: string): readonly string[] {
    const value = this.peek(name);
    if (!Array.isArray(value)) return [];
    const items = value as readonly Json[];
    const left = items.map((item) => (toText(item) === undefined ? item : null));
    (this.#inner ??= new Map()).set(name, { rest: () => (left.every(isNull) ? undefined : left) });
    return items.flatMap((item) => toText(item) ?? []);
  }

  /** The items of a list as they are, each of which is read by itself. None when it is no list. */
  items(name: string): readonly Json[] {
    const value = this.peek(name);
    if (!Array.isArray(value)) return [];
    this.#taken.add(name);
    return value as readonly Json[];
  }

  /** The named members that are there, empty ones left out, which the caller tells as they are. */
  pick(...names: readonly string[]): Record<string, Json> {
    const picked: Record<string, Json> = {};
    for (const name of names) {
      const value = this.take(name);
      if (value !== undefined && value !== null && value !== '') picked[name] = value;
    }
    return picked;
  }

  /** The named members that are a text, a number or a truth value, as they are; any other stays. */
  scalars(...names: readonly string[]): Record<string, Json> {
    return this.pick(
      ...names.filter((name) => ['string', 'number', 'boolean'].includes(typeof this.peek(name))),
    );
  }

  /** All that nobody has taken or looked into so far, which the caller tells as it is; `own` stays, for the caller has such members of its own. */
  others(...own: readonly string[]): JsonObject {
    const names = Object.keys(this.source).filter(
      (name) => !this.#isKnown(name) && name !== '__proto__' && !own.includes(name),
    );
    for (const name of names) this.#taken.add(name);
    return Object.fromEntries(names.map((name) => [name, this.source[name]]));
  }

  /** Notes which contact told who the user is: what is left of it goes where what is left of this goes. */
  join(contact: Reader | undefined): void {
    this.#contact = contact;
    if (contact !== undefined) contact.isJoined = true;
  }

  /** Whether something was said to be of this one by {@link join}. */
  isJoined = false;

  get contact(): Reader | undefined {
    return this.#contact;
  }

  /** What nobody took, in the places where it stood. Lists keep their places: null stands for what was taken. */
  rest(): JsonObject | undefined {
    let rest: Record<string, Json> | undefined;
    for (const name of Object.keys(this.source)) {
      const inner = this.#inner?.get(name);
      const left =
        inner === undefined ? (this.#taken.has(name) ? undefined : this.source[name]) : inner.rest();
      if (left === undefined || name === '__proto__') continue;
      rest ??= {};
      rest[name] = left;
    }
    return rest;
  }

  #isKnown(name: string): boolean {
    return this.#taken.has(name) || this.#inner?.has(name) === true;
  }
}

class ListReader implements Leaving {
  readonly objects: readonly Reader[];
  readonly #items: readonly (Json | Reader)[];

  constructor(items: readonly Json[]) {
    const read = items.map((item) => (isObject(item) ? new Reader(item) : item));
    this.#items = read;
    this.objects = read.filter((item) => item instanceof Reader);
  }

  rest(): Json | undefined {
    const left = this.#items.map((item) => (item instanceof Reader ? (item.rest() ?? null) : item));
    return left.every(isNull) ? undefined : left;
  }
}

function isNull(value: unknown): boolean {
  return value === null;
}
