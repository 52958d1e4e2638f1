import { Button, Modal } from 'antd';
import { api, take } from '../api/client.ts';
import { leaveAccount, useSession, useSignedIn } from '../app/session.ts';
import { usePageTexts } from '../i18n/use-page-texts.ts';
import { useChange } from '../ui/change.ts';
import { AnotherDoor } from './sign-in.tsx';

/** The accounts to which this browser is signed in, to go from one to the other, and the door to one more. */
export function Accounts({ onClose }: { onClose: () => void }) {
  const t = usePageTexts();
  const { account, user } = useSignedIn();
  const { data } = useSession();
  const go = useChange((id: string) => take(api.POST('/api/v1/session/switch', { body: { account: id } })), {
    refresh: [],
    onDone: leaveAccount,
  });
  return (
    <Modal open title={t('accounts.title')} footer={null} onCancel={onClose} width={480}>
      <div className="stack">
        <ul className="checks" aria-label={t('accounts.title')}>
          <li>
            <AccountName account={account} user={user} />
            <span className="pager-gap" />
            <span className="faint">{t('accounts.here')}</span>
          </li>
          {data?.others?.map((other) => (
            <li key={other.account.id}>
              <AccountName account={other.account} user={other.user} />
              <span className="pager-gap" />
              <Button
                loading={go.isPending && go.variables === other.account.id}
                onClick={() => {
                  go.mutate(other.account.id);
                }}
              >
                {t('accounts.go')}
                <span className="visually-hidden"> {other.account.name}</span>
              </Button>
            </li>
          ))}
        </ul>
        <h2 className="section-head">{t('accounts.another')}</h2>
        <p className="quiet">{t('accounts.another.hint')}</p>
        {data !== undefined && <AnotherDoor ways={data.ways} />}
      </div>
    </Modal>
  );
}

function AccountName({
  account,
  user,
}: {
  account: { readonly id: string; readonly name: string };
  user: { readonly name: string; readonly role: 'owner' | 'operator' | 'viewer' };
}) {
  const t = usePageTexts();
  return (
    <span className="stack-small">
      <strong>{account.name}</strong>
      <small className="faint">
        {account.id} · {user.name} · {t(`role.${user.role}`)}
      </small>
    </span>
  );
}
