import type { Nonces } from '../store.ts';
import type { Connection } from '../sqlite/connection.ts';

/** Nonces whose commit failed are remembered all the same, the newest of them. */
const maxPending = 100_000;

export function nonceVerbs(db: Connection): Nonces {
  const find = db.prepare<{ used_at: number }>('SELECT used_at FROM nonce WHERE key_id = ? AND nonce = ?');
  const insert = db.prepare(
    'INSERT INTO nonce (key_id, nonce, used_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
  );
  const count = db.prepare<{ count: number }>('SELECT count(*) AS count FROM nonce');
  const pending = new Set<string>();
  return {
    // This process is the only one that writes, so what is neither in the file nor on its way there is fresh. The commit is not
    // waited for: groups are committed in their order, so nothing that the request writes is there before its nonce, and mostly
    // the two share a flush.
    useNonce: (keyId, nonce, now) =>
      db.read(() => {
        const key = `${keyId}\n${nonce}`;
        if (pending.has(key) || find.get(keyId, nonce) !== undefined) return false;
        const [oldest] = pending.size >= maxPending ? pending : [];
        if (oldest !== undefined) pending.delete(oldest);
        pending.add(key);
        db.write(() => insert.run(keyId, nonce, now)).then(
          () => pending.delete(key),
          () => undefined, // The store tells of it by itself, and the request fails by what it writes.
        );
        return true;
      }),
    // Groups are committed in their order.
    keepNonces: () => db.write(() => undefined),
    countNonces: () => db.read(() => count.get()?.count ?? 0),
  };
}
