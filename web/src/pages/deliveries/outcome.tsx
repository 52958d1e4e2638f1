import type { Delivery } from '../../api/model.ts';
import { useTexts } from '../../i18n/language.tsx';
import type { Translate } from '../../i18n/language.tsx';
import type { TextKey } from '../../i18n/texts.ts';

export type Outcome = NonNullable<Delivery['lastTry']>['outcome'];

const texts: Readonly<Record<Outcome, TextKey>> = {
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

/** All that a try can come to. */
export const outcomes = Object.keys(texts) as readonly Outcome[];

/** What one try came to, in words. */
export function toOutcomeText(outcome: string, t: Translate): string {
  const known = outcomes.find((one) => one === outcome);
  return known === undefined ? outcome : t(texts[known]);
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
