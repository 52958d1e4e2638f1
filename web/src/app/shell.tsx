import {
  ApiOutlined,
  CommentOutlined,
  DashboardOutlined,
  FileTextOutlined,
  InboxOutlined,
  MenuOutlined,
  MessageOutlined,
  PlayCircleOutlined,
  SendOutlined,
  SettingOutlined,
  UserOutlined,
} from '@ant-design/icons';
import { useQueryClient } from '@tanstack/react-query';
import { Link, Outlet, useRouterState } from '@tanstack/react-router';
import { Alert, Button, Dropdown, Layout, Menu } from 'antd';
import type { MenuProps } from 'antd';
import { lazy, Suspense, useEffect, useState, useSyncExternalStore } from 'react';
import { Skeleton } from 'antd';
import { api, take } from '../api/client.ts';
import { reachability } from '../api/reachability.ts';
import { useTexts } from '../i18n/language.tsx';
import type { TextKey } from '../i18n/texts.ts';
import { useChange } from '../ui/change.ts';
import { useMedia } from '../ui/media.ts';
import { forgetRefusal, readRefusal } from './company.ts';
import { HelpButton } from './help-button.tsx';
import { NoticeCount } from './notice-count.tsx';
import { sessionKey, useSignedIn } from './session.ts';
import { SearchButton } from './search-button.tsx';
import { LanguageSwitch, ThemeSwitch } from './switches.tsx';

const Accounts = lazy(() => import('../pages/accounts.tsx').then((page) => ({ default: page.Accounts })));
const MenuDrawer = lazy(() => import('./menu-drawer.tsx').then((module) => ({ default: module.MenuDrawer })));

const places: readonly { to: string; text: TextKey; icon: typeof ApiOutlined }[] = [
  { to: '/', text: 'nav.overview', icon: DashboardOutlined },
  { to: '/channels', text: 'nav.channels', icon: ApiOutlined },
  { to: '/messages', text: 'nav.messages', icon: MessageOutlined },
  { to: '/deliveries', text: 'nav.deliveries', icon: SendOutlined },
  { to: '/queues', text: 'nav.queues', icon: InboxOutlined },
  { to: '/templates', text: 'nav.templates', icon: FileTextOutlined },
  { to: '/tail', text: 'nav.tail', icon: PlayCircleOutlined },
  { to: '/simulator', text: 'nav.simulator', icon: CommentOutlined },
  { to: '/settings', text: 'nav.settings', icon: SettingOutlined },
];

/** Pages that belong to a place of the menu under another address. */
const belongs: Readonly<Record<string, string>> = {
  '/connect': '/channels',
  '/receipts': '/messages',
  '/raw-events': '/messages',
  '/destinations': '/deliveries',
};

/** The frame of every page: where one can go, who one is, and whether the service answers. */
export function Shell() {
  const t = useTexts();
  const isWide = useMedia('(min-width: 992px)');
  const path = useRouterState({ select: (state) => state.location.pathname });
  const isReachable = useSyncExternalStore(reachability.subscribe, reachability.get);
  // Open on the page where it was opened, and nowhere else: going somewhere closes it. Null until it is first opened.
  const [menuOpenOn, setMenuOpenOn] = useState<string | null>(null);
  const menu = <PlaceMenu path={path} />;
  return (
    <Layout className="shell">
      <a className="skip" href="#content">
        {t('nav.skip')}
      </a>
      <Layout.Header className="header">
        {!isWide && (
          <Button
            type="text"
            icon={<MenuOutlined />}
            aria-label={t('nav.open')}
            onClick={() => {
              setMenuOpenOn(path);
            }}
          />
        )}
        <Link to="/" className="brand-link">
          <img src="/console/icon.svg" alt="" width={28} height={28} />
          <span className="brand">Chasqui</span>
        </Link>
        <span className="pager-gap" />
        <SearchButton isWide={isWide} />
        <HelpButton path={path} />
        <LanguageSwitch />
        <ThemeSwitch />
        <UserMenu />
      </Layout.Header>
      <Layout>
        {isWide ? (
          <Layout.Sider width={248} className="sider">
            {menu}
          </Layout.Sider>
        ) : (
          menuOpenOn !== null && (
            <Suspense fallback={null}>
              <MenuDrawer
                isOpen={menuOpenOn === path}
                onClose={() => {
                  setMenuOpenOn('');
                }}
              >
                {menu}
              </MenuDrawer>
            </Suspense>
          )
        )}
        <Layout.Content id="content" role="main" tabIndex={-1} className="content">
          {!isReachable && <Unreachable />}
          <Suspense fallback={<Skeleton active paragraph={{ rows: 6 }} />}>
            <Outlet />
          </Suspense>
        </Layout.Content>
      </Layout>
    </Layout>
  );
}

/** Where one can go, with the place that the page at `path` belongs to. */
function PlaceMenu({ path }: { path: string }) {
  const t = useTexts();
  const first = `/${path.split('/')[1] ?? ''}`;
  const items: MenuProps['items'] = places.map(({ to, text, icon: Icon }) => ({
    key: to,
    icon: <Icon />,
    label: <Link to={to}>{t(text)}</Link>,
    extra: to === '/settings' && <NoticeCount />,
  }));
  return (
    <nav aria-label={t('nav.label')}>
      <Menu mode="inline" items={items} selectedKeys={[belongs[first] ?? first]} className="menu" />
    </nav>
  );
}

/** Stands above the page, which keeps showing what was read last, and asks until there is an answer again. */
function Unreachable() {
  const t = useTexts();
  const client = useQueryClient();
  useEffect(() => {
    const timer = setInterval(() => {
      void take(api.GET('/api/v1/session')).then(
        () => client.invalidateQueries(),
        () => undefined,
      );
    }, 3000);
    return () => {
      clearInterval(timer);
    };
  }, [client]);
  return (
    <Alert type="warning" showIcon banner role="status" title={t('state.unreachable')} className="banner" />
  );
}

function UserMenu() {
  const t = useTexts();
  // Who comes back from the company's sign-in and was not let in is told there.
  const [isSwitching, setSwitching] = useState(() => readRefusal() !== null);
  const { user, account } = useSignedIn();
  const client = useQueryClient();
  const leave = useChange(() => take(api.DELETE('/api/v1/session')), {
    refresh: [],
    onDone: () => {
      client.clear();
      void client.invalidateQueries({ queryKey: sessionKey });
      // A fresh page holds nothing of what was seen.
      globalThis.location.assign('/console/');
    },
  });
  return (
    <>
      <Dropdown
        trigger={['click']}
        menu={{
          items: [
            { key: 'who', type: 'group', label: `${user.name} · ${t(`role.${user.role}`)}` },
            { key: 'account', type: 'group', label: `${account.name} · ${account.id}` },
            {
              key: 'me',
              label: (
                <Link to="/settings/$tab" params={{ tab: 'me' }}>
                  {t('settings.me')}
                </Link>
              ),
            },
            {
              key: 'switch',
              label: t('accounts.switch'),
              onClick: () => {
                setSwitching(true);
              },
            },
            {
              key: 'leave',
              label: t('sign_out'),
              onClick: () => {
                leave.mutate(undefined);
              },
            },
          ],
        }}
      >
        <Button type="text" icon={<UserOutlined />} aria-label={`${user.name} · ${t('nav.user')}`}>
          <span className="user-name">{user.name}</span>
        </Button>
      </Dropdown>
      {isSwitching && (
        <Suspense fallback={null}>
          <Accounts
            onClose={() => {
              setSwitching(false);
              forgetRefusal();
            }}
          />
        </Suspense>
      )}
    </>
  );
}
