import { useMutation } from '@tanstack/react-query';
import { Alert, Button, Divider } from 'antd';
import { api, take } from '../api/client.ts';
import { leaveFor, readRefusal } from '../app/company.ts';
import { useTexts } from '../i18n/language.tsx';
import type { Translate } from '../i18n/language.tsx';
import { toCodeText, toProblemText } from '../ui/problem.tsx';

/**
 * The way in by the company's sign-in, and why it did not let somebody in who has just come back from it. `beside`: the session of another
 * account in this browser goes on.
 */
export function CompanyDoor({
  label,
  isOnly,
  beside,
}: {
  label: string | null;
  isOnly: boolean;
  beside: boolean;
}) {
  const t = useTexts();
  const leave = useMutation({
    mutationFn: () =>
      take(api.POST('/api/v1/session/company', { params: { query: beside ? { keep: true } : {} } })),
    meta: { signsIn: true },
    onSuccess: ({ url }) => {
      leaveFor(url, beside);
    },
  });
  const text = leave.error === null ? toRefusalText(t) : toProblemText(leave.error, t);
  return (
    <div className="sign-in-form">
      {isOnly && <p className="quiet">{t('sign_in.company.only')}</p>}
      {text !== null && <Alert type="error" showIcon role="alert" className="sign-in-alert" title={text} />}
      <Button
        type={isOnly ? 'primary' : 'default'}
        block
        // The page goes away once it is known where to.
        loading={leave.isPending || leave.isSuccess}
        onClick={() => {
          leave.mutate();
        }}
      >
        {label ?? t('sign_in.company')}
      </Button>
      {!isOnly && <Divider plain>{t('sign_in.company.or')}</Divider>}
    </div>
  );
}

/** Why who has just come back was not let in; null where nothing went wrong. */
function toRefusalText(t: Translate): string | null {
  const code = readRefusal();
  return code === null ? null : toCodeText(code, t);
}
