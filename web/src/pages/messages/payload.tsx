import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Alert, Card } from 'antd';
import type { ReactNode } from 'react';
import { api, take } from '../../api/client.ts';
import type { Payload } from '../../api/model.ts';
import { usePageTexts } from '../../i18n/use-page-texts.ts';
import { CodeBlock, CopyButton } from '../../ui/copy.tsx';
import { Answered } from '../../ui/problem.tsx';
import { Time } from '../../ui/time.tsx';
import { indent } from '../../ui/json.ts';
import { toCurl } from './curl.ts';

/** A receipt as its receivers get it; asked for when it is looked at. */
export function usePayload(receiptId: string) {
  return useQuery({
    queryKey: ['receipts', receiptId, 'payload'],
    queryFn: () => take(api.GET('/api/v1/receipts/{receiptId}/payload', { params: { path: { receiptId } } })),
  });
}

/** What each receiver of a receipt got, or gets next, with the headers of the POST. */
export function PayloadView({ receiptId }: { receiptId: string }) {
  const t = usePageTexts();
  const payload = usePayload(receiptId);
  return (
    <Answered of={payload} rows={8}>
      {({ pushes, queue, media }) => (
        <div className="stack">
          {pushes.map((push) => (
            <PushCard key={push.deliveryId} push={push} />
          ))}
          {queue !== null && (
            <Card size="small" title={<QueueTitle name={queue.queueName} />}>
              <p className="hint">{t('payload.queue.hint')}</p>
              <CodeBlock what={`${t('payload.body')} ${queue.messageId}`} text={indent(queue.body)} />
            </Card>
          )}
          {pushes.length === 0 && queue === null && (
            <Alert type="info" showIcon title={t('receipt.nowhere')} />
          )}
          {media !== null && <p className="hint">{t('payload.links')}</p>}
        </div>
      )}
    </Answered>
  );
}

function QueueTitle({ name }: { name: string }) {
  const t = usePageTexts();
  return (
    <>
      {t('queue.title')}{' '}
      <Link to="/queues/$name" params={{ name }}>
        {name}
      </Link>
    </>
  );
}

function PushCard({ push }: { push: Payload['pushes'][number] }) {
  const t = usePageTexts();
  const { deliveryId, destinationId, url, of, at, headers, leftOut, body, batchSize } = push;
  return (
    <Card
      size="small"
      title={
        <span className="url">
          POST{' '}
          <Link to="/destinations/$destinationId" params={{ destinationId: String(destinationId) }}>
            {url}
          </Link>
        </span>
      }
      extra={
        <span className="row">
          {t('payload.curl')}
          <CopyButton what={t('payload.curl')} text={toCurl({ url, headers, body })} />
        </span>
      }
    >
      <p className="hint">
        {t(`payload.of.${of}`)} {at !== null && <Time at={at} milliseconds />}{' '}
        {batchSize !== null && batchSize > 1 && t('payload.batch', { count: batchSize })}
      </p>
      <dl className="ways payload-headers">
        {Object.entries(headers).map(([name, value]) => (
          <HeaderLine key={name} name={name}>
            <code>{value}</code>
          </HeaderLine>
        ))}
        {leftOut.map(({ name, reason }) => (
          <HeaderLine key={name} name={name}>
            {t(`payload.left.${reason}`)}
          </HeaderLine>
        ))}
      </dl>
      <CodeBlock what={`${t('payload.body')} ${deliveryId}`} text={indent(body)} />
    </Card>
  );
}

function HeaderLine({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt>
        <code>{name}</code>
      </dt>
      <dd>{children}</dd>
    </>
  );
}
