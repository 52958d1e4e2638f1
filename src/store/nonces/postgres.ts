import type { Nonces } from '../store.ts';
import { Batches } from '../postgres/batches.ts';
import { isOwnFault } from '../postgres/faults.ts';
import type { Connection } from '../postgres/connection.ts';

/** Most nonces used in one transaction. */
const maxNonces = 256;

/** Notes nonces; resolves to those that were not known. */
const insertNonces = `INSERT INTO nonce (key_id, nonce, used_at) SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[])
  ON CONFLICT DO NOTHING RETURNING key_id, nonce`;

export function nonceVerbs(db: Connection): Nonces {
  interface Use {
    readonly keyId: string;
    readonly nonce: string;
    readonly now: number;
  }

  async function use(calls: readonly Use[]): Promise<boolean[]> {
    // In one order everywhere, so that two transactions never wait for each other.
    const rows = calls.toSorted((a, b) => compare(a.keyId, b.keyId) || compare(a.nonce, b.nonce));
    const used = await db.call<{ key_id: string; nonce: string }>(insertNonces, [
      rows.map(({ keyId }) => keyId),
      rows.map(({ nonce }) => nonce),
      rows.map(({ now }) => now),
    ]);
    const fresh = new Set(used.map((row) => JSON.stringify([row.key_id, row.nonce])));
    // Of calls with one nonce the first has used it.
    return calls.map(({ keyId, nonce }) => fresh.delete(JSON.stringify([keyId, nonce])));
  }

  const using = new Batches<Use, boolean>(
    { run: use, weigh: () => 1, maxWeight: maxNonces, lanes: 2 },
    isOwnFault,
  );

  return {
    useNonce: (keyId, nonce, now) => using.add('', { keyId, nonce, now }),
    // Each use has waited for its own commit.
    keepNonces: async () => undefined,
    countNonces: async () => {
      const [row] = await db.all<{ count: number }>('SELECT count(*) AS count FROM nonce', []);
      return row?.count ?? 0;
    },
  };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
