import { Skeleton, Table } from 'antd';
import type { TableProps } from 'antd';
import { useTexts } from '../i18n/language.tsx';
import { phoneWidth, useMedia } from './media.ts';

/** Rows of a page: on a phone each is a card of its own, and a page is not to be a long way down. */
const pageSizes = { wide: 50, phone: 20 } as const;

export function usePageSize(): number {
  return pageSizes[useMedia(phoneWidth) ? 'phone' : 'wide'];
}

/**
 * A table that scrolls sideways where it does not fit, by touch and by keyboard. On a phone each row is a card, and each
 * cell stands there below the title of its column. Nothing of it shows before its first rows are there: its columns are as wide as what
 * is in them, and would move when that comes. What is longer than a page has a pager below it.
 */
export function DataTable<T extends object>({
  label,
  columns = [],
  rowsOfPage,
  ...table
}: { label: string; rowsOfPage?: number } & TableProps<T>) {
  const t = useTexts();
  const usual = usePageSize();
  const pageSize = Math.min(rowsOfPage ?? usual, usual);
  const isLong = (table.dataSource ?? []).length > pageSize;
  if (table.loading === true && (table.dataSource ?? []).length === 0)
    return <Skeleton active title={false} paragraph={{ rows: 8 }} aria-label={t('state.loading')} />;
  return (
    <div className="scroller" tabIndex={0} role="group" aria-label={label}>
      <Table<T>
        pagination={isLong && { pageSize, showSizeChanger: false }}
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
