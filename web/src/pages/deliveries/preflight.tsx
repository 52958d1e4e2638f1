import { CheckCircleFilled, CloseCircleFilled, WarningFilled } from '@ant-design/icons';
import { Alert } from 'antd';
import type { Preflight } from '../../api/model.ts';
import { useFindings, useTexts } from '../../i18n/language.tsx';
import { Finding } from '../../ui/finding.tsx';

const tones = { A: 'success', B: 'success', C: 'warning', D: 'warning', F: 'error' } as const;

/** What a callback endpoint is worth: its grade, and each thing that was tried with what to do about it. */
export function PreflightResult({ result }: { result: Preflight }) {
  const t = useTexts();
  const tell = useFindings();
  const { grade, checks } = result;
  return (
    <section className="stack" aria-label={t('preflight.result')} aria-live="polite">
      <Alert
        type={tones[grade]}
        showIcon
        title={`${t('preflight.grade', { grade })} — ${tell.grade(result)}`}
      />
      <ul className="checks">
        {checks.map((check) => (
          <li key={check.name}>
            {check.result === 'ok' && <CheckCircleFilled className="good" aria-label={t('check.good')} />}
            {check.result === 'warning' && (
              <WarningFilled className="fair" aria-label={t('preflight.warning')} />
            )}
            {check.result === 'failed' && <CloseCircleFilled className="bad" aria-label={t('check.bad')} />}
            <Finding {...tell.preflight(check)} />
          </li>
        ))}
      </ul>
    </section>
  );
}
