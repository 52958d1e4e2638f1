import type { Recorder } from '../journal/postgres.ts';
import type { Connection } from '../postgres/connection.ts';
import type { PortalLinks } from '../store.ts';
import { toPortalLink, toPortalLinkDetail, toPortalLinkValues } from './rows.ts';
import type { PortalLinkRow } from './rows.ts';

const linksOf = 'SELECT * FROM portal_link WHERE account_id = $1 ORDER BY created_at DESC, id COLLATE "C"';
const linkById = 'SELECT * FROM portal_link WHERE account_id = $1 AND id = $2';

/** Keeps a link. */
const insertLink = `INSERT INTO portal_link
    (account_id, id, name, colour, access, senders, created_at, created_by, expires_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`;

/** Ends a link that is not revoked yet. */
const revokeLink =
  'UPDATE portal_link SET revoked_at = $1 WHERE account_id = $2 AND id = $3 AND revoked_at IS NULL';

/** Notes a use, unless a later one is there. */
const noteUse = 'UPDATE portal_link SET used_at = greatest(used_at, $1) WHERE account_id = $2 AND id = $3';

export function portalLinkVerbs(db: Connection, record: Recorder): PortalLinks {
  return {
    listPortalLinks: async (accountId) =>
      (await db.all<PortalLinkRow>(linksOf, [accountId])).map(toPortalLink),
    findPortalLink: async (accountId, id) => {
      const row = await db.get<PortalLinkRow>(linkById, [accountId, id]);
      return row && toPortalLink(row);
    },
    createPortalLink: (link, { atMost, forgetBefore }, actor) =>
      db.tx(async (tx) => {
        const { accountId } = link;
        // Two who make the last one at once: one of them waits here.
        await tx.run('SELECT 1 FROM account WHERE id = $1 FOR UPDATE', [accountId]);
        await tx.run('DELETE FROM portal_link WHERE account_id = $1 AND expires_at < $2', [
          accountId,
          forgetBefore,
        ]);
        const known = await tx.get<{ n: number }>(
          'SELECT count(*)::int AS n FROM portal_link WHERE account_id = $1',
          [accountId],
        );
        if ((known?.n ?? 0) >= atMost) return 'full';
        await tx.run(insertLink, toPortalLinkValues(link, `${actor.kind}/${actor.id}`));
        const subject = `portal-link/${link.id}`;
        await record(tx, accountId, actor, 'portal_link.created', subject, toPortalLinkDetail(link));
        tx.signal({ kind: 'directory', accountId });
        return 'done';
      }),
    revokePortalLink: (accountId, id, actor) =>
      db.tx(async (tx) => {
        if ((await tx.run(revokeLink, [db.now(), accountId, id])) === 0) return false;
        await record(tx, accountId, actor, 'portal_link.revoked', `portal-link/${id}`, {});
        tx.signal({ kind: 'directory', accountId });
        return true;
      }),
    notePortalLinkUses: (uses) =>
      db.tx(async (tx) => {
        // In one order, so that two nodes never wait for each other.
        const sorted = uses.toSorted((a, b) => (a.linkId < b.linkId ? -1 : 1));
        for (const { accountId, linkId, at } of sorted) await tx.run(noteUse, [at, accountId, linkId]);
      }),
  };
}
