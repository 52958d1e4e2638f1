// What an account may use, what was set for it, and how much of it is in use.
import { Type } from '@fastify/type-provider-typebox';
import type { Static } from '@fastify/type-provider-typebox';
import { toAccountId } from '../../domain/account.ts';
import type { Account, AccountId } from '../../domain/account.ts';
import { notFound } from '../../domain/errors.ts';
import { needs, needsFirstAccount } from './access.ts';
import { callerOf } from './auth.ts';
import type { ApiDeps } from './deps.ts';
import { describe } from './route.ts';
import type { Api } from './route.ts';
import { DigitsId } from './schemas.ts';
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
    async (request) => tellLimits(deps, callerOf(request).accountId),
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
    async (request) => tellLimits(deps, toAccountId(request.params.accountId)),
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
        { ...ofAccount, body: LimitChangesBody },
        { 200: AccountLimitsAnswer },
        'not_found',
      ),
    },
    async (request) => {
      const accountId = toAccountId(request.params.accountId);
      const isThere =
        accountId !== undefined &&
        (await deps.store.setAccountLimits(accountId, request.body, callerOf(request).actor));
      if (!isThere) throw notFound('account');
      return tellLimits(deps, accountId);
    },
  );
}

/** What is in force, what was set, and what is in use. Throws `not_found`. */
async function tellLimits(
  { store, rates, messageQuota, fileQuota }: LimitApiDeps,
  accountId: AccountId | undefined,
): Promise<Static<typeof AccountLimitsAnswer>> {
  const account = accountId === undefined ? undefined : await store.findAccount(accountId);
  if (account === undefined) throw notFound('account');
  const tell = (name: keyof Account['limits'], bound: number | undefined, used: number | null) => ({
    limit: bound ?? null,
    set: account.limits[name] ?? null,
    used,
  });
  const of = { accountLimits: account.limits };
  const perSecond = rates.boundOf(of);
  const [messages, bytes] = await Promise.all([messageQuota.count(account.id), fileQuota.count(account.id)]);
  return {
    requestsPerSecond: tell(
      'requestsPerSecond',
      perSecond,
      perSecond === undefined ? null : (rates.used(account.id) ?? 0),
    ),
    queuedMessages: tell('queuedMessages', messageQuota.boundOf(of), messages),
    storedBytes: tell('storedBytes', fileQuota.boundOf(of), bytes),
  };
}
