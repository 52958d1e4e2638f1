import { useQuery } from '@tanstack/react-query';
import { api, take } from '../../api/client.ts';
import type { SettingRow } from '../../api/model.ts';
import { useLanguage } from '../../i18n/language.tsx';
import type { Language } from '../../i18n/language.tsx';
import { meaningsZh } from '../../i18n/meanings-zh.ts';
import { ProblemAlert } from '../../ui/problem.tsx';
import { DataTable } from '../../ui/table.tsx';
import { formatAmount } from '../../ui/time.tsx';

type Part = 'retention' | 'limits' | 'all';

const parts: Readonly<Record<Part, (row: SettingRow) => boolean>> = {
  retention: ({ key }) => /days$/i.test(key),
  limits: ({ key }) => /max|limit|rate|concurrency|budget|throttle|seconds|minutes|failures/i.test(key),
  all: () => true,
};

/** Settings of the service as it runs; they are changed where it is started. */
export function ServiceSettings({ part }: { part: Part }) {
  const { t, language } = useLanguage();
  const settings = useQuery({ queryKey: ['settings'], queryFn: () => take(api.GET('/api/v1/settings')) });
  if (settings.error !== null && settings.data === undefined)
    return <ProblemAlert error={settings.error} retry={() => void settings.refetch()} />;
  return (
    <div className="stack">
      <p className="hint">
        {part === 'retention' && `${t('settings.hint.retention')} `}
        {t('settings.hint')}
      </p>
      <DataTable<SettingRow>
        label={t('nav.settings')}
        rowKey="key"
        loading={settings.isPending}
        dataSource={(settings.data?.items ?? []).filter(parts[part])}
        pagination={false}
        columns={[
          {
            title: t('settings.meaning'),
            dataIndex: 'meaning',
            render: (meaning: string, { key }) => (
              <span className="meaning">{language === 'zh' ? (meaningsZh[key] ?? meaning) : meaning}</span>
            ),
          },
          { title: t('settings.value'), key: 'value', render: (_value, row) => toText(row, language) },
          {
            title: t('settings.change'),
            key: 'change',
            render: (_value, { env, key }) => (
              <dl className="ways">
                <dt>{t('settings.variable')}</dt>
                <dd>
                  <code>{env}</code>
                </dd>
                <dt>{t('settings.key')}</dt>
                <dd>
                  <code>{key}</code>
                </dd>
                <dt>{t('settings.flag')}</dt>
                <dd>
                  <code>--{toFlag(key)}</code>
                </dd>
              </dl>
            ),
          },
        ]}
      />
    </div>
  );
}

/** `maxConnections` is `max-connections` on the command line. */
function toFlag(key: string): string {
  return key.replace(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase();
}

function toText({ key, value, unit }: SettingRow, language: Language): string {
  if (value === null || value === '') return '—';
  // A port is a name and no amount: its thousands are not set apart.
  if (typeof value === 'number')
    return /port$/i.test(key) ? String(value) : formatAmount(value, unit, language);
  if (Array.isArray(value)) return value.length === 0 ? '—' : value.join(', ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}
