import type { Static } from '@fastify/type-provider-typebox';
import type { Account } from '../../domain/account.ts';
import { notFound } from '../../domain/errors.ts';
import type { ApiDeps } from './deps.ts';
import { needs, needsFirstAccount } from './access.ts';
import { callerOf } from './auth.ts';
import { openAccount } from '../../core/accounts/accounts.ts';
import { toKeyAnswer } from './keys.ts';
import { noticeCodes, noticeSeverities, severities, toNoticeKind } from '../../domain/notice.ts';
import type { Change, Notice, NoticeCode, Severity } from '../../domain/notice.ts';
import { toTime } from '../../domain/time.ts';
import { describe, toPageRequest, toPeriod } from './route.ts';
import type { Api } from './route.ts';
import { ChangeAnswer, ChangeQuery, NoticeAnswer, NoticeQuery } from './schemas-journal.ts';
import { pageOf } from './schemas.ts';
import { AccountAnswer, AccountBody, NewAccountAnswer } from './schemas-users.ts';

/** What these routes work with. */
type AccountApiDeps = ApiDeps<
  'createAccount' | 'listAccounts' | 'listChanges' | 'listNotices' | 'listStandingOf'
>;

/** The account itself, the others of the server, and what happened to it. */
export function accountApi(api: Api, deps: AccountApiDeps): void {
  readOwnAccount(api, deps);
  listAccounts(api, deps);
  makeAccount(api, deps);
  listNotices(api, deps);
  listChanges(api, deps);
}

function readOwnAccount(api: Api, { store }: AccountApiDeps): void {
  api.get(
    '/account',
    {
      ...needs('viewer', 'send', 'receive'),
      schema: describe('The account of the caller', 'account', {}, { 200: AccountAnswer }),
    },
    async (request) => {
      const { accountId } = callerOf(request);
      const account = (await store.listAccounts()).find(({ id }) => id === accountId);
      if (account === undefined) throw notFound('account');
      return toAccountAnswer(account);
    },
  );
}

function listAccounts(api: Api, { store }: AccountApiDeps): void {
  api.get(
    '/accounts',
    {
      ...needsFirstAccount('owner'),
      schema: describe(
        'List the accounts of this server',
        'account',
        {},
        { 200: pageOf(AccountAnswer) },
        'forbidden',
      ),
    },
    async () => ({ items: (await store.listAccounts()).map(toAccountAnswer), next: null }),
  );
}

function makeAccount(api: Api, deps: AccountApiDeps): void {
  api.post(
    '/accounts',
    {
      ...needsFirstAccount('owner'),
      schema: describe(
        'Make an account with its first key, whose secret is shown once',
        'account',
        { body: AccountBody },
        { 201: NewAccountAnswer },
        'forbidden',
        'conflict',
        'limit_reached',
      ),
    },
    async (request, reply) => {
      const { actor } = callerOf(request);
      const { account, key } = await openAccount(deps, request.body, actor);
      return reply
        .code(201)
        .send({ account: toAccountAnswer(account), key: { ...toKeyAnswer(key), secret: key.secret } });
    },
  );
}

function listNotices(api: Api, { store }: AccountApiDeps): void {
  api.get(
    '/notices',
    {
      ...needs('viewer'),
      schema: describe(
        'List operator notices, newest first',
        'journal',
        { querystring: NoticeQuery },
        { 200: pageOf(NoticeAnswer) },
      ),
    },
    async (request) => {
      const { accountId } = callerOf(request);
      const { standing = false, limit = 50 } = request.query;
      if (standing)
        return {
          items: (await store.listStandingOf(accountId, limit)).map((notice) =>
            toNoticeAnswer(notice, notice.since),
          ),
          next: null,
        };
      const filter = { ...toKinds(request.query), ...toPeriod(request.query) };
      const { items, next } = await store.listNotices(accountId, toPageRequest(request.query), filter);
      return { items: items.map((notice) => toNoticeAnswer(notice)), next };
    },
  );
}

function listChanges(api: Api, { store }: AccountApiDeps): void {
  api.get(
    '/changes',
    {
      ...needs('viewer'),
      schema: describe(
        'List who changed what, newest first',
        'journal',
        { querystring: ChangeQuery },
        { 200: pageOf(ChangeAnswer) },
      ),
    },
    async (request) => {
      const { accountId } = callerOf(request);
      const { actor, action, subject } = request.query;
      const filter = {
        ...(actor !== undefined && { actor }),
        ...(action !== undefined && { action }),
        ...(subject !== undefined && { subject }),
        ...toPeriod(request.query),
      };
      const { items, next } = await store.listChanges(accountId, toPageRequest(request.query), filter);
      return { items: items.map(toChangeAnswer), next };
    },
  );
}

/** The kinds that are wanted; nothing where all are. */
function toKinds({ code, severity }: { code?: NoticeCode; severity?: Severity }): { codes?: NoticeCode[] } {
  if (code === undefined && severity === undefined) return {};
  const least = severity === undefined ? 0 : severities.indexOf(severity);
  const isWanted = (one: NoticeCode): boolean => {
    const { code: kind } = toNoticeKind({ code: one, isOver: false });
    return (
      (code === undefined || one === code || kind === code) &&
      severities.indexOf(noticeSeverities[kind]) >= least
    );
  };
  return { codes: noticeCodes.filter(isWanted) };
}

function toNoticeAnswer(notice: Notice, since?: number): Static<typeof NoticeAnswer> {
  const { id, at, code, isOver, subject, text, params, findings } = notice;
  const severity = noticeSeverities[toNoticeKind(notice).code];
  return {
    id: String(id),
    at: toTime(at),
    code,
    severity,
    scope: notice.accountId === null ? 'service' : 'account',
    since: since === undefined ? null : toTime(since),
    isOver,
    subject,
    text,
    params,
    findings: [...findings],
  };
}

function toChangeAnswer({ id, at, actor, action, subject, detail }: Change): Static<typeof ChangeAnswer> {
  return { id: String(id), at: toTime(at), actor, action, subject, detail };
}

/** An account as answered. */
export function toAccountAnswer({ id, name, first, createdAt }: Account): Static<typeof AccountAnswer> {
  return { id: String(id), name, first, createdAt: toTime(createdAt) };
}
