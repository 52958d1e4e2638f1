// What a sender of a channel may be called, and by what name its channel knows it. Errors name the member that is wrong.
import type { Channel, ChannelType, Sender, SenderType } from '../../domain/channel.ts';
import { FaultError } from '../../domain/errors.ts';
import { Refusal } from '../../domain/refusal.ts';
import { refusal } from './refusals.ts';

/** Throws `bad_request` for an id that no sender of the type has. */
export function checkSenderId(type: SenderType, id: string): void {
  if (type === 'whatsapp' && !/^\d{5,15}$/.test(id)) throw refusal('bad_request', 'senderId', 'number_form');
}

/** A sandbox's senders are of all types and there from the start; on other channels a sender is of the channel's type. */
export function toSenderType(type: ChannelType, known: Pick<Sender, 'type'> | undefined): SenderType {
  if (type !== 'sandbox') return type;
  if (known !== undefined) return known.type;
  throw new FaultError('wrong_state', 'sandbox_full');
}

/** Throws a refusal for a sender that the channel told of, or is to play, and that is another type's; a sandbox plays all. */
export function requireSenderType({ id, type }: Pick<Channel, 'id' | 'type'>, senderType: SenderType): void {
  if (type === senderType || type === 'sandbox') return;
  throw new Refusal('channel_type', `${id} is a channel of ${type}, not of ${senderType}.`);
}

/** Only WhatsApp, and Viber for its bots, call a sender by another name than people do. */
export function toRouteId(
  { type, id: channelId, credentials }: Pick<Channel, 'type' | 'id' | 'credentials'>,
  id: string,
  phoneNumberId: string | undefined,
  known: Pick<Sender, 'routeId'> | undefined,
): string {
  if (type !== 'whatsapp') {
    // A Viber bot's events name no bot: they belong to the only sender of its channel.
    const isBot = type === 'viber' && credentials['authToken'] !== undefined;
    if (phoneNumberId === undefined) return isBot ? channelId : (known?.routeId ?? id);
    throw refusal('bad_request', 'phoneNumberId', 'number_id_other');
  }
  const routeId = phoneNumberId ?? known?.routeId;
  if (routeId === undefined) throw refusal('bad_request', 'phoneNumberId', 'number_id_missing');
  return routeId;
}
