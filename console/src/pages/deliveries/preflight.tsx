import { CheckCircleFilled, CloseCircleFilled, WarningFilled } from '@ant-design/icons';
import { Alert } from 'antd';
import type { Preflight } from '../../api/model.ts';
import { useTexts } from '../../i18n/language.tsx';

const tones = { A: 'success', B: 'success', C: 'warning', D: 'warning', F: 'error' } as const;

/** What a callback endpoint is worth: its grade, and each thing that was tried with what to do about it. */
export function PreflightResult({ result: { grade, text, checks } }: { result: Preflight }) {
  const t = useTexts();
  return (
    <section className="stack" aria-label={t('preflight.result')} aria-live="polite">
      <Alert type={tones[grade]} showIcon title={`${t('preflight.grade', { grade })} — ${text}`} />
      <ul className="checks">
        {checks.map((check) => (
          <li key={check.name}>
            {check.result === 'ok' && <CheckCircleFilled className="good" aria-label={t('check.good')} />}
            {check.result === 'warning' && (
              <WarningFilled className="fair" aria-label={t('preflight.warning')} />
            )}
            {check.result === 'failed' && <CloseCircleFilled className="bad" aria-label={t('check.bad')} />}
            <span>
              <strong>{check.name}</strong> — {check.text}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
