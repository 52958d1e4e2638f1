import { useQuery } from '@tanstack/react-query';
import { Card, Descriptions } from 'antd';
import { api, take } from '../../api/client.ts';
import { useSignedIn } from '../../app/session.ts';
import { useTexts } from '../../i18n/language.tsx';
import { Copyable } from '../../ui/copy.tsx';
import { Answered } from '../../ui/problem.tsx';
import { Time } from '../../ui/time.tsx';

/** The account that the reader works in, and where its clients connect to. */
export function AccountSettings() {
  const t = useTexts();
  const { user, version } = useSignedIn();
  const account = useQuery({ queryKey: ['account'], queryFn: () => take(api.GET('/api/v1/account')) });
  return (
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
  );
}
