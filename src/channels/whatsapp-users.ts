// Who is at the other end of a WhatsApp chat (channels 2.6).
import type { EndUser } from '../domain/receipt.ts';
import { isObject, toText } from './meta.ts';
import type { JsonObject } from './meta.ts';

/** Who wrote it: by phone digits, or by the business-scoped id where the channel gives no number (channels 2.6). */
export function toUser(message: JsonObject, contacts: readonly JsonObject[]): EndUser | undefined {
  const from = toText(message['from']);
  const contact = findContact(contacts, from, toText(message['from_user_id']));
  const waId = toText(contact?.['wa_id']);
  const userId = toText(message['from_user_id']) ?? toText(contact?.['user_id']);
  return toEndUser(
    from ?? waId ?? userId,
    userId,
    toText(message['from_parent_user_id']) ?? toText(contact?.['parent_user_id']),
    contact,
  );
}

/** A user from an id or number and what a contact tells; undefined where there is neither. */
export function toEndUser(
  id: string | undefined,
  userId: string | undefined,
  parentUserId: string | undefined,
  contact: JsonObject | undefined,
): EndUser | undefined {
  if (id === undefined) return undefined;
  const profile = isObject(contact?.['profile']) ? contact['profile'] : {};
  const name = toText(profile['name']);
  const userName = toText(profile['username'])?.replace(/^@/, '');
  const digits = id.replace(/^\+/, '');
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

/** Contacts are not in the order of the messages; with a single one there is nothing to choose. */
export function findContact(
  contacts: readonly JsonObject[],
  phone: string | undefined,
  userId: string | undefined,
): JsonObject | undefined {
  const found = contacts.find(
    (contact) =>
      (phone !== undefined && toText(contact['wa_id']) === phone) ||
      (userId !== undefined && toText(contact['user_id']) === userId),
  );
  return found ?? (contacts.length === 1 ? contacts[0] : undefined);
}
