import type { DatabaseSync } from 'node:sqlite';
import type { Emit } from '../../telemetry/events.ts';

/** Takes back what an open transaction did; one that cannot be taken back is told of. */
export function rollBack(db: DatabaseSync, emit: Emit): void {
  try {
    db.exec('ROLLBACK');
  } catch (error) {
    // SQLite has rolled back by itself, as it does on a full disk.
    emit('unit.crashed', { unit: 'store.rollback', error });
  }
}
