// Who is at the other end of a WhatsApp chat (docs/protocols/whatsapp.md).
import type { EndUser } from '../../domain/receipt.ts';
import { toText } from '../kit/json.ts';
import type { Reader } from '../kit/reader.ts';
import type { Contacts } from './contacts.ts';

/** The members of an event that name its user: number, business-scoped id, and that of the parent account. */
export type UserMembers = readonly [id: string, userId: string, parentUserId: string];

/** Who wrote it, or got it: by phone digits, or by the business-scoped id where the channel gives no number (docs/protocols/whatsapp.md). */
export function toUser(
  event: Reader,
  contacts: Contacts | undefined,
  [idName, userIdName, parentName]: UserMembers = ['from', 'from_user_id', 'from_parent_user_id'],
): EndUser | undefined {
  const from = event.text(idName);
  const scoped = event.text(userIdName);
  const contact = contacts?.find(from, scoped);
  event.join(contact);
  contact?.skipSame('wa_id', from);
  contact?.skipSame('user_id', scoped);
  const userId = scoped ?? contact?.text('user_id');
  const user = toEndUser(
    from ?? contact?.text('wa_id') ?? userId,
    userId,
    event.text(parentName) ?? contact?.text('parent_user_id'),
    contact?.object('profile')?.text('name'),
    contact,
  );
  const otherId = toText(contact?.peek('wa_id'));
  // It travels along as well: consumers see both.
  return user === undefined || otherId === undefined || isKnown(user, otherId) ? user : { ...user, otherId };
}

function isKnown({ id, phone, userId, parentUserId }: EndUser, other: string): boolean {
  return [id, phone, userId, parentUserId].includes(other.replace(/^\+/, ''));
}

/** A user from an id or number and what a contact tells; undefined where there is neither. */
export function toEndUser(
  id: string | undefined,
  userId: string | undefined,
  parentUserId: string | undefined,
  name: string | undefined,
  contact: Reader | undefined,
): EndUser | undefined {
  if (id === undefined) return undefined;
  const userName = contact?.object('profile')?.text('username')?.replace(/^@/, '');
  const digits = id.startsWith('+') ? id.slice(1) : id;
  const isPhone = /^\d{5,15}$/.test(digits);
  return {
    id: isPhone ? digits : id,
    ...(isPhone ? { phone: digits } : {}),
    ...(userId === undefined ? {} : { userId }),
    ...(parentUserId === undefined ? {} : { parentUserId }),
    ...(userName === undefined ? {} : { userName }),
    ...(name === undefined ? {} : { name }),
  };
}
