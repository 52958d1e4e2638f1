// The contacts that stand in a webhook's value beside its events, and which of them is an event's user (docs/protocols/whatsapp.md).
import { isObject, toText } from '../kit/json.ts';
import type { Json, JsonObject } from '../kit/json.ts';
import type { Reader } from '../kit/reader.ts';

/** Members by which events name users: who wrote, who got it, whose status or wish it is. */
const userMembers: readonly string[] = [
  'from',
  'from_user_id',
  'to',
  'to_user_id',
  'recipient_id',
  'recipient_user_id',
  'recipient_participant_id',
  'recipient_participant_user_id',
  'wa_id',
  'user_id',
];

/** Whom the events of a value name, and whether that may be one user under several names. */
interface Named {
  readonly all: ReadonlySet<string>;
  readonly areOfOne: boolean;
}

/** The contacts of one value. They are not in the order of its events, and may call a user otherwise than an event does. */
export class Contacts {
  readonly all: readonly Reader[];
  readonly #events: readonly Json[];
  /** Numbers of the business, which is nobody's user. */
  readonly #own: ReadonlySet<string>;
  #named: Named | undefined;

  constructor(all: readonly Reader[], events: readonly Json[], own: readonly (string | undefined)[]) {
    this.all = all;
    this.#events = events;
    this.#own = new Set(own.flatMap((number) => (number === undefined ? [] : [toBare(number)])));
  }

  /**
   * The contact of the user whom an event names so. One that says otherwise is taken where it stands alone beside events of one user:
   * of two users it could be either's, and to take it for both would make them one.
   */
  find(phone: string | undefined, userId: string | undefined): Reader | undefined {
    const found = this.all.find(
      (contact) =>
        (phone !== undefined && toText(contact.peek('wa_id')) === phone) ||
        (userId !== undefined && toText(contact.peek('user_id')) === userId),
    );
    const [only] = this.all;
    if (found !== undefined || only === undefined || this.all.length > 1) return found;
    const ids = ['wa_id', 'user_id'].flatMap((name) => toText(only.peek(name)) ?? []);
    const isAnother = userId !== undefined && toText(only.peek('user_id')) !== undefined;
    if (isAnother || ids.some((id) => this.#own.has(toBare(id)))) return undefined;
    const { all, areOfOne } = (this.#named ??= this.#name());
    // An event that names nobody is of whoever is left.
    const isNameless = phone === undefined && userId === undefined;
    return (isNameless ? !ids.some((id) => all.has(id)) : areOfOne) ? only : undefined;
  }

  #name(): Named {
    const names = this.#events.map((event) => this.#findNames(event));
    return { all: new Set(names.flatMap((one) => [...one])), areOfOne: areOfOne(names) };
  }

  #findNames(event: Json): ReadonlySet<string> {
    const members: JsonObject = isObject(event) ? event : {};
    // Of a message to a group its members are the users.
    const isOfGroup = members['recipient_type'] === 'group';
    const names = userMembers.flatMap((member) =>
      isOfGroup && member === 'recipient_id' ? [] : (toText(members[member]) ?? []),
    );
    return new Set(names.filter((name) => !this.#own.has(toBare(name))));
  }
}

/** Whether events may be of one user by the names that each has: all have one in common with the first. */
function areOfOne([first, ...others]: readonly ReadonlySet<string>[]): boolean {
  return others.every((names) => first !== undefined && !names.isDisjointFrom(first));
}

function toBare(id: string): string {
  return /^[\d\s().+-]+$/.test(id) ? id.replace(/\D/g, '') : id;
}
