import { Fragment } from 'react';
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
          render: (detail: Change['detail']) => <Detail of={detail} />,
        },
      ]}
    />
  );
}

/** What was changed to what, each by its name in the API. */
function Detail({ of: detail }: { of: Change['detail'] }) {
  const facts = Object.entries(detail);
  if (facts.length === 0) return '—';
  return (
    <dl className="ways">
      {facts.map(([name, value]) => (
        <Fragment key={name}>
          <dt>{name}</dt>
          <dd>
            <code>{toText(value)}</code>
          </dd>
        </Fragment>
      ))}
    </dl>
  );
}

function toText(value: unknown): string {
  if (value === '' || (Array.isArray(value) && value.length === 0)) return '—';
  if (Array.isArray(value)) return value.map(toText).join(', ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}
