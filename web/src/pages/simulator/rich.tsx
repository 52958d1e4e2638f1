import { useQuery } from '@tanstack/react-query';
import { api, take } from '../../api/client.ts';
import type { Message } from '../../api/model.ts';
import { usePageTexts } from '../../i18n/use-page-texts.ts';
import { messagesKey } from '../messages/queries.ts';
import { usePayload } from '../messages/payload.tsx';
import { SaidButtons, SaidMedia, toButtons, toWords } from '../messages/said.tsx';
import type { SaidButton } from '../messages/said.tsx';
import { fillVariables, textOf } from '../templates/components.ts';
import { useTemplate } from '../templates/queries.ts';

interface RichProps {
  readonly message: Message;
  readonly onPress?: ((button: SaidButton) => void) | undefined;
}

/** What is more than a text: its words, its file, its buttons; its kind where it has none of them. */
export function Rich({ message, onPress }: RichProps) {
  const { channelId, templateCode: code, language, direction, receiptId } = message;
  const id = receiptId ?? message.messageId;
  const { data } = useQuery({
    queryKey: [...messagesKey, id, 'content'],
    queryFn: async () =>
      (await take(api.GET('/api/v1/messages/{messageId}', { params: { path: { messageId: id } } })))
        .content ?? null,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const content: unknown = data ?? null;
  return (
    <>
      {code !== null && language !== null ? (
        <TemplateWords
          message={message}
          place={{ channelId, code, language }}
          values={content}
          onPress={onPress}
        />
      ) : (
        <>
          <span className="user-text">{toWords(content) || `[${message.type}]`}</span>
          {direction === 'mt' && <SaidButtons buttons={toButtons(content)} {...(onPress && { onPress })} />}
        </>
      )}
      {direction === 'mo' && receiptId !== null && <Media receiptId={receiptId} />}
    </>
  );
}

/** A message of a template as its recipient reads it. */
function TemplateWords({
  message,
  place,
  values,
  onPress,
}: RichProps & {
  readonly place: { channelId: string; code: string; language: string };
  readonly values: unknown;
}) {
  const t = usePageTexts();
  const { data } = useTemplate(place);
  if (data === undefined) return <span>{message.templateName ?? t('template.title')}</span>;
  const fill = (text: string): string => fillVariables(text, (values ?? {}) as Record<string, string>);
  return (
    <>
      {['HEADER', 'BODY', 'FOOTER'].map((part) => {
        const words = fill(textOf(data.components, part));
        return (
          words !== '' && (
            <span key={part} className="user-text">
              {words}
            </span>
          )
        );
      })}
      <SaidButtons buttons={toButtons(data.components)} {...(onPress && { onPress })} />
    </>
  );
}

function Media({ receiptId }: { receiptId: string }) {
  const { data } = usePayload(receiptId);
  return data === undefined ? null : <SaidMedia media={data.media} />;
}
