import type { Connection } from '../postgres/connection.ts';
import type { Leases } from '../store.ts';

/**
 * Takes a lease, or lengthens it. One that lies further ahead than leases last was made by a clock that was wrong, and is as good as
 * over.
 */
const takeLease = `INSERT INTO lease AS l (name, holder, ends_at) VALUES ($1, $2, $3)
  ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, ends_at = excluded.ends_at
    WHERE l.holder = excluded.holder OR l.ends_at <= $4 OR l.ends_at > $5
  RETURNING 1`;

export function leaseVerbs(db: Connection): Leases {
  return {
    takeLease: async (name, holder, leaseMs) => {
      const now = db.now();
      const values = [name, holder, now + leaseMs, now, now + 2 * leaseMs];
      return (await db.call(takeLease, values)).length > 0;
    },
    returnLease: async (name, holder) => {
      await db.call('DELETE FROM lease WHERE name = $1 AND holder = $2', [name, holder]);
    },
  };
}
