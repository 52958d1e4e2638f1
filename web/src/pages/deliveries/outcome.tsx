import { useTexts } from '../../i18n/language.tsx';
import type { Translate } from '../../i18n/language.tsx';
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
export function toOutcomeText(outcome: string, t: Translate): string {
  const key = outcomes[outcome];
  return key === undefined ? outcome : t(key);
}

/** The same, with the status that was answered. */
export function OutcomeText({ outcome, status }: { outcome: string; status: number | null }) {
  const t = useTexts();
  return (
    <span>
      {toOutcomeText(outcome, t)}
      {status !== null && ` (HTTP ${status})`}
    </span>
  );
}
