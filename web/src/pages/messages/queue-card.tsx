import { Link } from '@tanstack/react-router';
import { Card, Descriptions, Tag } from 'antd';
import type { Timeline } from '../../api/model.ts';
import { usePageTexts } from '../../i18n/use-page-texts.ts';
import { Copyable } from '../../ui/copy.tsx';
import { Time } from '../../ui/time.tsx';

/** What became of a receipt in its queue. */
export function QueueCard({ queue }: { queue: NonNullable<Timeline['queue']> }) {
  const t = usePageTexts();
  return (
    <Card size="small" title={t('queue.title')}>
      <Descriptions
        size="small"
        column={{ xs: 1, sm: 1, md: 2 }}
        items={[
          {
            key: 'name',
            label: t('queue.name'),
            children: (
              <Link to="/queues/$name" params={{ name: queue.queueName }}>
                {queue.queueName}
              </Link>
            ),
          },
          { key: 'state', label: t('field.state'), children: <Tag>{t(`queue.state.${queue.state}`)}</Tag> },
          {
            key: 'id',
            label: t('message.id'),
            children: <Copyable text={queue.messageId} what={t('message.id')} />,
          },
          { key: 'count', label: t('queue.dequeue_count.title'), children: queue.dequeueCount },
          ...(queue.endedAt === null
            ? []
            : [
                { key: 'ended', label: t('queue.ended'), children: <Time at={queue.endedAt} milliseconds /> },
              ]),
        ]}
      />
    </Card>
  );
}
