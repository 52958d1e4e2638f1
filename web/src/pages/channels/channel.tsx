import { Link, useParams } from '@tanstack/react-router';
import { useTexts } from '../../i18n/language.tsx';
import { senderTexts } from '../../ui/labels.tsx';
import { Page } from '../../ui/page.tsx';
import { Answered } from '../../ui/problem.tsx';
import { useSeen } from '../../ui/form-version.ts';
import { Sections } from '../../ui/sections.tsx';
import { AuditWebhook } from './audit-webhook.tsx';
import { Connection } from './connection.tsx';
import { DataPanel } from './data-panel.tsx';
import { useChannel } from './queries.ts';
import { Senders } from './senders.tsx';

/** One channel: its data panel, its senders, where its audits go, and how it is connected. */
export function ChannelPage() {
  const t = useTexts();
  const { channelId = '', tab = 'panel' } = useParams({ strict: false });
  const channel = useChannel(channelId);
  const { filling, showNow } = useSeen(channel.refetch);
  return (
    <Page title={channel.data?.name ?? channelId} crumbs={[{ text: t('nav.channels'), to: '/channels' }]}>
      <Answered of={channel}>
        {(data) => (
          <Sections
            label={t('channel.title')}
            open={tab}
            toLink={(key, text, isOpen) => (
              <Link
                to="/channels/$channelId/$tab"
                params={{ channelId, tab: key }}
                aria-current={isOpen ? 'page' : undefined}
              >
                {text}
              </Link>
            )}
            items={[
              { key: 'panel', label: t('channel.tab.panel'), children: <DataPanel channel={data} /> },
              { key: 'senders', label: t(senderTexts[data.type]), children: <Senders channel={data} /> },
              { key: 'audits', label: t('channel.tab.audits'), children: <AuditWebhook channel={data} /> },
              {
                key: 'connection',
                label: t('channel.tab.connection'),
                children: <Connection key={filling} channel={data} showNow={showNow} />,
              },
            ]}
          />
        )}
      </Answered>
      {channel.data === undefined && channel.error !== null && (
        <Link to="/channels">{t('nav.channels')}</Link>
      )}
    </Page>
  );
}
