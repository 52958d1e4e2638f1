import { LeftOutlined, ReloadOutlined, RightOutlined } from '@ant-design/icons';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Button, Empty } from 'antd';
import type { TableProps } from 'antd';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTexts } from '../i18n/language.tsx';
import { ProblemAlert } from './problem.tsx';
import { opensByItsLink } from './row-link.ts';
import { DataTable, usePageSize } from './table.tsx';

interface PageOf<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

type FetchPage<T> = (page: { limit: number; cursor?: string }) => Promise<PageOf<T>>;

/** A page that takes more rounds than this is not asked for again by itself, and each further round comes after a rest. */
const quickRounds = 5;
const restMs = 50;

/** A page with how often the service was asked for it. */
interface Filled<T> extends PageOf<T> {
  readonly rounds: number;
}

/**
 * Asks on until a page is full or all was looked at: a filter without an index answers short or empty pages. What is there is told as it
 * comes; whoever wants it no more ends it by the signal.
 */
async function fill<T>(
  fetchPage: FetchPage<T>,
  { cursor, size, signal }: { cursor: string | undefined; size: number; signal: AbortSignal },
  tell: (items: readonly T[]) => void,
): Promise<Filled<T>> {
  const items: T[] = [];
  let next = cursor ?? null;
  for (let rounds = 1; ; rounds += 1) {
    const page = await fetchPage({ limit: size - items.length, ...(next !== null && { cursor: next }) });
    items.push(...page.items);
    next = page.next;
    if (next === null || items.length >= size) return { items, next, rounds };
    signal.throwIfAborted();
    tell([...items]);
    if (rounds >= quickRounds) await new Promise((resolve) => setTimeout(resolve, restMs));
  }
}

/** A listing that the service pages, one page at a time. A change of `queryKey` starts at the first page again. */
export function useListing<T>(
  queryKey: readonly unknown[],
  fetchPage: FetchPage<T>,
  options: { refetchInterval?: number | false } = {},
) {
  const size = usePageSize();
  const identity = JSON.stringify([...queryKey, size]);
  const [place, setPlace] = useState<{ identity: string; cursors: readonly string[] }>({
    identity,
    cursors: [],
  });
  const [soFar, setSoFar] = useState<{ page: string; items: readonly T[] } | null>(null);
  const cursors = place.identity === identity ? place.cursors : [];
  const cursor = cursors.at(-1);
  const page = `${identity} ${cursor ?? ''}`;
  const query = useQuery({
    queryKey: [...queryKey, 'page', size, cursor ?? ''],
    queryFn: ({ signal }) =>
      fill(fetchPage, { cursor, size, signal }, (items) => {
        setSoFar({ page, items });
      }),
    placeholderData: keepPreviousData,
    // Only the first page moves on by itself; further ones would slip away under the reader.
    refetchInterval: ({ state }) =>
      cursor === undefined && isQuick(state.data) ? (options.refetchInterval ?? false) : false,
    refetchOnWindowFocus: ({ state }) => isQuick(state.data),
  });
  const isNew = query.isPending || query.isPlaceholderData;
  const isLooking = isNew && query.isFetching && soFar?.page === page;
  const next = query.data?.next ?? null;
  return {
    query,
    size,
    /** Whether what is shown is what was found so far, while it is looked further back. */
    isLooking,
    items: isLooking ? soFar.items : (query.data?.items ?? []),
    pageNumber: cursors.length + 1,
    goNext:
      next === null || isNew
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

function isQuick(data: Filled<unknown> | undefined): boolean {
  return (data?.rounds ?? 0) <= quickRounds;
}

type Listing<T> = ReturnType<typeof useListing<T>>;

/**
 * A listing as a table with its pages; columns that do not fit a phone scroll within it. A click anywhere on a row opens what the row's
 * `data-opens` link leads to.
 */
export function ListingTable<T extends object>({
  listing,
  label,
  empty,
  isExcerpt = false,
  isNaming = false,
  ...table
}: {
  listing: Listing<T>;
  label: string;
  empty: ReactNode;
  /** Shows the first rows alone, without a pager. */
  isExcerpt?: boolean;
  /** Whether what its rows are called is still asked for: the first rows wait for it, so that they do not move when it comes. */
  isNaming?: boolean;
} & Pick<TableProps<T>, 'columns' | 'rowKey' | 'rowSelection' | 'expandable'>) {
  const t = useTexts();
  const { query, items, isLooking } = listing;
  const isThere = !query.isPending || (isLooking && items.length > 0);
  const [isShown, setShown] = useState(false);
  if (!isShown && isThere && !isNaming) setShown(true);
  if (query.error !== null && query.data === undefined)
    return <ProblemAlert error={query.error} retry={() => void query.refetch()} />;
  const isFilling = query.isPending || query.isPlaceholderData;
  return (
    <section aria-label={label}>
      <DataTable<T>
        label={label}
        {...table}
        size="middle"
        dataSource={isShown ? items : []}
        pagination={false}
        loading={!isShown || (isFilling && !(isLooking && items.length > 0))}
        onRow={() => opensByItsLink}
        locale={{
          emptyText: isFilling ? ' ' : <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={empty} />,
        }}
      />
      {isLooking && (
        <p role="status" className="looking">
          {t(items.length === 0 ? 'pager.looking.none' : 'pager.looking', { count: items.length })}
        </p>
      )}
      <Pager listing={listing} isHidden={isExcerpt || query.isPending || !isShown} />
    </section>
  );
}

function Pager({
  listing: { query, pageNumber, goNext, goBack },
  isHidden,
}: {
  listing: Pick<Listing<unknown>, 'pageNumber' | 'goNext' | 'goBack'> & {
    query: { refetch: () => unknown; isRefetching: boolean; isPlaceholderData: boolean };
  };
  isHidden: boolean;
}) {
  const t = useTexts();
  return (
    <div className="pager" hidden={isHidden}>
      <Button
        icon={<ReloadOutlined aria-hidden />}
        onClick={() => void query.refetch()}
        loading={query.isRefetching && !query.isPlaceholderData}
      >
        {t('action.refresh')}
      </Button>
      {(goBack !== null || goNext !== null) && (
        <>
          <span className="pager-gap" />
          <Button
            icon={<LeftOutlined aria-hidden />}
            disabled={goBack === null}
            onClick={goBack ?? undefined}
          >
            {t('pager.newer')}
          </Button>
          <span>{t('pager.page', { page: pageNumber })}</span>
          <Button
            icon={<RightOutlined aria-hidden />}
            iconPlacement="end"
            disabled={goNext === null}
            onClick={goNext ?? undefined}
          >
            {t('pager.older')}
          </Button>
        </>
      )}
    </div>
  );
}
