import { Gauge } from 'prom-client';
import type { Registry } from 'prom-client';

/** What the service stands on; what there is none of has no series. */
export interface GroundFigures {
  /** Whether it would be answered 200 at `/health/ready`. */
  readonly isReady?: boolean;
  /** Of the file system that the data folder is on. */
  readonly disk?: { readonly freeBytes: number; readonly sizeBytes: number } | null;
  /** Connections to the shared database: open, how many at most, and calls that wait for one. */
  readonly database?: { readonly open: number; readonly max: number; readonly waiting: number } | null;
}

/** Makes the gauges of what the service stands on; returns what sets them. */
export function openGroundGauges(registers: Registry[]): (figures: GroundFigures) => void {
  // A gauge without labels begins with a 0, which would say that there is nothing left.
  const gauge = (name: string, help: string) => {
    const made = new Gauge({ name: `chasqui_${name}`, help, registers });
    made.remove();
    return (value: number | undefined): void => {
      if (value === undefined) made.remove();
      else made.set(value);
    };
  };
  const showReady = gauge('ready', '1 while the node is ready, as /health/ready tells');
  const showFree = gauge('disk_free_bytes', 'Room left to the service on the disk of the data folder');
  const showSize = gauge('disk_size_bytes', 'Size of the disk of the data folder');
  const showOpen = gauge('database_connections', 'Connections to the shared database that are open');
  const showMost = gauge('database_connections_max', 'Connections to the shared database at most');
  const showWaiting = gauge('database_calls_waiting', 'Calls that wait for a connection to the database');
  return ({ isReady, disk, database }) => {
    showReady(isReady === undefined ? undefined : Number(isReady));
    showFree(disk?.freeBytes);
    showSize(disk?.sizeBytes);
    showOpen(database?.open);
    showMost(database?.max);
    showWaiting(database?.waiting);
  };
}
