import { useTexts } from '../../i18n/language.tsx';
import type { TextKey } from '../../i18n/texts.ts';

const outcomes: Readonly<Record<string, TextKey>> = {
  accepted: 'outcome.accepted',
  rejected: 'outcome.rejected',
  not_acknowledged: 'outcome.not_acknowledged',
  gone: 'outcome.gone',
  throttled: 'outcome.throttled',
  timeout: 'outcome.timeout',
  refused: 'outcome.refused',
  unresolved: 'outcome.unresolved',
  guarded: 'outcome.guarded',
  tls: 'outcome.tls',
  failed: 'outcome.failed',
};

/** What one try came to, in words. */
export function OutcomeText({ outcome, status }: { outcome: string; status: number | null }) {
  const t = useTexts();
  const key = outcomes[outcome];
  return (
    <span>
      {key === undefined ? outcome : t(key)}
      {status !== null && ` (HTTP ${status})`}
    </span>
  );
}
