import { Link, useParams } from '@tanstack/react-router';
import { useIsAtLeast } from '../../app/session.ts';
import { usePageTexts } from '../../i18n/use-page-texts.ts';
import { Page } from '../../ui/page.tsx';
import { Sections } from '../../ui/sections.tsx';
import { AccountSettings } from './account.tsx';
import { AuditLog } from './audit-log.tsx';
import { KeySettings } from './keys.tsx';
import { MySettings } from './me.tsx';
import { NoticeList } from './notice-list.tsx';
import { NoticeSettings } from './notice-targets.tsx';
import { PortalLinkSettings } from './portal-links.tsx';
import { ServiceSettings } from './service.tsx';
import { UserSettings } from './users.tsx';

/** The account, its keys and users, what the service keeps and how much it takes, and who changed what. */
export function SettingsPage() {
  const t = usePageTexts();
  const isOwner = useIsAtLeast('owner');
  const { tab = 'account' } = useParams({ strict: false });
  return (
    <Page title={t('nav.settings')}>
      <Sections
        label={t('nav.settings')}
        open={tab}
        otherwise={<Elsewhere isOwners={ownersTabs.has(tab)} />}
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
                { key: 'portal', label: t('settings.portal'), children: <PortalLinkSettings /> },
              ]
            : []),
          { key: 'notices', label: t('settings.notices'), children: <NoticeList /> },
          { key: 'recipients', label: t('settings.recipients'), children: <NoticeSettings /> },
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

const ownersTabs: ReadonlySet<string> = new Set(['users', 'keys', 'portal']);

/** In the place of a section that is not there, or not for the reader's role. */
function Elsewhere({ isOwners }: { isOwners: boolean }) {
  const t = usePageTexts();
  return (
    <div className="not-here">
      <h2 className="section-head">{t(isOwners ? 'problem.forbidden' : 'page.not_found')}</h2>
      <p className="quiet">
        {isOwners ? t('settings.for_owners', { role: t('role.owner') }) : t('page.not_found.hint')}
      </p>
    </div>
  );
}
