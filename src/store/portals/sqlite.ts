import type { Recorder } from '../journal/sqlite.ts';
import type { Connection } from '../sqlite/connection.ts';
import type { PortalLinks } from '../store.ts';
import { toPortalLink, toPortalLinkDetail, toPortalLinkValues } from './rows.ts';
import type { PortalLinkRow } from './rows.ts';

/** Keeps a link. */
const insertLink = `INSERT INTO portal_link
    (account_id, id, name, colour, access, senders, created_at, created_by, expires_at)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`;

/** Ends a link that is not revoked yet. */
const revokeLink =
  'UPDATE portal_link SET revoked_at = ? WHERE account_id = ? AND id = ? AND revoked_at IS NULL';

/** Notes a use, unless a later one is there. */
const noteUse =
  'UPDATE portal_link SET used_at = max(coalesce(used_at, 0), ?) WHERE account_id = ? AND id = ?';

export function portalLinkVerbs(db: Connection, record: Recorder): PortalLinks {
  const all = db.prepare<PortalLinkRow>(
    'SELECT * FROM portal_link WHERE account_id = ? ORDER BY created_at DESC, id',
  );
  const byId = db.prepare<PortalLinkRow>('SELECT * FROM portal_link WHERE account_id = ? AND id = ?');
  const count = db.prepare<{ n: number }>('SELECT count(*) AS n FROM portal_link WHERE account_id = ?');
  const forget = db.prepare('DELETE FROM portal_link WHERE account_id = ? AND expires_at < ?');
  const insert = db.prepare(insertLink);
  const revoke = db.prepare(revokeLink);
  const note = db.prepare(noteUse);
  return {
    listPortalLinks: (accountId) => db.read(() => all.all(accountId).map(toPortalLink)),
    findPortalLink: (accountId, id) =>
      db.read(() => {
        const row = byId.get(accountId, id);
        return row && toPortalLink(row);
      }),
    createPortalLink: (link, { atMost, forgetBefore }, actor) =>
      db.write((tx) => {
        const { accountId } = link;
        forget.run(accountId, forgetBefore);
        if ((count.get(accountId)?.n ?? 0) >= atMost) return 'full';
        insert.run(...toPortalLinkValues(link, `${actor.kind}/${actor.id}`));
        record(accountId, actor, 'portal_link.created', `portal-link/${link.id}`, toPortalLinkDetail(link));
        tx.signal({ kind: 'directory', accountId });
        return 'done';
      }),
    revokePortalLink: (accountId, id, actor) =>
      db.write((tx) => {
        if (revoke.run(db.now(), accountId, id) === 0) return false;
        record(accountId, actor, 'portal_link.revoked', `portal-link/${id}`, {});
        tx.signal({ kind: 'directory', accountId });
        return true;
      }),
    notePortalLinkUses: (uses) =>
      db.write(() => {
        for (const { accountId, linkId, at } of uses) note.run(at, accountId, linkId);
      }),
  };
}
