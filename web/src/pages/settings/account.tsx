import { useQuery } from '@tanstack/react-query';
import { Card, Descriptions } from 'antd';
import { api, take } from '../../api/client.ts';
import { useSignedIn } from '../../app/session.ts';
import type { AccountLimits } from '../../api/model.ts';
import { useLanguage } from '../../i18n/language.tsx';
import { usePageTexts } from '../../i18n/use-page-texts.ts';
import { Copyable } from '../../ui/copy.tsx';
import { Answered } from '../../ui/problem.tsx';
import { formatAmount, Time } from '../../ui/time.tsx';
import { limitNames } from './limits.ts';
import type { LimitName } from './limits.ts';

/** The account that the reader works in, and where its clients connect to. */
export function AccountSettings() {
  const t = usePageTexts();
  const { user, version } = useSignedIn();
  const account = useQuery({ queryKey: ['account'], queryFn: () => take(api.GET('/api/v1/account')) });
  return (
    <div className="stack">
      <Card>
        <Answered of={account}>
          {(data) => (
            <Descriptions
              column={1}
              items={[
                {
                  key: 'id',
                  label: t('account.id'),
                  children: <Copyable text={data.id} what={t('account.id')} />,
                },
                { key: 'name', label: t('field.name'), children: data.name },
                { key: 'created', label: t('field.created'), children: <Time at={data.createdAt} /> },
                {
                  key: 'endpoint',
                  label: t('account.endpoint'),
                  children: <Copyable text={globalThis.location.origin} what={t('account.endpoint')} />,
                },
                { key: 'you', label: t('account.you'), children: `${user.name} · ${t(`role.${user.role}`)}` },
                { key: 'version', label: t('account.version'), children: version },
              ]}
            />
          )}
        </Answered>
      </Card>
      {!account.isPending && <AccountLimitsCard />}
    </div>
  );
}

/** What the account may use, and how much of it is in use now. */
function AccountLimitsCard() {
  const t = usePageTexts();
  const { language } = useLanguage();
  const limits = useQuery({ queryKey: ['limits'], queryFn: () => take(api.GET('/api/v1/limits')) });
  const toText = ({ limit, used }: AccountLimits[LimitName]): string => {
    const shown = (value: number): string => formatAmount(value, '', language);
    if (limit !== null) return t('limits.bound', { used: shown(used ?? 0), limit: shown(limit) });
    return used === null ? t('limits.unbound.unknown') : t('limits.unbound', { used: shown(used) });
  };
  return (
    <Card title={t('settings.limits')}>
      <p className="hint">{t('limits.hint')}</p>
      <Answered of={limits}>
        {(data) => (
          <Descriptions
            column={1}
            items={limitNames.map((name) => ({
              key: name,
              label: t(`limits.${name}`),
              children:
                name === 'requestsPerSecond' ? (
                  <span title={t('limits.requestsPerSecond.hint')}>{toText(data[name])}</span>
                ) : (
                  toText(data[name])
                ),
            }))}
          />
        )}
      </Answered>
    </Card>
  );
}
