import type { ReactNode } from 'react';
import type { Why } from '../../api/model.ts';
import type { Translate } from '../../i18n/language.tsx';
import { Sentence } from '../../i18n/sentence.tsx';
import type { PageTextKey } from '../../i18n/page-texts.ts';
import { Time, useNow } from '../../ui/time.tsx';
import { usePageTexts } from '../../i18n/use-page-texts.ts';
import { toOutcomeText } from '../deliveries/outcome.tsx';

const texts: Readonly<Record<string, PageTextKey>> = {
  delivered: 'why.delivered',
  no_subscription: 'why.no_subscription',
  destination_off: 'why.destination_off',
  breaker_open: 'why.breaker_open',
  retrying: 'why.retrying',
  waiting_behind: 'why.waiting_behind',
  not_wanted: 'why.not_wanted',
  given_up: 'why.given_up',
  dead: 'why.dead',
  in_queue: 'why.in_queue',
  held: 'why.held',
  not_sent_yet: 'why.not_sent_yet',
  waiting_turn: 'why.waiting_turn',
  refused_by_channel: 'why.refused_by_channel',
  waiting: 'why.waiting',
  queue_expired: 'why.queue_expired',
  outcome_unknown: 'why.outcome_unknown',
  no_status_yet: 'why.no_status_yet',
  fallback_armed: 'why.fallback_armed',
  fallback_retrying: 'why.fallback_retrying',
  fallback_taken: 'why.fallback_taken',
  fallback_dead: 'why.fallback_dead',
};

/** The sentence on top of a message: where it stands, and why it goes no further. Its times show in UTC on hover. */
export function WhySentence({ why }: { why: Why }) {
  const t = usePageTexts();
  const key = texts[why.code];
  if (key === undefined) return why.text;
  const values = Object.fromEntries(
    Object.entries(why.params).map(([name, value]) => [name, toShown(name, value, t)]),
  );
  return <Sentence text={t(key)} values={values} />;
}

/** Times that a sentence says something is going to happen at. */
const coming: ReadonlySet<string> = new Set(['nextTryAt', 'dueAt', 'until']);

function toShown(name: string, value: unknown, t: Translate): ReactNode {
  if (typeof value === 'string' && name === 'lastOutcome') return toOutcomeText(value, t);
  if (typeof value === 'string' && coming.has(name)) return <Coming at={value} />;
  if (typeof value === 'string' && /At$/.test(name)) return <Time at={value} />;
  return typeof value === 'string' || typeof value === 'number' ? value : '—';
}

/** When something is to come; what was to come by now is told as such, and not by a time that is over. */
function Coming({ at }: { at: string }) {
  const t = usePageTexts();
  return Date.parse(at) > useNow() ? <Time at={at} /> : <span className="time">{t('time.now')}</span>;
}
