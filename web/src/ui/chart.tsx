import { theme } from 'antd';
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { useLanguage } from '../i18n/language.tsx';

type Tone = 'primary' | 'success' | 'error' | 'warning';

export interface ChartLine {
  readonly label: string;
  readonly tone: Tone;
  readonly values: readonly number[];
}

const height = 220;
const minWidth = 200;

/** All that a plot has to be drawn anew for; what it shows may change without. */
interface Look {
  readonly series: readonly { readonly label: string; readonly color: string }[];
  readonly text: string;
  readonly grid: string;
  /** What the reader calls the time. */
  readonly time: string;
  readonly locale: string;
}

function useLook(lines: readonly ChartLine[]): Look {
  const { token } = theme.useToken();
  const { t, language } = useLanguage();
  const colors: Record<Tone, string> = {
    primary: token.colorInfo,
    success: token.colorSuccess,
    error: token.colorError,
    warning: token.colorWarning,
  };
  return {
    series: lines.map(({ label, tone }) => ({ label, color: colors[tone] })),
    text: token.colorText,
    grid: token.colorBorderSecondary,
    time: t('field.time'),
    locale: language === 'zh' ? 'zh-CN' : 'en-GB',
  };
}

function toOptions({ series, text, grid, time, locale }: Look, width: number): uPlot.Options {
  const axis = {
    stroke: text,
    grid: { stroke: grid, width: 1 },
    ticks: { stroke: grid, width: 1 },
  };
  const clock = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit' });
  return {
    width,
    height,
    cursor: { drag: { x: false, y: false } },
    scales: { y: { range: (_plot, _min, max) => [0, Math.max(4, max * 1.1)] } },
    axes: [
      { ...axis, values: (_plot, ticks) => ticks.map((tick) => clock.format(tick * 1000)) },
      { ...axis, size: 56 },
    ],
    series: [
      // Nothing is said of a minute until one is pointed at.
      { label: time, value: (_plot, at: number | null) => (at === null ? '' : clock.format(at * 1000)) },
      ...series.map(({ label, color }) => ({
        label,
        stroke: color,
        width: 2,
        points: { show: false },
        value: (_plot: uPlot, value: number | null) => (value === null ? '' : String(value)),
      })),
    ],
  };
}

/** A plot in an element, as wide as it is; drawn anew when its look changes, and filled anew when its data does. */
function usePlot(look: Look, data: uPlot.AlignedData) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const latest = useRef(data);
  useEffect(() => {
    latest.current = data;
    plot.current?.setData(data);
  });
  // Compared by what it says: it is made at every render.
  const lookText = JSON.stringify(look);
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const measure = (): number => Math.max(element.clientWidth, minWidth);
    const made = new uPlot(toOptions(JSON.parse(lookText) as Look, measure()), latest.current, element);
    plot.current = made;
    const observer = new ResizeObserver(() => {
      made.setSize({ width: measure(), height });
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [lookText]);
  return place;
}

/** Lines over time. `times` are epoch milliseconds; what the lines say stands in a table for those who do not see them. */
export function Chart({
  label,
  times,
  lines,
}: {
  label: string;
  times: readonly number[];
  lines: readonly ChartLine[];
}) {
  const data: uPlot.AlignedData = [times.map((at) => at / 1000), ...lines.map(({ values }) => [...values])];
  const place = usePlot(useLook(lines), data);
  return (
    <figure className="chart-figure">
      <div ref={place} className="chart" aria-hidden="true" />
      <figcaption className="visually-hidden">
        {label}:{' '}
        {lines
          .map(({ label: name, values }) => `${name} ${values.reduce((sum, value) => sum + value, 0)}`)
          .join(', ')}
      </figcaption>
    </figure>
  );
}
