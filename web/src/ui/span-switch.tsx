import { Button } from 'antd';
import { useTexts } from '../i18n/language.tsx';

export type Span = 'hour' | 'day';

/** Of which time figures and charts tell. Two buttons: a component of its own for them weighs more than the rest of the page. */
export function SpanSwitch({ span, onChange }: { span: Span; onChange: (span: Span) => void }) {
  const t = useTexts();
  return (
    <div className="row" role="group" aria-label={t('rate.span')}>
      {(['hour', 'day'] as const).map((one) => (
        <Button
          key={one}
          size="small"
          type={one === span ? 'primary' : 'default'}
          aria-pressed={one === span}
          onClick={() => {
            onChange(one);
          }}
        >
          {t(`rate.${one}`)}
        </Button>
      ))}
    </div>
  );
}
