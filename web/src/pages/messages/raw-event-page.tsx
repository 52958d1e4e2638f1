import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { App, Button, Card, Descriptions } from 'antd';
import { api, take } from '../../api/client.ts';
import type { KeptEvent } from '../../api/model.ts';
import { useIsAtLeast } from '../../app/session.ts';
import { usePageTexts } from '../../i18n/use-page-texts.ts';
import { useChange } from '../../ui/change.ts';
import { Page } from '../../ui/page.tsx';
import { Answered } from '../../ui/problem.tsx';
import { DataTable } from '../../ui/table.tsx';
import { Time } from '../../ui/time.tsx';
import { rawEventsKey } from './queries.ts';
import { RawBytes } from './raw-event.tsx';

/** One POST of a channel: what of it gave no receipt and why, its bytes, and reading it again. */
export function RawEventPage() {
  const t = usePageTexts();
  const { message } = App.useApp();
  const mayChange = useIsAtLeast('operator');
  const { rawEventId = '' } = useParams({ strict: false });
  const params = { params: { path: { rawEventId } } };
  const entry = useQuery({
    queryKey: [...rawEventsKey, rawEventId, 'remarks'],
    queryFn: () => take(api.GET('/api/v1/raw-events/{rawEventId}/remarks', params)),
  });
  const reread = useChange(() => take(api.POST('/api/v1/raw-events/{rawEventId}/reread', params)), {
    refresh: [rawEventsKey, ['receipts']],
    onDone: ({ outcome, fresh, remarks }) => {
      message.info(
        outcome === 'read'
          ? t('raw.reread.done', { fresh, left: remarks.length })
          : t(`raw.reread.${outcome}`),
      );
    },
  });
  return (
    <Page
      title={t('raw.title')}
      crumbs={[
        { text: t('nav.messages'), to: '/messages' },
        { text: t('raw.list'), to: '/raw-events' },
      ]}
      hint={t('raw.page.hint')}
      actions={
        mayChange && (
          <Button
            loading={reread.isPending}
            onClick={() => {
              reread.mutate(undefined);
            }}
          >
            {t('raw.reread')}
          </Button>
        )
      }
    >
      <Answered of={entry}>
        {(found) => (
          <>
            <About entry={found} />
            <Card title={t('raw.bytes')}>
              <RawBytes id={rawEventId} />
            </Card>
          </>
        )}
      </Answered>
    </Page>
  );
}

function About({ entry: { rawEventId, channelId, receivedAt, remarks } }: { entry: KeptEvent }) {
  const t = usePageTexts();
  return (
    <>
      <Card>
        <Descriptions
          column={1}
          items={[
            { key: 'id', label: 'ID', children: <code>{rawEventId}</code> },
            { key: 'channel', label: t('channel.title'), children: <code>{channelId}</code> },
            { key: 'at', label: t('field.time'), children: <Time at={receivedAt} /> },
          ]}
        />
      </Card>
      <DataTable
        label={t('raw.remarks')}
        dataSource={[...remarks]}
        rowKey={({ index, reason, detail }) => `${index} ${reason} ${detail}`}
        locale={{ emptyText: t('raw.remarks.none') }}
        columns={[
          { title: t('raw.event'), dataIndex: 'index', render: (index: number) => index + 1 },
          {
            title: t('raw.reason'),
            dataIndex: 'reason',
            render: (reason: KeptEvent['remarks'][number]['reason']) => t(`raw.reason.${reason}`),
          },
          { title: t('raw.detail'), dataIndex: 'detail', render: (detail: string) => <code>{detail}</code> },
          {
            title: t('raw.mayBeMessage'),
            dataIndex: 'mayBeMessage',
            render: (mayBe: boolean) => t(mayBe ? 'raw.yes' : 'raw.no'),
          },
        ]}
      />
    </>
  );
}
