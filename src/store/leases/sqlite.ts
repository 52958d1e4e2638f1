import type { Connection } from '../sqlite/connection.ts';
import type { Leases } from '../store.ts';

/** Kept in memory: this process is the only one that works from this file, and whoever takes it up after it waits for nobody. */
export function leaseVerbs(db: Connection): Leases {
  const leases = new Map<string, { readonly holder: string; readonly endsAt: number }>();
  return {
    takeLease: (name, holder, leaseMs) =>
      db.read(() => {
        const now = db.now();
        const held = leases.get(name);
        if (held !== undefined && held.holder !== holder && held.endsAt > now) return false;
        leases.set(name, { holder, endsAt: now + leaseMs });
        return true;
      }),
    returnLease: (name, holder) =>
      db.read(() => {
        if (leases.get(name)?.holder === holder) leases.delete(name);
      }),
  };
}
