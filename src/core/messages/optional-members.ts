// What only some channels have a place for.
import type { SenderType } from '../../domain/channel.ts';
import { FieldError } from '../../domain/errors.ts';

/** Members that not every channel has a place for, with the channels that have. */
const membersOfSome = {
  label: ['viber'],
  trackingData: ['viber'],
  tag: ['messenger', 'instagram', 'viber'],
  recipientType: ['whatsapp', 'messenger'],
  contextMessageId: ['whatsapp', 'messenger', 'instagram'],
} as const satisfies Readonly<Record<string, readonly SenderType[]>>;

type Placed = { readonly [N in keyof typeof membersOfSome]?: unknown };

/** Throws `bad_request` for a member that would not be sent. */
export function requirePlaces(senderType: SenderType, given: Placed): void {
  for (const [name, types] of Object.entries(membersOfSome) as [
    keyof typeof membersOfSome,
    readonly SenderType[],
  ][])
    if (given[name] !== undefined && given[name] !== 'individual' && !types.includes(senderType))
      throw new FieldError(
        'bad_request',
        name,
        `${name}: there is no place for it on ${senderType}; leave it out. It is for ${types.join(', ')}.`,
      );
}
