// Who a message goes to, by channel: a number, an id of the channel's, a group, or a token.
import type { SenderType } from '../../domain/channel.ts';
import { recipientTokens } from '../../domain/message.ts';
import type { Envelope } from '../../domain/message.ts';
import { invalid, Refusal } from '../../domain/refusal.ts';
import { isBusinessScopedUserId } from '../../domain/user-id.ts';
import type { GivenRecipient } from './given-message.ts';

interface Recipient {
  readonly to: string;
  readonly envelope: Pick<Envelope, 'toGroup' | 'toToken'>;
}

/** What a token of Messenger looks like is not documented; no id of this service is longer. */
const tokenForm = /^[\x21-\x7e]{1,512}$/;
const groupForm = /^[\x21-\x7e]{1,256}$/;
const phoneForm = /^\d{5,15}$/;
const userForm = /^\d{5,30}$/;
/** A Viber bot's users have ids in Base64. */
const botUserForm = /^[A-Za-z0-9+/]{10,62}={1,2}$/;

/** Reads whom a message on a channel goes to; `at` names the recipient in a list. Throws the refusal of the rule that is broken. */
export function readRecipient(
  channelType: SenderType,
  { to, recipientType }: GivenRecipient,
  at = '',
): Recipient {
  const type = recipientType?.toLowerCase() ?? 'individual';
  const name = `${at}To`;
  const toToken = recipientTokens.find((token) => token === type);
  if (toToken !== undefined) {
    if (channelType !== 'messenger') throw invalid('RecipientType', `${toToken} is for Messenger`);
    if (!tokenForm.test(to))
      throw invalid(name, `has to be a ${toToken}: 1 to 512 characters without spaces`);
    return { to, envelope: { toToken } };
  }
  if (type !== 'individual' && type !== 'group')
    throw invalid(
      'RecipientType',
      `has to be individual, group, or on Messenger ${recipientTokens.join(', ')}`,
    );
  if (type === 'group') {
    if (channelType !== 'whatsapp')
      throw invalid('RecipientType', 'group is for WhatsApp; others have no groups');
    if (!groupForm.test(to)) throw invalid(name, 'has to be the id of a group');
    return { to, envelope: { toGroup: true } };
  }
  requireUser(channelType, to, name);
  return { to, envelope: {} };
}

function requireUser(channelType: SenderType, to: string, name: string): void {
  const isPhone = channelType === 'whatsapp' || channelType === 'viber';
  const isUserId = channelType === 'whatsapp' && isBusinessScopedUserId(to);
  const isBotUser = channelType === 'viber' && botUserForm.test(to);
  if (isPhone && !isUserId && !isBotUser && !phoneForm.test(to))
    throw new Refusal(
      'recipient_not_numeric',
      `${name} has to be 5 to 15 digits with the country code, without a plus.`,
    );
  if (!isPhone && !userForm.test(to))
    throw new Refusal('recipient_not_numeric', 'To has to be the digits of a user id.');
}
