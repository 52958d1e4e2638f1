import { Link } from '@tanstack/react-router';
import { Alert, Card, Select } from 'antd';
import type { SenderType } from '../../api/model.ts';
import { useIsAtLeast } from '../../app/session.ts';
import { usePageTexts } from '../../i18n/use-page-texts.ts';
import { useFilters } from '../../ui/filter.tsx';
import { channelTypeTexts } from '../../ui/labels.tsx';
import { Page } from '../../ui/page.tsx';
import { Answered } from '../../ui/problem.tsx';
import { useChannels, useSenders, useSenderWebhook } from '../channels/queries.ts';
import { Bubbles, Composer, useChat, usePress } from './chat.tsx';
import type { Parties } from './chat.tsx';
import { ReceiptCard } from './receipt-card.tsx';

/** Users look like those of the channel that the sender plays; what ends in 0 is sent, delivered and read (docs/sending.md). */
const users: Readonly<Record<SenderType, string>> = {
  whatsapp: '15550002220',
  messenger: '6210000000000010',
  instagram: '9110000000000010',
  viber: '01234567890A=',
};

/** A chat window of an end user on the sandbox, with the business's side and the receipts beside it. */
export function Simulator() {
  const t = usePageTexts();
  const channels = useChannels();
  const sandbox = channels.data?.items.find(({ type }) => type === 'sandbox');
  return (
    <Page title={t('nav.simulator')} hint={t('simulator.hint')}>
      <Answered of={channels}>
        {() =>
          sandbox === undefined ? (
            <Alert type="info" showIcon title={t('simulator.none')} />
          ) : (
            <Chat channelId={sandbox.id} />
          )
        }
      </Answered>
    </Page>
  );
}

function Chat({ channelId }: { channelId: string }) {
  const t = usePageTexts();
  const { filters, setFilter } = useFilters();
  const senders = useSenders(channelId);
  return (
    <Answered of={senders}>
      {({ items }) => {
        const sender = items.find(({ id }) => id === filters['sender']) ?? items[0];
        if (sender === undefined) return <Alert type="info" showIcon title={t('simulator.none')} />;
        return (
          <>
            <div className="filter narrow">
              <label htmlFor="simulator-sender">{t('simulator.sender')}</label>
              <Select
                id="simulator-sender"
                aria-label={t('simulator.sender')}
                value={sender.id}
                options={items.map(({ id, type }) => ({
                  value: id,
                  label: `${t(channelTypeTexts[type])} · ${id}`,
                }))}
                onChange={(id) => {
                  setFilter('sender', id);
                }}
              />
            </div>
            <Conversation
              key={sender.id}
              parties={{ channelId, senderId: sender.id, type: sender.type, user: users[sender.type] }}
            />
          </>
        );
      }}
    </Answered>
  );
}

function Conversation({ parties }: { parties: Parties }) {
  const t = usePageTexts();
  const mayPlay = useIsAtLeast('operator');
  const webhook = useSenderWebhook(parties.channelId, parties.senderId);
  const chat = useChat(parties);
  const press = usePress(parties);
  return (
    <Answered of={webhook} rows={8}>
      {({ http, queue }) => (
        <>
          {!http && !queue && <OffAlert parties={parties} />}
          <div className="two">
            <Card title={t('simulator.chat', { user: parties.user })}>
              <div className="chat-place">
                <Answered of={chat} rows={6}>
                  {(messages) => <Bubbles messages={messages} onPress={mayPlay ? press.mutate : undefined} />}
                </Answered>
              </div>
              {mayPlay ? <Composer parties={parties} /> : <p>{t('simulator.viewer')}</p>}
            </Card>
            <ReceiptCard parties={parties} />
          </div>
        </>
      )}
    </Answered>
  );
}

/** Says that nobody gets the receipts of this conversation. */
function OffAlert({ parties: { channelId, senderId } }: { parties: Parties }) {
  const t = usePageTexts();
  return (
    <Alert
      type="warning"
      showIcon
      title={t('simulator.off')}
      action={
        <Link to="/channels/$channelId/senders/$senderId/webhook" params={{ channelId, senderId }}>
          {t('webhook.settings')}
        </Link>
      }
    />
  );
}
