import { Skeleton, Table } from 'antd';
import type { TableProps } from 'antd';
import { useTexts } from '../i18n/language.tsx';

/**
 * A table that scrolls sideways where it does not fit, by touch and by keyboard. On a phone each row is a card, and each
 * cell stands there below the title of its column. Nothing of it shows before its first rows are there: its columns are as wide as what
 * is in them, and would move when that comes.
 */
export function DataTable<T extends object>({
  label,
  columns = [],
  ...table
}: { label: string } & TableProps<T>) {
  const t = useTexts();
  if (table.loading === true && (table.dataSource ?? []).length === 0)
    return <Skeleton active title={false} paragraph={{ rows: 8 }} aria-label={t('state.loading')} />;
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
