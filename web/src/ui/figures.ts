import { useLanguage } from '../i18n/language.tsx';
import { formatDuration } from './time.tsx';

/** A share in per cent, which is 100 only when it is all of them, and 0 only when it is none. */
export function formatShare(part: number, whole: number): string {
  if (whole === 0) return '—';
  if (part === whole) return '100 %';
  const percent = Math.round((1000 * part) / whole) / 10;
  return `${Math.min(99.9, part === 0 ? 0 : Math.max(0.1, percent))} %`;
}

/** A duration in the reader's words, or a dash where nothing was measured. */
export function useMillis(): (ms: number | null) => string {
  const { language } = useLanguage();
  return (ms) => (ms === null ? '—' : formatDuration(ms, language));
}
