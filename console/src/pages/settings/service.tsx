import { useQuery } from '@tanstack/react-query';
import { Tag } from 'antd';
import { api, take } from '../../api/client.ts';
import type { SettingRow } from '../../api/model.ts';
import { useTexts } from '../../i18n/language.tsx';
import { ProblemAlert } from '../../ui/problem.tsx';
import { DataTable } from '../../ui/table.tsx';

type Part = 'retention' | 'limits' | 'all';

const parts: Readonly<Record<Part, (row: SettingRow) => boolean>> = {
  retention: ({ key }) => /retention|linkdays/i.test(key),
  limits: ({ key }) => /max|limit|rate|concurrency|budget|throttle|seconds|minutes|failures/i.test(key),
  all: () => true,
};

/** Settings of the service as it runs; they are changed where it is started. */
export function ServiceSettings({ part }: { part: Part }) {
  const t = useTexts();
  const settings = useQuery({ queryKey: ['settings'], queryFn: () => take(api.GET('/api/v1/settings')) });
  if (settings.error !== null && settings.data === undefined)
    return <ProblemAlert error={settings.error} retry={() => void settings.refetch()} />;
  return (
    <div className="stack">
      <p>{t('settings.hint')}</p>
      <DataTable<SettingRow>
        label={t('nav.settings')}
        rowKey="key"
        loading={settings.isPending}
        dataSource={(settings.data?.items ?? []).filter(parts[part])}
        pagination={false}
        columns={[
          { title: t('settings.env'), dataIndex: 'env', render: (env: string) => <code>{env}</code> },
          {
            title: t('settings.value'),
            key: 'value',
            render: (_value, { value, unit }) => (
              <code>
                {toText(value)} {unit ?? ''}
              </code>
            ),
          },
          {
            title: t('settings.source'),
            dataIndex: 'source',
            render: (source: string) => <Tag>{source}</Tag>,
          },
          {
            title: t('settings.meaning'),
            dataIndex: 'meaning',
            render: (meaning: string) => <span className="meaning">{meaning}</span>,
          },
        ]}
      />
    </div>
  );
}

function toText(value: SettingRow['value']): string {
  if (value === null || value === '') return '—';
  if (Array.isArray(value)) return value.join(', ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}
