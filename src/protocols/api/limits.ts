// What an account may use, what was set for it, and how much of it is in use.
import { Type } from '@fastify/type-provider-typebox';
import type { FastifyReply } from 'fastify';
import type { Static } from '@fastify/type-provider-typebox';
import { toAccountId } from '../../domain/account.ts';
import type { Account, AccountId } from '../../domain/account.ts';
import { notFound } from '../../domain/errors.ts';
import { versionOfLimits } from '../../domain/version.ts';
import { needs, needsFirstAccount } from './access.ts';
import { callerOf } from './auth.ts';
import type { ApiDeps } from './deps.ts';
import { describe } from './route.ts';
import type { Api } from './route.ts';
import { DigitsId } from './schemas.ts';
import { changeHeaders, readExpected, tell } from './versions.ts';
import { AccountLimitsAnswer, LimitChangesBody } from './schemas-users.ts';

/** What these routes work with. */
type LimitApiDeps = ApiDeps<'findAccount' | 'setAccountLimits'>;

const ofAccount = { params: Type.Object({ accountId: DigitsId }) };

/** Limits of accounts: their own for everybody, those of others for the account of the first start, which alone sets any. */
export function limitApi(api: Api, deps: LimitApiDeps): void {
  readOwnLimits(api, deps);
  readLimits(api, deps);
  setLimits(api, deps);
}

function readOwnLimits(api: Api, deps: LimitApiDeps): void {
  api.get(
    '/limits',
    {
      ...needs('viewer', 'send', 'receive'),
      schema: describe(
        'What the account of the caller may use, and how much of it is in use',
        'account',
        {},
        { 200: AccountLimitsAnswer },
      ),
    },
    async (request) => toLimits(deps, await findAccount(deps, callerOf(request).accountId)),
  );
}

function readLimits(api: Api, deps: LimitApiDeps): void {
  api.get(
    '/accounts/:accountId/limits',
    {
      ...needsFirstAccount('owner'),
      schema: describe(
        'What an account may use, and how much of it is in use',
        'account',
        ofAccount,
        { 200: AccountLimitsAnswer },
        'not_found',
      ),
    },
    async (request, reply) => answerLimits(deps, reply, toAccountId(request.params.accountId)),
  );
}

function setLimits(api: Api, deps: LimitApiDeps): void {
  api.patch(
    '/accounts/:accountId/limits',
    {
      ...needsFirstAccount('owner'),
      schema: describe(
        'Set what an account may use; what is left out stays',
        'account',
        { ...ofAccount, body: LimitChangesBody, headers: changeHeaders },
        { 200: AccountLimitsAnswer },
        'not_found',
        'changed_meanwhile',
      ),
    },
    async (request, reply) => {
      const accountId = toAccountId(request.params.accountId);
      const expected = readExpected(request);
      const isThere =
        accountId !== undefined &&
        (await deps.store.setAccountLimits(accountId, request.body, callerOf(request).actor, expected));
      if (!isThere) throw notFound('account');
      return answerLimits(deps, reply, accountId);
    },
  );
}

/** Answers what an account may use, with the version of what was set. Throws `not_found`. */
async function answerLimits(
  deps: LimitApiDeps,
  reply: FastifyReply,
  accountId: AccountId | undefined,
): Promise<Static<typeof AccountLimitsAnswer>> {
  const account = await findAccount(deps, accountId);
  tell(reply, versionOfLimits(account));
  return toLimits(deps, account);
}

/** Finds an account. Throws `not_found`. */
async function findAccount({ store }: LimitApiDeps, accountId: AccountId | undefined): Promise<Account> {
  const account = accountId === undefined ? undefined : await store.findAccount(accountId);
  if (account === undefined) throw notFound('account');
  return account;
}

/** What is in force, what was set, and what is in use. */
async function toLimits(
  { rates, messageQuota, fileQuota }: LimitApiDeps,
  account: Account,
): Promise<Static<typeof AccountLimitsAnswer>> {
  const show = (name: keyof Account['limits'], bound: number | undefined, used: number | null) => ({
    limit: bound ?? null,
    set: account.limits[name] ?? null,
    used,
  });
  const of = { accountLimits: account.limits };
  const perSecond = rates.boundOf(of);
  const [messages, bytes] = await Promise.all([messageQuota.count(account.id), fileQuota.count(account.id)]);
  return {
    requestsPerSecond: show(
      'requestsPerSecond',
      perSecond,
      perSecond === undefined ? null : (rates.used(account.id) ?? 0),
    ),
    queuedMessages: show('queuedMessages', messageQuota.boundOf(of), messages),
    storedBytes: show('storedBytes', fileQuota.boundOf(of), bytes),
  };
}
