// Rows that are there and yet cannot be read: they are left out of what is read with them, told once, and stand in nobody's way.
import type { Emit } from '../../telemetry/events.ts';
import { isUnreadable } from '../rows/corruption.ts';
import type { Page } from '../store.ts';

/** What names a row in the log: ids alone. Which of them a table has is its own. */
interface Named {
  readonly account_id?: unknown;
  readonly channel_id?: unknown;
  readonly id?: unknown;
  readonly code?: unknown;
  readonly language?: unknown;
}

/** Rows that are remembered as told; when there are more, all are told again when they are met. */
const maxTold = 10_000;
/** Rows of one reading that are told by name. */
const maxNamed = 10;

/** What became of the rows of one answer. */
interface Reading<Row, T> {
  readonly items: T[];
  readonly unreadable: readonly Row[];
}

export class UnreadableRows {
  readonly #emit: Emit;
  readonly #told = new Set<string>();

  constructor(emit: Emit) {
    this.#emit = emit;
  }

  /** What `toItem` makes of the rows of a table, in order, without those that cannot be read. What else it throws is thrown. */
  read<Row extends Named, T>(table: string, rows: readonly Row[], toItem: (row: Row) => T): T[] {
    return this.split(table, rows, toItem).items;
  }

  /** What `toItem` makes of a row, or `otherwise` of one that it cannot read. */
  readOne<Row extends Named, T>(table: string, row: Row, toItem: (row: Row) => T, otherwise: () => T): T {
    try {
      return toItem(row);
    } catch (error) {
      if (!isOfRow(error)) throw error;
      this.#tell(table, [toName(row)], 'cannot be read as a whole, and have lost their settings');
      return otherwise();
    }
  }

  /** A page of rows as a page of what `toItem` makes of them. */
  page<Row extends Named, T>(table: string, { items, next }: Page<Row>, toItem: (row: Row) => T): Page<T> {
    return { items: this.read(table, items, toItem), next };
  }

  /** The same, with the rows that cannot be read beside it, for whoever has to get them out of the way. */
  split<Row extends Named, T>(table: string, rows: readonly Row[], toItem: (row: Row) => T): Reading<Row, T> {
    const items: T[] = [];
    const unreadable: Row[] = [];
    for (const row of rows) {
      try {
        items.push(toItem(row));
      } catch (error) {
        if (!isOfRow(error)) throw error;
        unreadable.push(row);
      }
    }
    if (unreadable.length > 0) this.#tell(table, unreadable.map(toName), 'cannot be read and are left out');
    return { items, unreadable };
  }

  #tell(table: string, names: readonly string[], what: string): void {
    const fresh = names.filter((name) => !this.#told.has(`${table} ${name}`));
    if (fresh.length === 0) return;
    if (this.#told.size + fresh.length > maxTold) this.#told.clear();
    for (const name of fresh) this.#told.add(`${table} ${name}`);
    const more = fresh.length > maxNamed ? ` and ${fresh.length - maxNamed} more` : '';
    const which = `${fresh.slice(0, maxNamed).join(', ')}${more}`;
    this.#emit('store.damaged', {
      what: `${fresh.length} rows of ${table} ${what}: ${which}`,
      kept: null,
    });
  }
}

/** JSON that is whole and has other members than it was written with is met as a TypeError. */
function isOfRow(error: unknown): boolean {
  return isUnreadable(error) || error instanceof TypeError;
}

function toName({ account_id, channel_id, id, code, language }: Named): string {
  const parts = [account_id, channel_id, id, code, language];
  return parts.filter((part) => typeof part === 'string' || typeof part === 'number').join('/');
}
