import type { StateReason as Told } from '../../i18n/findings.ts';
import { useFindings, useTexts } from '../../i18n/language.tsx';
import { toOutcomeText } from './outcome.tsx';

/** Why a callback URL is in its state, in the reader's words. */
export function useStateReason(): (reason: Told) => string {
  const t = useTexts();
  const tell = useFindings();
  return (reason) => {
    const { outcome, ...params } = reason.stateReasonParams;
    const told = outcome === undefined ? params : { ...params, outcome: toOutcomeText(String(outcome), t) };
    return tell.state({ ...reason, stateReasonParams: told });
  };
}

export function StateReason({ reason }: { reason: Told }) {
  return useStateReason()(reason);
}
