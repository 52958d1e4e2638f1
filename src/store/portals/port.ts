// Links by which somebody outside looks after some senders.
import type { AccountId, Actor } from '../../domain/account.ts';
import type { NewPortalLink, PortalLink } from '../../domain/portal-link.ts';

/** What people see of them. */
export interface PortalLinkViews {
  /** Newest first, those that are over too until they are forgotten. */
  listPortalLinks(accountId: AccountId): Promise<readonly PortalLink[]>;
}

export interface PortalLinks extends PortalLinkViews {
  findPortalLink(accountId: AccountId, id: string): Promise<PortalLink | undefined>;
  /** Keeps a link, and forgets those of the account that ended before `forgetBefore`. `full`: there are `atMost` already. */
  createPortalLink(
    link: NewPortalLink,
    bounds: { readonly atMost: number; readonly forgetBefore: number },
    actor: Actor,
  ): Promise<'done' | 'full'>;
  /** Ends a link at once; resolves to false where there is none, or where it was revoked before. */
  revokePortalLink(accountId: AccountId, id: string, actor: Actor): Promise<boolean>;
  /** Notes when links were last used; a time before the one that is there changes nothing. */
  notePortalLinkUses(uses: readonly PortalLinkUse[]): Promise<void>;
}

export interface PortalLinkUse {
  readonly accountId: AccountId;
  readonly linkId: string;
  readonly at: number;
}
