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
  const { token } = theme.useToken();
  const { t, language } = useLanguage();
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const colors: Record<Tone, string> = {
    primary: token.colorInfo,
    success: token.colorSuccess,
    error: token.colorError,
    warning: token.colorWarning,
  };
  const look = JSON.stringify([
    lines.map(({ label: name, tone }) => [name, colors[tone]]),
    token.colorText,
    token.colorBorderSecondary,
    t('field.time'),
  ]);
  const data: uPlot.AlignedData = [times.map((at) => at / 1000), ...lines.map(({ values }) => [...values])];
  const latest = useRef(data);
  useEffect(() => {
    latest.current = data;
    plot.current?.setData(data);
  });

  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const [series, text, line, time] = JSON.parse(look) as [[string, string][], string, string, string];
    const axis = {
      stroke: text,
      grid: { stroke: line, width: 1 },
      ticks: { stroke: line, width: 1 },
    };
    const clock = new Intl.DateTimeFormat(language === 'zh' ? 'zh-CN' : 'en-GB', {
      hour: '2-digit',
      minute: '2-digit',
    });
    const made = new uPlot(
      {
        width: Math.max(element.clientWidth, 200),
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
          ...series.map(([name, color]) => ({
            label: name,
            stroke: color,
            width: 2,
            points: { show: false },
            value: (_plot: uPlot, value: number | null) => (value === null ? '' : String(value)),
          })),
        ],
      },
      latest.current,
      element,
    );
    plot.current = made;
    const observer = new ResizeObserver(() => {
      made.setSize({ width: Math.max(element.clientWidth, 200), height });
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [look, language]);

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
