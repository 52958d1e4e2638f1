import { Link, useParams } from '@tanstack/react-router';
import { useIsAtLeast } from '../../app/session.ts';
import { useTexts } from '../../i18n/language.tsx';
import { Page } from '../../ui/page.tsx';
import { Sections } from '../../ui/sections.tsx';
import { AccountSettings } from './account.tsx';
import { AuditLog } from './audit-log.tsx';
import { KeySettings } from './keys.tsx';
import { MySettings } from './me.tsx';
import { NoticeSettings } from './notice-targets.tsx';
import { ServiceSettings } from './service.tsx';
import { UserSettings } from './users.tsx';

/** The account, its keys and users, what the service keeps and how much it takes, and who changed what. */
export function SettingsPage() {
  const t = useTexts();
  const isOwner = useIsAtLeast('owner');
  const { tab = 'account' } = useParams({ strict: false });
  return (
    <Page title={t('nav.settings')}>
      <Sections
        label={t('nav.settings')}
        open={tab}
        toLink={(key, text, isOpen) => (
          <Link to="/settings/$tab" params={{ tab: key }} aria-current={isOpen ? 'page' : undefined}>
            {text}
          </Link>
        )}
        items={[
          { key: 'account', label: t('settings.account'), children: <AccountSettings /> },
          { key: 'me', label: t('settings.me'), children: <MySettings /> },
          ...(isOwner
            ? [
                { key: 'users', label: t('settings.users'), children: <UserSettings /> },
                { key: 'keys', label: t('settings.keys'), children: <KeySettings /> },
              ]
            : []),
          { key: 'notices', label: t('settings.notices'), children: <NoticeSettings /> },
          {
            key: 'retention',
            label: t('settings.retention'),
            children: <ServiceSettings part="retention" />,
          },
          { key: 'limits', label: t('settings.limits'), children: <ServiceSettings part="limits" /> },
          { key: 'all', label: t('settings.all'), children: <ServiceSettings part="all" /> },
          { key: 'log', label: t('settings.log'), children: <AuditLog /> },
        ]}
      />
    </Page>
  );
}
