import type { Nonces } from '../store.ts';
import type { Connection } from '../sqlite/connection.ts';
import { UsedNonces } from './used-nonces.ts';

/** Rows that are read in one turn of the event loop at the start. */
const pageRows = 5000;

interface NonceRow {
  readonly used_at: number;
  readonly key_id: string;
  readonly nonce: string;
}

const selectPage = `SELECT used_at, key_id, nonce FROM nonce WHERE (used_at, key_id, nonce) > (?, ?, ?)
  ORDER BY used_at, key_id, nonce LIMIT ?`;

/** This process is the only one that writes, so it knows what was used: what the file had at the start, and what came since. */
export function nonceVerbs(db: Connection): Nonces {
  const page = db.prepare<NonceRow>(selectPage);
  const insert = db.prepare(
    'INSERT INTO nonce (used_at, key_id, nonce) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
  );
  const count = db.prepare<{ count: number }>('SELECT count(*) AS count FROM nonce');
  const used = new UsedNonces();
  let loading: Promise<void> | undefined;

  async function load(): Promise<void> {
    let rows: NonceRow[] = [];
    do {
      const { used_at: at, key_id: keyId, nonce } = rows.at(-1) ?? { used_at: -1, key_id: '', nonce: '' };
      rows = await db.read(() => page.all(at, keyId, nonce, pageRows));
      for (const row of rows) used.use(row.key_id, row.nonce, row.used_at);
      await new Promise(setImmediate);
    } while (rows.length === pageRows);
  }

  return {
    // The commit is not waited for: groups are committed in their order, so nothing that the request writes is there before its
    // nonce, and mostly the two share a flush. One whose commit failed is used all the same.
    useNonce: async (keyId, nonce, now) => {
      loading ??= load().catch((error: unknown) => {
        loading = undefined;
        throw error;
      });
      await loading;
      return db.read(() => {
        if (!used.use(keyId, nonce, now)) return false;
        // The store tells of a failure by itself, and the request fails by what it writes.
        db.write(() => insert.run(now, keyId, nonce)).catch(() => undefined);
        return true;
      });
    },
    // Groups are committed in their order.
    keepNonces: () => db.write(() => undefined),
    countNonces: () => db.read(() => count.get()?.count ?? 0),
  };
}
