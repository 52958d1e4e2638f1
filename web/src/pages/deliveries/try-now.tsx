import { App, Button } from 'antd';
import { api, take } from '../../api/client.ts';
import type { Delivery, Destination, TriedNow } from '../../api/model.ts';
import { useIsAtLeast } from '../../app/session.ts';
import { useTexts } from '../../i18n/language.tsx';
import { useChange } from '../../ui/change.ts';
import { toStandstillText } from '../../ui/problem.tsx';
import { deliveriesKey, destinationsKey } from './queries.ts';

const refresh = [deliveriesKey, destinationsKey, ['receipts'], ['messages'], ['overview']] as const;

/** Whether a delivery waits, for its time or for its turn, so that it can be asked for. */
export function isWaiting({ state }: Pick<Delivery, 'state'>): boolean {
  return state === 'waiting' || state === 'blocked';
}

/** Makes one delivery that waits due now. */
export function useTryNow() {
  return useChange(
    (deliveryId: string) =>
      take(api.POST('/api/v1/deliveries/{deliveryId}/try-now', { params: { path: { deliveryId } } })),
    { done: 'delivery.tried', refresh },
  );
}

/** Makes several due now, and says of those that are not why. */
export function TryMany({ deliveryIds, onDone }: { deliveryIds: readonly string[]; onDone: () => void }) {
  const t = useTexts();
  const { modal, message } = App.useApp();
  const change = useChange(
    () => take(api.POST('/api/v1/deliveries/try-now', { body: { deliveryIds: [...deliveryIds] } })),
    {
      refresh,
      onDone: ({ tried, refused }) => {
        onDone();
        if (refused.length === 0) message.success(t('try_now.done', { count: tried }));
        else
          void modal.info({
            title: t('try_now.done', { count: tried }),
            content: <Refused refused={refused} />,
            okText: t('action.close'),
          });
      },
    },
  );
  return (
    <Button
      disabled={deliveryIds.length === 0}
      loading={change.isPending}
      onClick={() => {
        change.mutate(undefined);
      }}
    >
      {t('try_now.selected', { count: deliveryIds.length })}
    </Button>
  );
}

function Refused({ refused }: { refused: TriedNow['refused'] }) {
  const t = useTexts();
  return (
    <ul className="reasons">
      {[...Map.groupBy(refused, ({ code }) => code)].map(([code, own]) => (
        <li key={code}>
          {t('try_now.refused', { count: own.length })} {toStandstillText(code, t) ?? own[0]?.text}
        </li>
      ))}
    </ul>
  );
}

/** Makes all that waits for a callback URL due now, batch by batch, and has it asked. */
export function TryAll({ destination, isLink = false }: { destination: Destination; isLink?: boolean }) {
  const t = useTexts();
  const mayTry = useIsAtLeast('operator');
  const { id, url, waiting } = destination;
  const change = useChange(
    async () => {
      const path = { destinationId: String(id) };
      let hasMore = true;
      while (hasMore)
        hasMore = (await take(api.POST('/api/v1/destinations/{destinationId}/try-now', { params: { path } })))
          .more;
    },
    { done: 'try_now.all.done', refresh },
  );
  if (!mayTry || (isLink && waiting === 0)) return null;
  return (
    <Button
      {...(isLink && {
        type: 'link' as const,
        size: 'small' as const,
        'aria-label': `${t('try_now.do')} ${url}`,
      })}
      disabled={waiting === 0}
      loading={change.isPending}
      onClick={() => {
        change.mutate(undefined);
      }}
    >
      {t('try_now.do')}
    </Button>
  );
}
