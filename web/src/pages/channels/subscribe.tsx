import { Button } from 'antd';
import { api, take } from '../../api/client.ts';
import { useTexts } from '../../i18n/language.tsx';
import { useChange } from '../../ui/change.ts';

/** Has the vendor post the channel's events here; what it refuses is told in its words. */
export function SubscribeButton({ channelId, onDone }: { channelId: string; onDone: () => void }) {
  const t = useTexts();
  const subscribe = useChange(
    () => take(api.POST('/api/v1/channels/{channelId}/subscribe', { params: { path: { channelId } } })),
    { done: 'subscribe.done', refresh: [], onDone },
  );
  return (
    <Button
      loading={subscribe.isPending}
      title={t('subscribe.hint')}
      onClick={() => {
        subscribe.mutate(undefined);
      }}
    >
      {t('subscribe.do')}
    </Button>
  );
}
