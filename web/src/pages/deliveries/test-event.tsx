import { Alert } from 'antd';
import type { TestEvent } from '../../api/model.ts';
import { useLanguage } from '../../i18n/language.tsx';
import { CodeBlock } from '../../ui/copy.tsx';
import { formatDuration } from '../../ui/time.tsx';
import { OutcomeText } from './outcome.tsx';

/** The request of a test event as it went out, and the answer as it came. */
export function TestEventResult({ result }: { result: TestEvent }) {
  const { t, language } = useLanguage();
  const { request, attempt } = result;
  const headers = Object.entries(request.headers).map(([name, value]) => `${name}: ${value}`);
  return (
    <section className="stack" aria-label={t('destination.test.result')} aria-live="polite">
      <Alert
        type={attempt.outcome === 'accepted' ? 'success' : 'error'}
        showIcon
        title={
          <>
            <OutcomeText outcome={attempt.outcome} status={attempt.status} /> ·{' '}
            {formatDuration(attempt.durationMs, language)}
          </>
        }
      />
      <div className="two">
        <div>
          <h3 className="small-head">{t('destination.test.request')}</h3>
          <CodeBlock
            what={t('destination.test.request')}
            text={`POST ${request.url}\n${headers.join('\n')}\n\n${pretty(request.body)}`}
          />
        </div>
        <div>
          <h3 className="small-head">{t('destination.test.answer')}</h3>
          <CodeBlock
            what={t('destination.test.answer')}
            text={`${attempt.status === null ? attempt.outcome : `HTTP ${attempt.status}`}\n\n${attempt.answer}`}
          />
        </div>
      </div>
    </section>
  );
}

/** JSON to read; anything else as it is. */
function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    // Not JSON.
    return text;
  }
}
