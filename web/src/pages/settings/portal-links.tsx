import { PlusOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Alert, Button, Checkbox, Empty, Modal, Tag } from 'antd';
import { useState } from 'react';
import { api, take } from '../../api/client.ts';
import type { NewPortalLink, PortalLink } from '../../api/model.ts';
import { usePageTexts } from '../../i18n/use-page-texts.ts';
import { useChange } from '../../ui/change.ts';
import { ConfirmButton } from '../../ui/confirm-button.tsx';
import { CodeBlock } from '../../ui/copy.tsx';
import { ProblemAlert } from '../../ui/problem.tsx';
import { DataTable } from '../../ui/table.tsx';
import { Ago, Time } from '../../ui/time.tsx';
import { useNames } from '../channels/queries.ts';
import { PortalLinkForm } from './portal-link-form.tsx';
import { portalLinksKey } from './queries.ts';

/** Links for people outside: made, copied once, seen with their last use, and taken back. */
export function PortalLinkSettings() {
  const t = usePageTexts();
  // Whoever gave a link away looks here whether it was used.
  const links = useQuery({
    queryKey: portalLinksKey,
    queryFn: () => take(api.GET('/api/v1/portal-links')),
    refetchInterval: 10_000,
  });
  const [isMaking, setMaking] = useState(false);
  const [made, setMade] = useState<NewPortalLink | null>(null);
  const [showsOver, setShowsOver] = useState(false);
  if (links.error !== null && links.data === undefined)
    return <ProblemAlert error={links.error} retry={() => void links.refetch()} />;
  const items = links.data?.items ?? [];
  return (
    <div className="stack">
      <div className="row">
        <span>{t('portal_links.hint')}</span>
        <span className="pager-gap" />
        <Checkbox
          checked={showsOver}
          onChange={(event) => {
            setShowsOver(event.target.checked);
          }}
        >
          {t('portal_links.over')}
        </Checkbox>
        <Button
          type="primary"
          icon={<PlusOutlined aria-hidden />}
          onClick={() => {
            setMaking(true);
          }}
        >
          {t('portal_links.create')}
        </Button>
      </div>
      <LinkTable
        links={showsOver ? items : items.filter((link) => toState(link) === 'live')}
        isPending={links.isPending}
      />
      {isMaking && (
        <PortalLinkForm
          onMade={setMade}
          onClose={() => {
            setMaking(false);
          }}
        />
      )}
      {made !== null && (
        <MadeLink
          link={made}
          onClose={() => {
            setMade(null);
          }}
        />
      )}
    </div>
  );
}

const stateColours = { live: 'green', over: 'default', revoked: 'red' } as const;

/** Whether a link opens anything, and if not, why. */
function toState({ revokedAt, expiresAt }: PortalLink): keyof typeof stateColours {
  if (revokedAt !== null) return 'revoked';
  return Date.parse(expiresAt) > Date.now() ? 'live' : 'over';
}

function LinkTable({ links, isPending }: { links: readonly PortalLink[]; isPending: boolean }) {
  const t = usePageTexts();
  const names = useNames(links.flatMap(({ senders }) => senders ?? []));
  return (
    <DataTable<PortalLink>
      label={t('settings.portal')}
      rowKey="id"
      loading={isPending}
      dataSource={links}
      locale={{
        emptyText: <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('portal_links.none')} />,
      }}
      columns={[
        {
          title: t('portal_links.name'),
          dataIndex: 'name',
          className: 'given',
          render: (name: string) => <span className="user-text">{name}</span>,
        },
        {
          title: t('portal_links.opens'),
          dataIndex: 'senders',
          render: (senders: PortalLink['senders']) =>
            senders?.map(({ channelId, senderId }) => (
              <div key={`${channelId} ${senderId}`} className="user-text">
                {names.sender(channelId, senderId)} · {names.channel(channelId)}
              </div>
            )) ?? t('portal_links.all'),
        },
        {
          title: t('portal_links.access'),
          dataIndex: 'access',
          render: (access: PortalLink['access']) => t(`portal_links.access.${access}`),
        },
        {
          title: t('field.state'),
          key: 'state',
          render: (_value, link) => (
            <Tag color={stateColours[toState(link)]}>{t(`portal_links.state.${toState(link)}`)}</Tag>
          ),
        },
        { title: t('portal.until'), dataIndex: 'expiresAt', render: (at: string) => <Time at={at} /> },
        { title: t('key.used'), dataIndex: 'usedAt', render: (at: string | null) => <Ago at={at} /> },
        {
          title: t('portal_links.by'),
          dataIndex: 'createdBy',
          render: (by: string) => <span className="user-text">{by.slice(by.indexOf('/') + 1)}</span>,
        },
        {
          title: t('field.action'),
          key: 'action',
          render: (_value, link) => toState(link) === 'live' && <TakeBack link={link} />,
        },
      ]}
    />
  );
}

function TakeBack({ link: { id, name } }: { link: PortalLink }) {
  const t = usePageTexts();
  const revoke = useChange(
    () => take(api.POST('/api/v1/portal-links/{linkId}/revoke', { params: { path: { linkId: id } } })),
    { done: 'state.saved', refresh: [portalLinksKey] },
  );
  return (
    <ConfirmButton
      text={t('portal_links.revoke')}
      what={name}
      title={t('portal_links.revoke.title', { name })}
      content={t('portal_links.revoke.text')}
      onConfirm={() => revoke.mutateAsync(undefined)}
    />
  );
}

/** The address of a new link, which is told this once. */
function MadeLink({ link: { name, url }, onClose }: { link: NewPortalLink; onClose: () => void }) {
  const t = usePageTexts();
  return (
    <Modal
      open
      title={t('portal_links.made')}
      footer={
        <Button type="primary" onClick={onClose}>
          {t('action.close')}
        </Button>
      }
      closable={false}
      mask={{ closable: false }}
    >
      <div className="stack">
        <Alert type="warning" showIcon title={t('portal_links.made.hint')} />
        <CodeBlock text={url} what={t('portal_links.url')} />
        <p>{t('portal_links.frame.hint')}</p>
        <CodeBlock
          text={`<iframe src="${url}" title="${toAttribute(name)}"></iframe>`}
          what={t('portal_links.frame')}
        />
      </div>
    </Modal>
  );
}

/** A text as the value of an attribute of HTML. */
function toAttribute(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}
