import { Table } from 'antd';
import type { TableProps } from 'antd';

/**
 * A table that scrolls sideways where it does not fit, by touch and by keyboard. On a phone each row is a card, and each
 * cell stands there below the title of its column.
 */
export function DataTable<T extends object>({
  label,
  columns = [],
  ...table
}: { label: string } & TableProps<T>) {
  return (
    <div className="scroller" tabIndex={0} role="group" aria-label={label}>
      <Table<T>
        {...table}
        columns={columns.map((column) =>
          typeof column.title === 'string'
            ? { ...column, onCell: () => ({ 'data-label': column.title }) as object }
            : column,
        )}
      />
    </div>
  );
}
