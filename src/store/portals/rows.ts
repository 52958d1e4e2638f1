import type { NewPortalLink, PortalLink, PortalSender } from '../../domain/portal-link.ts';
import { readList } from '../rows/json-column.ts';

export interface PortalLinkRow {
  readonly account_id: number;
  readonly id: string;
  readonly name: string;
  readonly colour: string | null;
  readonly access: PortalLink['access'];
  readonly senders: string;
  readonly created_at: number;
  readonly created_by: string;
  readonly expires_at: number;
  readonly revoked_at: number | null;
  readonly used_at: number | null;
}

export function toPortalLink(row: PortalLinkRow): PortalLink {
  return {
    accountId: row.account_id,
    id: row.id,
    name: row.name,
    colour: row.colour,
    access: row.access,
    senders: row.senders === 'null' ? null : (readList(row.senders) as PortalSender[]),
    createdAt: row.created_at,
    createdBy: row.created_by,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
    usedAt: row.used_at,
  };
}

/** The values of a row in the order of its columns, up to when it was revoked. */
export function toPortalLinkValues(link: NewPortalLink, createdBy: string): (string | number | null)[] {
  const { accountId, id, name, colour, access, senders, createdAt, expiresAt } = link;
  return [accountId, id, name, colour, access, JSON.stringify(senders), createdAt, createdBy, expiresAt];
}

/** What the log of changes holds of a new link. */
export function toPortalLinkDetail({
  name,
  access,
  senders,
  expiresAt,
}: Pick<PortalLink, 'name' | 'access' | 'senders' | 'expiresAt'>): Record<string, unknown> {
  const places = senders?.map(({ channelId, senderId }) => `${channelId}/${senderId}`) ?? 'all';
  return { name, access, senders: places, expiresAt: new Date(expiresAt).toISOString() };
}
