// Trying a callback URL before it matters: one test event, or a preflight of some thirty.
import { findDestination } from '../../core/deliveries/destinations.ts';
import { needs } from './access.ts';
import { callerOf } from './auth.ts';
import { toAttempt } from './deliveries.ts';
import type { ApiDeps } from './deps.ts';
import { describe } from './route.ts';
import type { Api } from './route.ts';
import { ofDestination, PreflightAnswer, TestEventAnswer, toDestinationId } from './schemas-deliveries.ts';

/** What these routes work with. */
type TrialApiDeps = ApiDeps<'findDestination'>;

export function destinationTrialApi(api: Api, deps: TrialApiDeps): void {
  postTestEvent(api, deps);
  gradeEndpoint(api, deps);
}

function postTestEvent(api: Api, { store, sendTestEvent }: TrialApiDeps): void {
  api.post(
    '/destinations/:destinationId/test',
    {
      ...needs('operator'),
      schema: describe(
        'Post a test event and show the answer',
        'destinations',
        ofDestination,
        { 200: TestEventAnswer },
        'not_found',
        'too_many',
      ),
    },
    async (request) => {
      const { accountId } = callerOf(request);
      const { request: sent, attempt } = await sendTestEvent(
        await findDestination(store, accountId, toDestinationId(request.params)),
      );
      return { request: { ...sent, headers: { ...sent.headers } }, attempt: toAttempt(attempt) };
    },
  );
}

function gradeEndpoint(api: Api, { store, preflight }: TrialApiDeps): void {
  api.post(
    '/destinations/:destinationId/preflight',
    {
      ...needs('operator'),
      schema: describe(
        'Grade a callback endpoint by some thirty test receipts, a few of them forged on purpose',
        'destinations',
        ofDestination,
        { 200: PreflightAnswer },
        'not_found',
        'too_many',
      ),
    },
    async (request) => {
      const { accountId } = callerOf(request);
      const { grade, text, checks } = await preflight(
        await findDestination(store, accountId, toDestinationId(request.params)),
      );
      return { grade, text, checks: [...checks] };
    },
  );
}
