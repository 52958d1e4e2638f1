import { Table } from 'antd';
import type { TableProps } from 'antd';

/** A table that scrolls sideways where it does not fit, by touch and by keyboard. */
export function DataTable<T extends object>({ label, ...table }: { label: string } & TableProps<T>) {
  return (
    <div className="scroller" tabIndex={0} role="group" aria-label={label}>
      <Table<T> {...table} />
    </div>
  );
}
