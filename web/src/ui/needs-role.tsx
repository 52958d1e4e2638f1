import { Alert, Card } from 'antd';
import type { ReactNode } from 'react';
import type { Role } from '../api/model.ts';
import { useIsAtLeast } from '../app/session.ts';
import { useTexts } from '../i18n/language.tsx';

/** Says that the reader may look and not change. */
export function LookOnly({ role }: { role: Exclude<Role, 'viewer'> }) {
  const t = useTexts();
  return <Alert type="info" showIcon title={t('role.look_only', { role: t(`role.${role}`) })} />;
}

/** What only some may do; whoever may not is told so, and is led into no form that would be refused. */
export function NeedsRole({ role, children }: { role: Exclude<Role, 'viewer'>; children: ReactNode }) {
  const isAllowed = useIsAtLeast(role);
  if (isAllowed) return children;
  return (
    <Card>
      <LookOnly role={role} />
    </Card>
  );
}
