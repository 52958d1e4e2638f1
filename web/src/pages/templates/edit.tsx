import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api, take } from '../../api/client.ts';
import { usePageTexts } from '../../i18n/use-page-texts.ts';
import { useChange } from '../../ui/change.ts';
import { useFilters } from '../../ui/filter.tsx';
import { NeedsRole } from '../../ui/needs-role.tsx';
import { Page } from '../../ui/page.tsx';
import { Answered } from '../../ui/problem.tsx';
import { useChannels } from '../channels/queries.ts';
import { useKeptDraft } from './kept-draft.ts';
import { templatesKey } from './queries.ts';
import { TemplateForm } from './template-form.tsx';
import type { TemplateDraft } from './draft.ts';

/** Creates a template, with a preview of what its recipient will see. */
export function TemplateNew() {
  const t = usePageTexts();
  const navigate = useNavigate();
  const { filters } = useFilters();
  const channels = useChannels();
  const keeper = useKeptDraft(null);
  const [round, setRound] = useState(0);
  const create = useChange(
    ({ channelId, ...draft }: TemplateDraft) =>
      take(
        api.POST('/api/v1/channels/{channelId}/templates', {
          params: { path: { channelId } },
          body: draft,
        }),
      ),
    {
      done: 'template.created',
      refresh: [templatesKey],
      quiet: true,
      onDone: ({ channelId, code, language }) => {
        keeper.forget();
        void navigate({ to: '/templates/$channelId/$code/$language', params: { channelId, code, language } });
      },
    },
  );
  return (
    <Page title={t('template.create')} crumbs={[{ text: t('nav.templates'), to: '/templates' }]}>
      <NeedsRole role="operator">
        <Answered of={channels}>
          {({ items }) => (
            <TemplateForm
              key={round}
              channels={items}
              keeper={keeper}
              onDiscard={() => {
                setRound(round + 1);
              }}
              initialChannelId={filters['channelId']}
              isBusy={create.isPending}
              error={create.error}
              submitText={t('template.submit')}
              onSubmit={(draft) => {
                create.mutate(draft);
              }}
            />
          )}
        </Answered>
      </NeedsRole>
    </Page>
  );
}
