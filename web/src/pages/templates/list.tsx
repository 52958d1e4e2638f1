import { PlusOutlined } from '@ant-design/icons';
import { Link } from '@tanstack/react-router';
import { Button } from 'antd';
import { api, take } from '../../api/client.ts';
import type { Template } from '../../api/model.ts';
import { useIsAtLeast } from '../../app/session.ts';
import { usePageTexts } from '../../i18n/use-page-texts.ts';
import { FilterBar, useFilters } from '../../ui/filter.tsx';
import { ListingTable, useListing } from '../../ui/listing.tsx';
import { Page } from '../../ui/page.tsx';
import { Time } from '../../ui/time.tsx';
import { useChannelFilter } from '../channels/queries.ts';
import { ImportTemplates } from './import.tsx';
import { templatesKey } from './queries.ts';
import { templateStatuses, TemplateStatusTag } from './status.tsx';

/** The filter that stands in the page's address. */
function useTemplateFilter() {
  const { filters } = useFilters();
  const { channelId, name } = filters;
  return { channelId, name, status: templateStatuses.find((one) => one === filters['status']) };
}

/** Templates by channel, name and state of review. */
export function TemplateList() {
  const t = usePageTexts();
  const mayChange = useIsAtLeast('operator');
  const filter = useTemplateFilter();
  const { channelId } = filter;
  return (
    <Page
      title={t('nav.templates')}
      hint={t('templates.hint')}
      actions={
        mayChange && (
          <span className="row">
            <ImportTemplates channelId={channelId} />
            <Link to="/templates/new" search={channelId === undefined ? {} : { channelId }}>
              <Button type="primary" icon={<PlusOutlined aria-hidden />} tabIndex={-1}>
                {t('template.create')}
              </Button>
            </Link>
          </span>
        )
      }
    >
      <FilterBar
        fields={[
          { kind: 'text', name: 'name', label: t('field.name') },
          useChannelFilter(),
          {
            kind: 'choice',
            name: 'status',
            label: t('field.status'),
            options: templateStatuses.map((value) => ({ value, label: t(`template.status.${value}`) })),
          },
        ]}
      />
      <TemplateTable filter={filter} />
    </Page>
  );
}

function TemplateTable({ filter }: { filter: ReturnType<typeof useTemplateFilter> }) {
  const t = usePageTexts();
  const listing = useListing(
    [...templatesKey, 'list', filter],
    (page) => take(api.GET('/api/v1/templates', { params: { query: { ...page, ...filter } } })),
    { refetchInterval: 10_000 },
  );
  return (
    <ListingTable<Template>
      listing={listing}
      label={t('nav.templates')}
      empty={t('templates.empty')}
      rowKey={({ channelId, code, language }) => `${channelId} ${code} ${language}`}
      columns={[
        {
          title: t('field.name'),
          dataIndex: 'name',
          className: 'given',
          render: (text: string, { channelId, code, language }) => (
            <Link
              to="/templates/$channelId/$code/$language"
              params={{ channelId, code, language }}
              data-opens
            >
              {text}
            </Link>
          ),
        },
        { title: t('template.language'), dataIndex: 'language' },
        { title: t('template.category'), dataIndex: 'category' },
        { title: t('channel.title'), dataIndex: 'channelId' },
        {
          title: t('field.status'),
          dataIndex: 'status',
          render: (value: Template['status'], { reason }) => (
            <>
              <TemplateStatusTag status={value} /> {value === 'fail' ? reason : ''}
            </>
          ),
        },
        { title: t('field.changed'), dataIndex: 'updatedAt', render: (at: string) => <Time at={at} /> },
      ]}
    />
  );
}
