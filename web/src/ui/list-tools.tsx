import { DownloadOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Button, Dropdown } from 'antd';
import { useTexts } from '../i18n/language.tsx';

interface Count {
  readonly count: number;
  readonly isMore: boolean;
}

type Filter = Readonly<Record<string, string | number | boolean | undefined>>;

const forms = [
  { key: 'spreadsheet', text: 'export.spreadsheet', form: { format: 'csv', spreadsheet: 'true' } },
  { key: 'csv', text: 'export.csv', form: { format: 'csv' } },
  { key: 'ndjson', text: 'export.ndjson', form: { format: 'ndjson' } },
] as const;

/** How many a list has, as far as they are counted, and the whole of it as a file, which the browser saves as it comes. */
export function ListTools({
  name,
  filter,
  fetchCount,
}: {
  name: 'messages' | 'receipts' | 'deliveries';
  filter: Filter;
  fetchCount: () => Promise<Count>;
}) {
  const t = useTexts();
  const { data } = useQuery({
    queryKey: [name, 'count', filter],
    queryFn: fetchCount,
    staleTime: 30_000,
  });
  const items = forms.map(({ key, text, form }) => ({
    key,
    label: (
      <a href={toAddress(name, form, filter)} download>
        {t(text)}
      </a>
    ),
  }));
  return (
    <div className="row list-tools">
      <span role="status">{data !== undefined && toCountText(t, data)}</span>
      <span className="pager-gap" />
      <Dropdown trigger={['click']} menu={{ items }}>
        <Button icon={<DownloadOutlined aria-hidden />}>{t('export.title')}</Button>
      </Dropdown>
    </div>
  );
}

/** More than can be counted at once are told as such, and so is that older ones were not looked at. */
function toCountText(t: ReturnType<typeof useTexts>, { count, isMore }: Count): string {
  const number = count.toLocaleString();
  if (!isMore) return t('count.exact', { count: number });
  return t(count >= 10_000 ? 'count.more' : 'count.least', { count: number });
}

function toAddress(name: string, form: Readonly<Record<string, string>>, filter: Filter): string {
  const given = Object.entries(filter).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, String(value)]],
  );
  return `/api/v1/exports/${name}?${new URLSearchParams([...Object.entries(form), ...given]).toString()}`;
}
