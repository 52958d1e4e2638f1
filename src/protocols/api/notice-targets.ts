// Who is told of an account's notices, and how telling goes.
import type { Static } from '@fastify/type-provider-typebox';
import {
  addNoticeTarget,
  changeNoticeTarget,
  findNoticeTarget,
  removeNoticeTarget,
} from '../../core/notices/targets.ts';
import type { AccountId } from '../../domain/account.ts';
import { notFound } from '../../domain/errors.ts';
import type { Told } from '../../domain/notice-message.ts';
import type { NoticeTarget, TargetChange, TellingState } from '../../domain/notice-target.ts';
import { toTime } from '../../domain/time.ts';
import { versionOfNoticeTarget } from '../../domain/version.ts';
import { needs, needsFirstAccount } from './access.ts';
import { callerOf } from './auth.ts';
import type { ApiDeps } from './deps.ts';
import { describe, NoContent } from './route.ts';
import type { Api } from './route.ts';
import {
  NewTargetAnswer,
  NewTargetBody,
  ofTarget,
  TargetAnswer,
  TargetBody,
  TargetTestAnswer,
} from './schemas-notices.ts';
import { pageOf } from './schemas.ts';
import { changeHeaders, readExpected, tell } from './versions.ts';

/** What these routes work with. */
type TargetApiDeps = ApiDeps<
  | 'changeNoticeTarget'
  | 'createNoticeTarget'
  | 'deleteNoticeTarget'
  | 'findNoticeTarget'
  | 'listNoticeTargets'
  | 'listTellings'
>;

export function noticeTargetApi(api: Api, deps: TargetApiDeps): void {
  listTargets(api, deps);
  listOperatorTargets(api, deps);
  makeTarget(api, deps);
  readTarget(api, deps);
  patchTarget(api, deps);
  deleteTarget(api, deps);
  testTarget(api, deps);
  testOperatorTarget(api, deps);
}

function listTargets(api: Api, { store }: TargetApiDeps): void {
  api.get(
    '/notice-targets',
    {
      ...needs('viewer'),
      schema: describe('List who is told of notices', 'notices', {}, { 200: pageOf(TargetAnswer) }),
    },
    async (request) => {
      const { accountId } = callerOf(request);
      return {
        items: await toAnswers(store, accountId, await store.listNoticeTargets(accountId)),
        next: null,
      };
    },
  );
}

function listOperatorTargets(api: Api, { store, notices }: TargetApiDeps): void {
  api.get(
    '/notice-targets/operator',
    {
      ...needsFirstAccount('viewer'),
      schema: describe(
        'List who is told of all notices by settings of the service',
        'notices',
        {},
        { 200: pageOf(TargetAnswer) },
      ),
    },
    async () => ({ items: await toAnswers(store, null, notices.operatorTargets), next: null }),
  );
}

function makeTarget(api: Api, deps: TargetApiDeps): void {
  api.post(
    '/notice-targets',
    {
      ...needs('owner'),
      schema: describe(
        'Have somebody told of notices',
        'notices',
        { body: NewTargetBody },
        { 201: NewTargetAnswer },
        'bad_callback_url',
        'limit_reached',
        'wrong_state',
      ),
    },
    async (request, reply) => {
      const { addresses = [], url = null, secret = null, ...given } = request.body;
      const target = await addNoticeTarget({ ...deps, hasMail: deps.notices.hasMail }, callerOf(request), {
        language: 'en',
        severity: 'info',
        codes: [],
        state: 'active',
        ...given,
        url,
        mail: addresses,
        secret,
      });
      const made = secret === null && target.secret !== null ? { secret: target.secret } : {};
      return tell(reply.code(201), versionOfNoticeTarget(target)).send({
        ...toAnswer(target, undefined),
        ...made,
      });
    },
  );
}

function readTarget(api: Api, { store }: TargetApiDeps): void {
  api.get(
    '/notice-targets/:targetId',
    {
      ...needs('viewer'),
      schema: describe(
        'Read who is told of notices',
        'notices',
        ofTarget,
        { 200: TargetAnswer },
        'not_found',
      ),
    },
    async (request, reply) => {
      const { accountId } = callerOf(request);
      const target = await findNoticeTarget(store, accountId, request.params.targetId);
      const [answer] = await toAnswers(store, accountId, [target]);
      return tell(reply, versionOfNoticeTarget(target)).send(answer ?? toAnswer(target, undefined));
    },
  );
}

