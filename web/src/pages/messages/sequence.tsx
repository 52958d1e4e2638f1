import { theme } from 'antd';
import type { MessageEvent } from '../../api/model.ts';
import { useLanguage } from '../../i18n/language.tsx';
import { useMedia } from '../../ui/media.ts';
import { formatClock, formatDuration } from '../../ui/time.tsx';
import { isBad, toEventDetail, toEventText, toWay } from './event-texts.ts';
import type { Actor } from './event-texts.ts';

const actors = ['business', 'service', 'channel'] as const satisfies readonly Actor[];
type LaneActor = (typeof actors)[number];

/** Where the picture's parts stand, in its own units. */
interface Layout {
  readonly width: number;
  readonly rowHeight: number;
  readonly lanes: Readonly<Record<Actor, number>>;
  readonly laneWidth: number;
  readonly fontSize: number;
}

const wide: Layout = {
  width: 820,
  rowHeight: 46,
  lanes: { business: 190, service: 460, channel: 730, user: 730 },
  laneWidth: 152,
  fontSize: 13,
};
/** On a phone time and words stand on a line of their own, above the arrow. */
const narrow: Layout = {
  width: 320,
  rowHeight: 52,
  lanes: { business: 50, service: 160, channel: 270, user: 270 },
  laneWidth: 98,
  fontSize: 12,
};
const top = 56;
/** More than that is no picture any more; the list below has them all. */
const maxEvents = 40;

/** The way of a message as arrows between the business, the service and the channel, downwards in time. */
export function Sequence({ events, direction }: { events: readonly MessageEvent[]; direction: 'mt' | 'mo' }) {
  const { t } = useLanguage();
  const layout = useMedia('(max-width: 575px)') ? narrow : wide;
  const { width, rowHeight } = layout;
  const shown = events.slice(0, maxEvents);
  const height = top + shown.length * rowHeight + 16;
  return (
    <div className="sequence" tabIndex={0} role="region" aria-label={t('timeline.picture')}>
      <svg
        className={layout === narrow ? 'sequence-narrow' : 'sequence-wide'}
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={t(`timeline.picture.${direction}`, { count: events.length })}
      >
        {actors.map((actor) => (
          <Lane key={actor} actor={actor} layout={layout} height={height} />
        ))}
        {shown.map((event, index) => (
          <EventRow
            key={index}
            event={event}
            previous={shown[index - 1]}
            y={top + index * rowHeight + 22}
            layout={layout}
          />
        ))}
      </svg>
      {events.length > maxEvents && <p>{t('timeline.more', { count: events.length - maxEvents })}</p>}
    </div>
  );
}

function Lane({ actor, layout, height }: { actor: LaneActor; layout: Layout; height: number }) {
  const { t } = useLanguage();
  const { token } = theme.useToken();
  const { lanes, laneWidth, fontSize } = layout;
  const x = lanes[actor];
  return (
    <g>
      <line x1={x} x2={x} y1={top - 16} y2={height - 8} stroke={token.colorBorder} strokeDasharray="4 4" />
      <rect
        x={x - laneWidth / 2}
        y={6}
        width={laneWidth}
        height={30}
        rx={6}
        fill={token.colorFillSecondary}
      />
      <text
        x={x}
        y={26}
        textAnchor="middle"
        fill={token.colorText}
        fontSize={fontSize + (layout === narrow ? 0 : 1)}
        fontWeight={600}
      >
        {t(`timeline.actor.${actor}`)}
      </text>
    </g>
  );
}

/** One event: when it was, how long after the one before, from whom to whom, and in words. */
function EventRow({
  event,
  previous,
  y,
  layout,
}: {
  event: MessageEvent;
  previous: MessageEvent | undefined;
  y: number;
  layout: Layout;
}) {
  const { t } = useLanguage();
  const { token } = theme.useToken();
  const { lanes, fontSize } = layout;
  const [from, to] = toWay(event);
  const color = isBad(event) ? token.colorErrorText : token.colorInfo;
  const label = toEventText(event, t);
  return (
    <g>
      <title>{[label, toEventDetail(event, t)].filter(Boolean).join(' · ')}</title>
      <EventTime event={event} previous={previous} y={y} isNarrow={layout === narrow} />
      {from === to ? (
        <circle cx={lanes[from]} cy={y} r={6} fill={color} />
      ) : (
        <Arrow x1={lanes[from]} x2={lanes[to]} y={y} color={color} />
      )}
      <text
        {...toLabelPlace(layout, lanes[from], lanes[to], y)}
        fill={isBad(event) ? token.colorErrorText : token.colorText}
        fontSize={fontSize}
        {...toHalo(token.colorBgContainer)}
      >
        {clip(label)}
      </text>
    </g>
  );
}

function EventTime({
  event,
  previous,
  y,
  isNarrow,
}: {
  event: MessageEvent;
  previous: MessageEvent | undefined;
  y: number;
  isNarrow: boolean;
}) {
  const { language } = useLanguage();
  const { token } = theme.useToken();
  const gapMs = previous === undefined ? 0 : Date.parse(event.at) - Date.parse(previous.at);
  return (
    <>
      <text
        x={isNarrow ? 0 : 8}
        y={isNarrow ? y - 12 : y + 1}
        fill={token.colorText}
        fontSize={isNarrow ? 11 : 12}
        {...toHalo(token.colorBgContainer)}
      >
        {formatClock(event.at, language)}
      </text>
      {gapMs >= 1000 && !isNarrow && (
        <text x={8} y={y + 15} fill={token.colorTextDescription} fontSize={11}>
          +{formatDuration(gapMs, language)}
        </text>
      )}
    </>
  );
}

/** Where the words of an event stand: above its arrow, beside its dot, on a phone beside its time. */
function toLabelPlace(layout: Layout, from: number, to: number, y: number) {
  if (layout === narrow) return { x: 84, y: y - 12 };
  if (from === to) return { x: from + 14, y: y + 4 };
  return { x: (from + to) / 2, y: y - 7, textAnchor: 'middle' as const };
}

/** The lanes' lines run behind the words, not through them. */
function toHalo(background: string) {
  return { paintOrder: 'stroke', stroke: background, strokeWidth: 5 };
}

function Arrow({ x1, x2, y, color }: { x1: number; x2: number; y: number; color: string }) {
  const sign = x2 > x1 ? -1 : 1;
  return (
    <g stroke={color} fill={color}>
      <line x1={x1} x2={x2 + sign * 6} y1={y} y2={y} strokeWidth={2} />
      <path d={`M${x2} ${y} l${sign * 9} -5 l0 10 z`} stroke="none" />
    </g>
  );
}

function clip(text: string): string {
  if (text.length <= 38) return text;
  // The end of the last whole character, which an emoji may make of many units.
  const end = new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(text).containing(37)?.index;
  return `${text.slice(0, end ?? 37)}…`;
}
