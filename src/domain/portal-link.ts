import type { AccountId } from './account.ts';

/** What a holder of a link may do with its senders: look, or change, try and replay as well. */
export const portalAccesses = ['read', 'manage'] as const;
export type PortalAccess = (typeof portalAccesses)[number];

export interface PortalSender {
  readonly channelId: string;
  readonly senderId: string;
}

/** What a link opens, as its row says: the token names the link alone. */
export interface PortalScope {
  readonly accountId: AccountId;
  readonly linkId: string;
  readonly access: PortalAccess;
  /** Null for all that the account has, also those that it gets later. */
  readonly senders: readonly PortalSender[] | null;
}

/** A link by which somebody without a user or a key looks after some senders of an account. */
export interface PortalLink extends Omit<PortalScope, 'linkId'> {
  readonly id: string;
  /** What its page is called. */
  readonly name: string;
  /** Of its page, as `#rrggbb`; null for ours. */
  readonly colour: string | null;
  readonly createdAt: number;
  /** As the actor of a change. */
  readonly createdBy: string;
  readonly expiresAt: number;
  readonly revokedAt: number | null;
  /** About when a call last came with it; null when none did. */
  readonly usedAt: number | null;
}

/** What is told of a new link. */
export type NewPortalLink = Omit<PortalLink, 'createdBy' | 'revokedAt' | 'usedAt'>;

/** Whether a scope opens a sender of its account. */
export function opensSender(
  { senders }: Pick<PortalScope, 'senders'>,
  { channelId, senderId }: PortalSender,
): boolean {
  return senders === null || senders.some((one) => one.channelId === channelId && one.senderId === senderId);
}

/** Whether a scope may do what asks for so much. */
export function opensAccess({ access }: Pick<PortalScope, 'access'>, asked: PortalAccess): boolean {
  return asked === 'read' || access === 'manage';
}
