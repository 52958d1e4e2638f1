import { theme } from 'antd';
import type { MessageEvent } from '../../api/model.ts';
import { useLanguage } from '../../i18n/language.tsx';
import { useMedia } from '../../ui/media.ts';
import { formatClock, formatDuration } from '../../ui/time.tsx';
import { isBad, toEventDetail, toEventText, toWay } from './event-texts.ts';
import type { Actor } from './event-texts.ts';

const actors = ['business', 'service', 'channel'] as const satisfies readonly Actor[];

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
  const { t, language } = useLanguage();
  const { token } = theme.useToken();
  const isNarrow = useMedia('(max-width: 575px)');
  const { width, rowHeight, lanes, laneWidth, fontSize } = isNarrow ? narrow : wide;
  const shown = events.slice(0, maxEvents);
  const height = top + shown.length * rowHeight + 16;
  return (
    <div className="sequence" tabIndex={0} role="region" aria-label={t('timeline.picture')}>
      <svg
        className={isNarrow ? 'sequence-narrow' : 'sequence-wide'}
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={t(`timeline.picture.${direction}`, { count: events.length })}
      >
        {actors.map((actor) => (
          <g key={actor}>
            <line
              x1={lanes[actor]}
              x2={lanes[actor]}
              y1={top - 16}
              y2={height - 8}
              stroke={token.colorBorder}
              strokeDasharray="4 4"
            />
            <rect
              x={lanes[actor] - laneWidth / 2}
              y={6}
              width={laneWidth}
              height={30}
              rx={6}
              fill={token.colorFillSecondary}
            />
            <text
              x={lanes[actor]}
              y={26}
              textAnchor="middle"
              fill={token.colorText}
              fontSize={fontSize + (isNarrow ? 0 : 1)}
              fontWeight={600}
            >
              {t(`timeline.actor.${actor}`)}
            </text>
          </g>
        ))}
        {shown.map((event, index) => {
          const y = top + index * rowHeight + 22;
          const [from, to] = toWay(event);
          const color = isBad(event) ? token.colorErrorText : token.colorInfo;
          const previous = shown[index - 1];
          const gapMs = previous === undefined ? 0 : Date.parse(event.at) - Date.parse(previous.at);
          const detail = toEventDetail(event, t);
          const label = toEventText(event, t);
          const middle = (lanes[from] + lanes[to]) / 2;
          const place = isNarrow
            ? { x: 84, y: y - 12 }
            : from === to
              ? { x: middle + 14, y: y + 4 }
              : { x: middle, y: y - 7, textAnchor: 'middle' as const };
          // The lanes' lines run behind the words, not through them.
          const halo = { paintOrder: 'stroke', stroke: token.colorBgContainer, strokeWidth: 5 };
          return (
            <g key={index}>
              <title>{[label, detail].filter(Boolean).join(' · ')}</title>
              <text
                x={isNarrow ? 0 : 8}
                y={isNarrow ? y - 12 : y + 1}
                fill={token.colorText}
                fontSize={isNarrow ? 11 : 12}
                {...halo}
              >
                {formatClock(event.at, language)}
              </text>
              {gapMs >= 1000 && !isNarrow && (
                <text x={8} y={y + 15} fill={token.colorTextDescription} fontSize={11}>
                  +{formatDuration(gapMs, language)}
                </text>
              )}
              {from === to ? (
                <circle cx={lanes[from]} cy={y} r={6} fill={color} />
              ) : (
                <Arrow x1={lanes[from]} x2={lanes[to]} y={y} color={color} />
              )}
              <text
                {...place}
                fill={isBad(event) ? token.colorErrorText : token.colorText}
                fontSize={fontSize}
                {...halo}
              >
                {clip(label)}
              </text>
            </g>
          );
        })}
      </svg>
      {events.length > maxEvents && <p>{t('timeline.more', { count: events.length - maxEvents })}</p>}
    </div>
  );
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
