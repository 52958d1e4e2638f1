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
    const [series, text, time] = JSON.parse(look) as [[string, string][], string, string];
    const axis = {
      stroke: text,
      grid: { stroke: 'rgba(128,128,128,0.25)' },
      ticks: { stroke: 'rgba(128,128,128,0.25)' },
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
          { label: time, value: (_plot, at) => (at === null ? '—' : clock.format(at * 1000)) },
          ...series.map(([name, color]) => ({
            label: name,
            stroke: color,
            width: 2,
            points: { show: false },
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
