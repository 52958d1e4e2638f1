import type { Message, MessageDetail, Why } from '../../api/model.ts';
import { useTexts } from '../../i18n/language.tsx';
import type { Translate } from '../../i18n/language.tsx';
import { toMessageTone } from '../../ui/labels.tsx';
import { WhySentence } from './why.tsx';

const tones: Readonly<Record<string, string>> = { red: 'bad', green: 'good', orange: 'fair' };

/** Where a message stands in one line: its status first, then who has taken it and what it waits for. */
export function Headline({ detail }: { detail: MessageDetail }) {
  const t = useTexts();
  const { why, message } = detail;
  const { color, text } = toMessageTone(message ?? { state: 'accepted', status: lastStatus(detail) });
  return (
    <span role="status">
      <span className={tones[color]}>{t(text)}</span>
      {toTakenTexts(detail, t).map((text) => (
        <span key={text}>
          {t('message.headline.and')}
          {text}
        </span>
      ))}
      {why.code !== 'delivered' && (
        <>
          {t('message.headline.stop')}
          <WhySentence why={why} />
        </>
      )}
    </span>
  );
}

/** What else it waits for, each once, whichever of its receipts that is said of. */
export function OtherReasons({ reasons: [worst, ...others] }: Pick<MessageDetail, 'reasons'>) {
  const t = useTexts();
  const told = new Map(others.map((reason) => [toKey(reason), reason]));
  if (worst !== undefined) told.delete(toKey(worst));
  if (told.size === 0) return null;
  return (
    <ul className="reasons" aria-label={t('message.reasons')}>
      {[...told].map(([key, reason]) => (
        <li key={key}>
          <WhySentence why={reason} />
        </li>
      ))}
    </ul>
  );
}

function toKey({ code, params: { receiptId: _receipt, deliveryId: _delivery, ...params } }: Why): string {
  return JSON.stringify([code, params]);
}

/** The furthest status of a message that was not sent through here. */
function lastStatus({ receipts }: MessageDetail): Message['status'] {
  const known = receipts.filter(({ receipt }) => !receipt.superseded).at(-1)?.receipt.facts['status'];
  return (known ?? null) as Message['status'];
}

/** Who has acknowledged all that came of a message for it. */
function toTakenTexts({ receipts }: MessageDetail, t: Translate): readonly string[] {
  const deliveries = receipts.flatMap((story) => story.deliveries);
  const isTaken = deliveries.every(({ state }) => state === 'done');
  const count = isTaken ? new Set(deliveries.map(({ destinationId }) => destinationId)).size : 0;
  const queues = receipts.flatMap(({ queue }) => (queue === null ? [] : [queue]));
  const isReceived = queues.length > 0 && queues.every(({ state }) => state === 'deleted');
  return [
    ...(count === 1 ? [t('message.headline.one')] : []),
    ...(count === 2 ? [t('message.headline.both')] : []),
    ...(count > 2 ? [t('message.headline.all', { count })] : []),
    ...(isReceived ? [t('message.headline.queue')] : []),
  ];
}
