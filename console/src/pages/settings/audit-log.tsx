import { api, take } from '../../api/client.ts';
import type { Change } from '../../api/model.ts';
import { useTexts } from '../../i18n/language.tsx';
import { ListingTable, useListing } from '../../ui/listing.tsx';
import { Time } from '../../ui/time.tsx';

/** Who changed what, newest first. */
export function AuditLog() {
  const t = useTexts();
  const listing = useListing(['changes'], (page) =>
    take(api.GET('/api/v1/changes', { params: { query: page } })),
  );
  return (
    <ListingTable<Change>
      listing={listing}
      label={t('settings.log')}
      empty={t('log.empty')}
      rowKey="id"
      columns={[
        { title: t('field.time'), dataIndex: 'at', render: (at: string) => <Time at={at} /> },
        { title: t('log.actor'), dataIndex: 'actor', render: (actor: string) => <code>{actor}</code> },
        { title: t('log.action'), dataIndex: 'action', render: (action: string) => <code>{action}</code> },
        {
          title: t('log.subject'),
          dataIndex: 'subject',
          render: (subject: string) => <code>{subject}</code>,
        },
        {
          title: t('log.detail'),
          dataIndex: 'detail',
          render: (detail: Change['detail']) => <code className="answer">{JSON.stringify(detail)}</code>,
        },
      ]}
    />
  );
}
