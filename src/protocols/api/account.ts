import type { Static } from '@fastify/type-provider-typebox';
import type { Account } from '../../domain/account.ts';
import { notFound } from '../../domain/errors.ts';
import type { ApiDeps } from './deps.ts';
import { needs, needsFirstAccount } from './access.ts';
import { callerOf } from './auth.ts';
import { openAccount } from '../../core/accounts/accounts.ts';
import { toKeyAnswer } from './keys.ts';
import { noticeSeverities, toNoticeKind } from '../../domain/notice.ts';
import type { Change, Notice } from '../../domain/notice.ts';
import { toTime } from '../../domain/time.ts';
import { describe, toPageRequest } from './route.ts';
import type { Api } from './route.ts';
import { ChangeAnswer, NoticeAnswer } from './schemas-journal.ts';
import { listQuery, pageOf } from './schemas.ts';
import { AccountAnswer, AccountBody, NewAccountAnswer } from './schemas-users.ts';

/** What these routes work with. */
type AccountApiDeps = ApiDeps<'createAccount' | 'listAccounts' | 'listChanges' | 'listNotices'>;

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
        { querystring: listQuery({}) },
        { 200: pageOf(NoticeAnswer) },
      ),
    },
    async (request) => {
      const { accountId } = callerOf(request);
      const { items, next } = await store.listNotices(accountId, toPageRequest(request.query));
      return { items: items.map(toNoticeAnswer), next };
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
        { querystring: listQuery({}) },
        { 200: pageOf(ChangeAnswer) },
      ),
    },
    async (request) => {
      const { accountId } = callerOf(request);
      const { items, next } = await store.listChanges(accountId, toPageRequest(request.query));
      return { items: items.map(toChangeAnswer), next };
    },
  );
}

function toNoticeAnswer(notice: Notice): Static<typeof NoticeAnswer> {
  const { id, at, code, isOver, subject, text, params, findings } = notice;
  const severity = noticeSeverities[toNoticeKind(notice).code];
  return {
    id: String(id),
    at: toTime(at),
    code,
    severity,
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
