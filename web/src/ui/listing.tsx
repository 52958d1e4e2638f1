import { LeftOutlined, ReloadOutlined, RightOutlined } from '@ant-design/icons';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Button, Empty } from 'antd';
import type { TableProps } from 'antd';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTexts } from '../i18n/language.tsx';
import { ProblemAlert } from './problem.tsx';
import { DataTable } from './table.tsx';

interface PageOf<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

const pageSize = 50;
/** A filter without an index answers short or empty pages; so many are asked for before the reader is asked to go on. */
const maxRounds = 10;

async function fill<T>(
  fetchPage: (page: { limit: number; cursor?: string }) => Promise<PageOf<T>>,
  cursor: string | undefined,
): Promise<PageOf<T>> {
  const items: T[] = [];
  let next = cursor ?? null;
  for (let round = 0; round < maxRounds; round += 1) {
    const page = await fetchPage({ limit: pageSize - items.length, ...(next !== null && { cursor: next }) });
    items.push(...page.items);
    next = page.next;
    if (next === null || items.length >= pageSize) break;
  }
  return { items, next };
}

/** A listing that the service pages, one page at a time. A change of `queryKey` starts at the first page again. */
export function useListing<T>(
  queryKey: readonly unknown[],
  fetchPage: (page: { limit: number; cursor?: string }) => Promise<PageOf<T>>,
  options: { refetchInterval?: number | false } = {},
) {
  const identity = JSON.stringify(queryKey);
  const [place, setPlace] = useState<{ identity: string; cursors: readonly string[] }>({
    identity,
    cursors: [],
  });
  const cursors = place.identity === identity ? place.cursors : [];
  const cursor = cursors.at(-1);
  const query = useQuery({
    queryKey: [...queryKey, 'page', cursor ?? ''],
    queryFn: () => fill(fetchPage, cursor),
    placeholderData: keepPreviousData,
    // Only the first page moves on by itself; further ones would slip away under the reader.
    refetchInterval: cursor === undefined ? (options.refetchInterval ?? false) : false,
  });
  const next = query.data?.next ?? null;
  return {
    query,
    items: query.data?.items ?? [],
    pageNumber: cursors.length + 1,
    goNext:
      next === null
        ? null
        : () => {
            setPlace({ identity, cursors: [...cursors, next] });
          },
    goBack:
      cursors.length === 0
        ? null
        : () => {
            setPlace({ identity, cursors: cursors.slice(0, -1) });
          },
  };
}

type Listing<T> = ReturnType<typeof useListing<T>>;

/** A listing as a table with its pages; columns that do not fit a phone scroll within it. */
export function ListingTable<T extends object>({
  listing,
  label,
  empty,
  isExcerpt = false,
  ...table
}: {
  listing: Listing<T>;
  label: string;
  empty: ReactNode;
  /** Shows the first rows alone, without a pager. */
  isExcerpt?: boolean;
} & Pick<TableProps<T>, 'columns' | 'rowKey' | 'rowSelection' | 'expandable' | 'onRow'>) {
  const t = useTexts();
  const { query, items, pageNumber, goNext, goBack } = listing;
  if (query.error !== null && query.data === undefined)
    return <ProblemAlert error={query.error} retry={() => void query.refetch()} />;
  return (
    <section aria-label={label}>
      <DataTable<T>
        label={label}
        {...table}
        size="middle"
        dataSource={items}
        pagination={false}
        loading={query.isPending || query.isPlaceholderData}
        locale={{
          emptyText: query.isPending ? (
            ' '
          ) : (
            <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={empty} />
          ),
        }}
      />
      <div className="pager" hidden={isExcerpt}>
        <Button
          icon={<ReloadOutlined />}
          onClick={() => void query.refetch()}
          loading={query.isRefetching && !query.isPlaceholderData}
        >
          {t('action.refresh')}
        </Button>
        {(goBack !== null || goNext !== null) && (
          <>
            <span className="pager-gap" />
            <Button icon={<LeftOutlined />} disabled={goBack === null} onClick={goBack ?? undefined}>
              {t('pager.newer')}
            </Button>
            <span>{t('pager.page', { page: pageNumber })}</span>
            <Button
              icon={<RightOutlined />}
              iconPlacement="end"
              disabled={goNext === null}
              onClick={goNext ?? undefined}
            >
              {items.length < pageSize && goNext !== null ? t('pager.further') : t('pager.older')}
            </Button>
          </>
        )}
      </div>
    </section>
  );
}