function patchTarget(api: Api, deps: TargetApiDeps): void {
  api.patch(
    '/notice-targets/:targetId',
    {
      ...needs('owner'),
      schema: describe(
        'Change who is told of notices, or switch it on or off; what waits is tried at once',
        'notices',
        { ...ofTarget, body: TargetBody, headers: changeHeaders },
        { 200: TargetAnswer },
        'not_found',
        'bad_callback_url',
        'changed_meanwhile',
      ),
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const { addresses, ...rest } = request.body;
      const change: TargetChange = { ...rest, ...(addresses !== undefined && { mail: addresses }) };
      const target = await changeNoticeTarget(
        { ...deps, hasMail: deps.notices.hasMail },
        caller,
        request.params.targetId,
        change,
        readExpected(request),
      );
      const [answer] = await toAnswers(deps.store, caller.accountId, [target]);
      return tell(reply, versionOfNoticeTarget(target)).send(answer ?? toAnswer(target, undefined));
    },
  );
}

function deleteTarget(api: Api, deps: TargetApiDeps): void {
  api.delete(
    '/notice-targets/:targetId',
    {
      ...needs('owner'),
      schema: describe(
        'Have somebody told of notices no more',
        'notices',
        { ...ofTarget, headers: changeHeaders },
        { 204: NoContent },
        'not_found',
        'changed_meanwhile',
      ),
    },
    async (request, reply) => {
      await removeNoticeTarget(deps, callerOf(request), request.params.targetId, readExpected(request));
      return reply.code(204).send(null);
    },
  );
}

function testTarget(api: Api, { store, notices }: TargetApiDeps): void {
  api.post(
    '/notice-targets/:targetId/test',
    {
      ...needs('operator'),
      schema: describe(
        'Send a test, and tell what came of it',
        'notices',
        ofTarget,
        { 200: TargetTestAnswer },
        'not_found',
        'too_many',
      ),
    },
    async (request) => {
      const { accountId } = callerOf(request);
      return toTestAnswer(
        await notices.sendTest(await findNoticeTarget(store, accountId, request.params.targetId), accountId),
      );
    },
  );
}

function testOperatorTarget(api: Api, { notices }: TargetApiDeps): void {
  api.post(
    '/notice-targets/operator/:targetId/test',
    {
      ...needsFirstAccount('operator'),
      schema: describe(
        'Send a test to a target that is a setting of the service, and tell what came of it',
        'notices',
        ofTarget,
        { 200: TargetTestAnswer },
        'not_found',
        'too_many',
      ),
    },
    async (request) => {
      const target = notices.operatorTargets.find(({ id }) => id === request.params.targetId);
      if (target === undefined) throw notFound('target of notices');
      return toTestAnswer(await notices.sendTest(target, callerOf(request).accountId));
    },
  );
}

function toTestAnswer(told: Told): Static<typeof TargetTestAnswer> {
  return { outcome: told.kind, reason: told.reason ?? '' };
}

async function toAnswers(
  store: TargetApiDeps['store'],
  accountId: AccountId | null,
  targets: readonly NoticeTarget[],
): Promise<Static<typeof TargetAnswer>[]> {
  const states = new Map((await store.listTellings(accountId)).map((state) => [state.targetId, state]));
  return targets.map((target) => toAnswer(target, states.get(target.id)));
}

function toAnswer(target: NoticeTarget, state: TellingState | undefined): Static<typeof TargetAnswer> {
  const { id, name, kind, url, mail, secret, language, severity, codes, createdAt } = target;
  const toNullable = (at: number | null | undefined): string | null => (at == null ? null : toTime(at));
  return {
    id,
    name,
    kind,
    to: url === null ? [...mail] : [new URL(url).host],
    hasSecret: secret !== null,
    language,
    severity,
    codes: [...codes],
    state: target.state,
    waiting: state?.waiting ?? 0,
    toldAt: toNullable(state?.toldAt),
    failingSince: toNullable(state?.failedAt),
    lastError: state?.error ?? '',
    givenUp: state?.givenUp ?? 0,
    createdAt: target.accountId === null ? null : toTime(createdAt),
  };
}
