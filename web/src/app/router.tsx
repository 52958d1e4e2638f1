import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Link } from '@tanstack/react-router';
import { Button } from 'antd';
import { useEffect } from 'react';
import { checkReachable, Problem, unreachable } from '../api/client.ts';
import { useTexts } from '../i18n/language.tsx';
import { NotHere } from '../ui/not-here.tsx';
import { ProblemAlert } from '../ui/problem.tsx';
import { Shell } from './shell.tsx';

function NotFound() {
  const t = useTexts();
  return (
    <NotHere title={t('page.not_found')} hint={t('page.not_found.hint')}>
      <Link to="/">
        <Button type="primary">{t('nav.overview')}</Button>
      </Link>
    </NotHere>
  );
}

function Failed({ error }: { error: unknown }) {
  const isAway = error instanceof Problem && error.code === unreachable;
  useEffect(() => {
    if (!isAway) return;
    // It comes back by itself, with whatever page was asked for.
    const timer = setInterval(() => {
      void checkReachable().then(
        () => {
          globalThis.location.reload();
        },
        () => undefined,
      );
    }, 3000);
    return () => {
      clearInterval(timer);
    };
  }, [isAway]);
  return (
    <ProblemAlert
      error={error}
      retry={() => {
        // A new build may have taken the files of this one away.
        globalThis.location.reload();
      }}
    />
  );
}

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound, errorComponent: Failed });

type Search = Record<string, string>;

/**
 * What a page keeps in its address are plain texts, whatever they look like: as JSON, which the router would read them as, an id
 * of many digits were a number and lost its last ones. Links from when they were have quotes around them.
 */
const plainSearch = {
  parseSearch: (text: string): Search =>
    Object.fromEntries(
      [...new URLSearchParams(text)].map(([name, value]) => [name, value.replace(/^"(.*)"$/, '$1')]),
    ),
  stringifySearch: (search: Record<string, unknown>): string => {
    const text = new URLSearchParams(readSearch(search)).toString();
    return text === '' ? '' : `?${text}`;
  },
};

/** Anything but plain texts is dropped. */
function readSearch(search: Record<string, unknown>): Search {
  return Object.fromEntries(
    Object.entries(search).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

/** One page of the console with its own script, loaded when it is first shown. */
function page<Path extends string, Module extends Record<string, unknown>>(
  path: Path,
  load: () => Promise<Module>,
  name: keyof Module & string,
) {
  return createRoute({
    getParentRoute: () => root,
    path,
    validateSearch: readSearch,
    component: lazyRouteComponent(
      // Where the service does not answer, that is told; a file that a new build took away has the router load all anew.
      (() =>
        load().catch(async (cause: unknown) => {
          await checkReachable();
          throw cause;
        })) as () => Promise<Record<string, never>>,
      name,
    ),
  });
}

const routeTree = root.addChildren([
  page('/', () => import('../pages/overview.tsx'), 'Overview'),
  page('/channels', () => import('../pages/channels/list.tsx'), 'ChannelList'),
  page('/connect', () => import('../pages/channels/connect.tsx'), 'Connect'),
  page('/channels/$channelId', () => import('../pages/channels/channel.tsx'), 'ChannelPage'),
  page('/channels/$channelId/$tab', () => import('../pages/channels/channel.tsx'), 'ChannelPage'),
  page(
    '/channels/$channelId/senders/$senderId/webhook',
    () => import('../pages/channels/sender-webhook.tsx'),
    'SenderWebhookPage',
  ),
  page('/messages', () => import('../pages/messages/list.tsx'), 'MessageList'),
  page('/messages/$messageId', () => import('../pages/messages/message.tsx'), 'MessagePage'),
  page('/raw-events', () => import('../pages/messages/raw-events.tsx'), 'RawEventList'),
  page('/raw-events/$rawEventId', () => import('../pages/messages/raw-event-page.tsx'), 'RawEventPage'),
  page('/receipts', () => import('../pages/messages/receipts.tsx'), 'ReceiptList'),
  page('/receipts/$receiptId', () => import('../pages/messages/receipt.tsx'), 'ReceiptPage'),
  page('/deliveries', () => import('../pages/deliveries/list.tsx'), 'DeliveryList'),
  page(
    '/destinations/$destinationId',
    () => import('../pages/deliveries/destination.tsx'),
    'DestinationPage',
  ),
  page('/queues', () => import('../pages/queues/list.tsx'), 'QueueList'),
  page('/queues/$name', () => import('../pages/queues/queue.tsx'), 'QueuePage'),
  page('/templates', () => import('../pages/templates/list.tsx'), 'TemplateList'),
  page('/templates/new', () => import('../pages/templates/edit.tsx'), 'TemplateNew'),
  page(
    '/templates/$channelId/$code/$language',
    () => import('../pages/templates/template.tsx'),
    'TemplatePage',
  ),
  page('/glossary', () => import('../pages/glossary.tsx'), 'Glossary'),
  page('/tail', () => import('../pages/tail.tsx'), 'Tail'),
  page('/simulator', () => import('../pages/simulator/simulator.tsx'), 'Simulator'),
  page('/api', () => import('../pages/api-reference/reference.tsx'), 'ApiReference'),
  page('/api/$operationId', () => import('../pages/api-reference/reference.tsx'), 'ApiReference'),
  page('/docs', () => import('../pages/docs/doc.tsx'), 'DocPage'),
  page('/docs/$page', () => import('../pages/docs/doc.tsx'), 'DocPage'),
  page('/settings', () => import('../pages/settings/settings.tsx'), 'SettingsPage'),
  page('/settings/$tab', () => import('../pages/settings/settings.tsx'), 'SettingsPage'),
]);

/** The pages of the console by their addresses. */
export const router = createRouter({
  routeTree,
  basepath: '/console',
  ...plainSearch,
  // Inside the frame, so that the menu stays.
  defaultErrorComponent: Failed,
  defaultPreload: 'intent',
  scrollRestoration: true,
  trailingSlash: 'never',
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
