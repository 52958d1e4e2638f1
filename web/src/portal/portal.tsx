import { useQuery } from '@tanstack/react-query';
import { Alert, ConfigProvider, Select } from 'antd';
import { useEffect, useMemo, useState } from 'react';
import { LanguageSwitch, ThemeSwitch } from '../app/switches.tsx';
import { createPortalApi, Problem, take } from '../api/client.ts';
import type { PortalApi } from '../api/client.ts';
import type { PortalPage } from '../api/model.ts';
import { usePageTexts } from '../i18n/use-page-texts.ts';
import { Answered } from '../ui/problem.tsx';
import { Time } from '../ui/time.tsx';
import { toButtonText } from './colour.ts';
import { PortalDeliveries } from './deliveries.tsx';
import { PortalWebhook } from './webhook.tsx';

/** What the link opens; all else that the portal asks for has a longer key. */
export const portalKey = ['portal'] as const;

export type OpenSender = PortalPage['senders'][number];

/** What a link opens: its senders, where their receipts go, and how far these are. */
export function Portal({ token }: { token: string | null }) {
  const t = usePageTexts();
  const api = useMemo(() => createPortalApi(token ?? ''), [token]);
  const page = useQuery({
    queryKey: portalKey,
    queryFn: () => take(api.GET('/api/v1/portal')),
    enabled: token !== null,
  });
  const isOver = page.error instanceof Problem && page.error.status === 401;
  if (token === null || isOver)
    return (
      <main className="lone">
        <Alert type="warning" showIcon title={t('portal.over')} />
      </main>
    );
  return (
    <main className="content">
      <Answered of={page}>{(data) => <Opened api={api} page={data} />}</Answered>
    </main>
  );
}

function Opened({ api, page }: { api: PortalApi; page: PortalPage }) {
  const t = usePageTexts();
  const { name, colour, access, expiresAt, senders } = page;
  const [chosen, setChosen] = useState(0);
  const sender = senders[chosen];
  useEffect(() => {
    document.title = name;
  }, [name]);
  return (
    <ConfigProvider
      theme={
        colour === null
          ? {}
          : {
              token: { colorPrimary: colour },
              components: { Button: { primaryColor: toButtonText(colour) } },
            }
      }
    >
      <div className="page">
        <div className="page-head">
          <h1 className="page-title">{name}</h1>
          <span className="faint">
            {t('portal.until')} <Time at={expiresAt} />
          </span>
          <span className="pager-gap" />
          <span>
            <LanguageSwitch />
            <ThemeSwitch />
          </span>
        </div>
        {senders.length > 1 && (
          <Select
            className="narrow"
            aria-label={t('portal.sender')}
            value={chosen}
            showSearch={{ optionFilterProp: 'label' }}
            options={senders.map((one, value) => ({ value, label: toName(one) }))}
            onChange={setChosen}
          />
        )}
        {sender === undefined ? (
          <Alert type="info" showIcon title={t('portal.none')} />
        ) : (
          <div key={chosen} className="stack">
            <h2 className="section-head">{toName(sender)}</h2>
            <PortalWebhook api={api} sender={sender} mayChange={access === 'manage'} />
            <PortalDeliveries api={api} sender={sender} mayChange={access === 'manage'} />
          </div>
        )}
      </div>
    </ConfigProvider>
  );
}

function toName({ name, senderId, channelName }: OpenSender): string {
  return `${name === senderId ? senderId : `${name} (${senderId})`} · ${channelName}`;
}
