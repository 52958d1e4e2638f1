import { Button } from 'antd';
import { useState } from 'react';
import type { MessageEvent } from '../../api/model.ts';
import { useLanguage, useTexts } from '../../i18n/language.tsx';
import { formatDuration, Time } from '../../ui/time.tsx';
import { isBad, toEventDetail, toEventText, toWay } from './event-texts.ts';
import type { Actor } from './event-texts.ts';

const lanes: readonly Actor[] = ['business', 'service', 'channel'];

/** The middle of a lane, in hundredths of the picture's width. */
const places: Readonly<Record<Actor, number>> = { business: 16.7, service: 50, channel: 83.3 };
/** More than that is shown when it is asked for. */
const maxEvents = 60;

/** All that happened to a message, a row each: when, from whom to whom as an arrow, and in words. */
export function EventList({
  events,
  direction,
}: {
  events: readonly MessageEvent[];
  direction: 'mt' | 'mo';
}) {
  const t = useTexts();
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole ? events : events.slice(0, maxEvents);
  return (
    <div className="way">
      <div className="way-row way-head" aria-hidden="true">
        <span className="way-lanes">
          {lanes.map((lane) => (
            <span key={lane}>{t(`timeline.actor.${lane}`)}</span>
          ))}
        </span>
      </div>
      <ol aria-label={t(`timeline.list.${direction}`, { count: events.length })}>
        {shown.map((event, index) => (
          <EventRow key={index} event={event} previous={shown[index - 1]} />
        ))}
      </ol>
      {shown.length < events.length && (
        <Button
          onClick={() => {
            setWhole(true);
          }}
        >
          {t('timeline.more', { count: events.length - shown.length })}
        </Button>
      )}
    </div>
  );
}

function EventRow({ event, previous }: { event: MessageEvent; previous: MessageEvent | undefined }) {
  const { t, language } = useLanguage();
  const detail = toEventDetail(event, t);
  const gapMs = previous === undefined ? 0 : Date.parse(event.at) - Date.parse(previous.at);
  return (
    <li className={isBad(event) ? 'way-row way-bad' : 'way-row'}>
      <Arrow event={event} />
      <span className="way-time">
        <Time at={event.at} milliseconds />
        {gapMs >= 1000 && <span className="way-gap">+{formatDuration(gapMs, language)}</span>}
      </span>
      <span className="way-text">
        {toEventText(event, t)}
        {detail !== '' && <span className="user-text way-detail">{detail}</span>}
      </span>
    </li>
  );
}

/** From whom to whom; a dot where that is the service itself. */
function Arrow({ event }: { event: MessageEvent }) {
  const t = useTexts();
  const [from, to] = toWay(event);
  const [left, right] = [places[from], places[to]].toSorted((a, b) => a - b) as [number, number];
  const name =
    from === to ? 'way-dot' : places[from] < places[to] ? 'way-arrow way-right' : 'way-arrow way-left';
  return (
    <span className="way-lanes">
      <span className={name} style={{ insetInlineStart: `${left}%`, width: `${right - left}%` }} />
      <span className="visually-hidden">
        {from === to
          ? t(`timeline.actor.${from}`)
          : t('timeline.way', { from: t(`timeline.actor.${from}`), to: t(`timeline.actor.${to}`) })}
      </span>
    </span>
  );
}
