import { useQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { useState } from 'react';
import { api, take } from '../../api/client.ts';
import type { SettingRow } from '../../api/model.ts';
import { useSignedIn } from '../../app/session.ts';
import { useLanguage } from '../../i18n/language.tsx';
import type { PageTextKey } from '../../i18n/page-texts.ts';
import { usePageTexts } from '../../i18n/use-page-texts.ts';
import type { Language } from '../../i18n/language.tsx';
import { meaningsZh } from '../../i18n/meanings-zh.ts';
import { useFind } from '../../ui/find.tsx';
import { ProblemAlert } from '../../ui/problem.tsx';
import { DataTable } from '../../ui/table.tsx';
import { formatAmount, Time } from '../../ui/time.tsx';
import { EditSetting, Undo } from './setting-form.tsx';

type Part = 'retention' | 'limits' | 'all';

const parts: Readonly<Record<Part, (row: SettingRow) => boolean>> = {
  retention: ({ key }) => /days$/i.test(key),
  limits: ({ key }) => /max|limit|rate|concurrency|budget|throttle|seconds|minutes|failures/i.test(key),
  all: () => true,
};

/** Settings of the service as it runs: some are changed here, the others where it is started. */
export function ServiceSettings({ part }: { part: Part }) {
  const t = usePageTexts();
  const { language } = useLanguage();
  const settings = useQuery({ queryKey: ['settings'], queryFn: () => take(api.GET('/api/v1/settings')) });
  const toMeaning = ({ key, meaning }: SettingRow): string =>
    language === 'zh' ? (meaningsZh[key] ?? meaning) : meaning;
  const { field, found } = useFind((settings.data?.items ?? []).filter(parts[part]), (row) => [
    row.key,
    row.env,
    `--${toFlag(row.key)}`,
    toMeaning(row),
  ]);
  if (settings.error !== null && settings.data === undefined)
    return <ProblemAlert error={settings.error} retry={() => void settings.refetch()} />;
  return (
    <div className="stack">
      <p className="hint">
        {part === 'retention' && `${t('settings.hint.retention')} `}
        {t('settings.hint')}
      </p>
      {field}
      <DataTable<SettingRow>
        label={t('nav.settings')}
        rowKey="key"
        loading={settings.isPending}
        dataSource={found}
        columns={[
          {
            title: t('settings.meaning'),
            dataIndex: 'meaning',
            render: (_meaning: string, row) => <span className="meaning">{toMeaning(row)}</span>,
          },
          {
            title: t('settings.value'),
            key: 'value',
            render: (_value, row) => <SettingValue row={row} />,
          },
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

/** What is in force, where that comes from, and what can be done about it here. */
function SettingValue({ row }: { row: SettingRow }) {
  const t = usePageTexts();
  const { language } = useLanguage();
  const { account, user } = useSignedIn();
  const [isEditing, setEditing] = useState(false);
  const { set, isLive } = row;
  const mayChange = isLive && account.first && user.role === 'owner';
  const fixed = isLive ? toFixed(row) : undefined;
  const by = set?.by.replace(/^\w+\//, '') ?? '';
  return (
    <div className="stack-small">
      <span>{toText(row, language)}</span>
      {fixed !== undefined && <small>{t(fixed.text, { name: fixed.name })}</small>}
      {set !== null && (
        <small>
          {set.isInForce
            ? t('settings.set_by', { by })
            : t('settings.set_by.overruled', { by, value: set.value })}{' '}
          <Time at={set.at} />
        </small>
      )}
      {mayChange && (fixed === undefined || set !== null) && (
        <span className="row">
          {fixed === undefined && (
            <Button
              size="small"
              aria-label={`${t('action.edit')} ${row.key}`}
              onClick={() => {
                setEditing(true);
              }}
            >
              {t('action.edit')}
            </Button>
          )}
          {set !== null && <Undo row={row} />}
        </span>
      )}
      {isEditing && (
        <EditSetting
          row={row}
          onClose={() => {
            setEditing(false);
          }}
        />
      )}
    </div>
  );
}

/** Where this node is given a value that goes before what is set here. */
function toFixed({ source, env, key }: SettingRow): { text: PageTextKey; name: string } | undefined {
  if (source === 'environment') return { text: 'settings.fixed.environment', name: env };
  if (source === 'file') return { text: 'settings.fixed.file', name: key };
  if (source === 'command line') return { text: 'settings.fixed.flag', name: `--${toFlag(key)}` };
  return undefined;
}

/** `maxConnections` is `max-connections` on the command line. */
function toFlag(key: string): string {
  return key.replace(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase();
}

/** A value with its unit, for people to read. */
function toText({ key, value, unit }: SettingRow, language: Language): string {
  if (value === null || value === '') return '—';
  // A port is a name and no amount: its thousands are not set apart.
  if (typeof value === 'number')
    return /port$/i.test(key) ? String(value) : formatAmount(value, unit, language);
  if (Array.isArray(value)) return value.length === 0 ? '—' : value.join(', ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}
