// What became of a template's reviews, and a person's word where no channel reviews.
import { listTemplateEvents, findTemplate } from '../../core/templates/templates.ts';
import { toTime } from '../../domain/time.ts';
import { needs } from './access.ts';
import { callerOf } from './auth.ts';
import type { ApiDeps } from './deps.ts';
import { describe } from './route.ts';
import type { Api } from './route.ts';
import {
  DecisionBody,
  HistoryAnswer,
  ofTemplate,
  TemplateAnswer,
  templatePath,
  toTemplateAnswer,
} from './schemas-templates.ts';
import { pageOf } from './schemas.ts';

/** What these routes work with. */
type ReviewApiDeps = ApiDeps<'findTemplates' | 'listReceipts'>;

export function templateReviewApi(api: Api, deps: ReviewApiDeps): void {
  readHistory(api, deps);
  review(api, deps);
}

function readHistory(api: Api, { store }: ReviewApiDeps): void {
  api.get(
    `${templatePath}/history`,
    {
      ...needs('viewer'),
      schema: describe(
        'List what became of a template, newest first',
        'templates',
        { params: ofTemplate },
        { 200: pageOf(HistoryAnswer) },
        'not_found',
      ),
    },
    async (request) => {
      const { accountId } = callerOf(request);
      const template = await findTemplate(store, accountId, request.params);
      const events = await listTemplateEvents(store, accountId, template);
      return {
        items: events.map(({ facts, receiptId, recordedAt }) => ({
          at: toTime(recordedAt),
          event: facts.event,
          status: facts.auditStatus ?? facts.status ?? null,
          reason: facts.reason ?? '',
          receiptId,
        })),
        next: null,
      };
    },
  );
}

function review(api: Api, deps: ReviewApiDeps): void {
  const { store } = deps;
  api.post(
    `${templatePath}/review`,
    {
      ...needs('operator'),
      schema: describe(
        'Let a template pass or fail, where no channel reviews it',
        'templates',
        { params: ofTemplate, body: DecisionBody },
        { 200: TemplateAnswer },
        'not_found',
        'wrong_state',
      ),
    },
    async (request) => {
      const caller = callerOf(request);
      const template = await findTemplate(store, caller.accountId, request.params);
      const { decision, reason = '' } = request.body;
      await deps.decideReview(caller, template, { decision, reason });
      return toTemplateAnswer(await findTemplate(store, caller.accountId, request.params));
    },
  );
}
