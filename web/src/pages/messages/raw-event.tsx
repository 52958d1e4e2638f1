import { useQuery } from '@tanstack/react-query';
import { Button, Card } from 'antd';
import { useState } from 'react';
import { api, take } from '../../api/client.ts';
import type { Timeline } from '../../api/model.ts';
import { usePageTexts } from '../../i18n/use-page-texts.ts';
import { CodeBlock } from '../../ui/copy.tsx';
import { Answered } from '../../ui/problem.tsx';
import { rawEventsKey } from './queries.ts';
import { indent } from '../../ui/json.ts';

/** The untouched bytes that the channel posted, fetched when they are asked for. */
export function RawEvent({ rawEvent }: { rawEvent: Timeline['rawEvent'] }) {
  const t = usePageTexts();
  const [isOpen, setOpen] = useState(false);
  return (
    <Card
      title={t('raw.title')}
      extra={
        <Button
          aria-expanded={isOpen}
          onClick={() => {
            setOpen(!isOpen);
          }}
        >
          {isOpen ? t('action.hide') : t('action.show')}
        </Button>
      }
    >
      {isOpen ? <RawBytes id={rawEvent.id} /> : t('raw.hint', { index: rawEvent.index + 1 })}
    </Card>
  );
}

/** The bytes as text, as near to their form as JSON allows. */
export function RawBytes({ id }: { id: string }) {
  const t = usePageTexts();
  const raw = useQuery({
    queryKey: [...rawEventsKey, id],
    queryFn: () =>
      take(
        api.GET('/api/v1/raw-events/{rawEventId}', { params: { path: { rawEventId: id } }, parseAs: 'text' }),
      ),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <Answered of={raw}>{(text) => <CodeBlock what={t('raw.title')} text={indent(String(text))} />}</Answered>
  );
}
