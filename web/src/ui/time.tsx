import { memo, useEffect, useState } from 'react';
import { useLanguage, useTexts } from '../i18n/language.tsx';

const locales = { en: 'en-GB', zh: 'zh-CN' } as const;

function toText(at: string, locale: string, options: Intl.DateTimeFormatOptions): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? at : new Intl.DateTimeFormat(locale, options).format(date);
}

/**
 * A time in the reader's zone; the same time in UTC shows on hover. With `milliseconds` to tell close events apart. A list that is drawn
 * again, as by a tick of one of its rows, does not form its times again.
 */
export const Time = memo(function Time({
  at,
  milliseconds = false,
}: {
  at: string | null | undefined;
  milliseconds?: boolean;
}) {
  const { language } = useLanguage();
  if (at == null) return <span>—</span>;
  const text = toText(at, locales[language], {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    ...(milliseconds && { fractionalSecondDigits: 3 }),
  });
  return (
    <time dateTime={at} title={`${at.replace('T', ' ').replace('Z', '')} UTC`} className="time">
      {text}
    </time>
  );
});

const steps = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
] as const;

/** The present, kept current. */
export function useNow(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => {
      setNow(Date.now());
    }, 10_000);
    return () => {
      clearInterval(timer);
    };
  }, []);
  return now;
}

/** How soon something is tried next; what was to be by now is due, and no more is known of it. */
export function Due({ at }: { at: string }) {
  const t = useTexts();
  return Date.parse(at) > useNow() ? <Ago at={at} /> : <span className="time">{t('time.due_now')}</span>;
}

/** How long ago or how soon a time is, kept current; the time itself shows on hover. */
export const Ago = memo(function Ago({ at }: { at: string | null | undefined }) {
  const { language } = useLanguage();
  const now = useNow();
  if (at == null) return <span>—</span>;
  const seconds = Math.round((Date.parse(at) - now) / 1000);
  const [unit, size] = steps.find(([, length]) => Math.abs(seconds) >= length) ?? (['second', 1] as const);
  const text = new Intl.RelativeTimeFormat(locales[language], { numeric: 'auto' }).format(
    Math.trunc(seconds / size),
    unit,
  );
  return (
    <time dateTime={at} title={`${at.replace('T', ' ').replace('Z', '')} UTC`} className="time">
      {text}
    </time>
  );
});

/** A span of milliseconds in the largest units that read well. */
export function formatDuration(ms: number, language: 'en' | 'zh'): string {
  const units = [
    ['day', 86_400_000],
    ['hour', 3_600_000],
    ['minute', 60_000],
    ['second', 1000],
  ] as const;
  const [unit, size] =
    ms === 0 ? units[3] : (units.find(([, length]) => ms >= length) ?? (['millisecond', 1] as const));
  return new Intl.NumberFormat(locales[language], {
    style: 'unit',
    unit,
    unitDisplay: 'short',
    maximumFractionDigits: 1,
  }).format(ms / size);
}

const unitNames = {
  days: 'day',
  h: 'hour',
  hours: 'hour',
  min: 'minute',
  s: 'second',
  ms: 'millisecond',
} as const;

/** A number of a setting with its unit in the reader's words, not rounded. A unit that is no time stands as it is. */
export function formatAmount(value: number, unit: string, language: 'en' | 'zh'): string {
  const name = Object.entries(unitNames).find(([short]) => short === unit)?.[1];
  return name === undefined
    ? `${new Intl.NumberFormat(locales[language]).format(value)} ${unit}`.trim()
    : new Intl.NumberFormat(locales[language], { style: 'unit', unit: name, unitDisplay: 'long' }).format(
        value,
      );
}
