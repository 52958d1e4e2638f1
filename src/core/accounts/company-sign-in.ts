// Signing in by the company's provider of identities: who is let in, as which user, and with which role.
import { createHash, randomUUID } from 'node:crypto';
import { system } from '../../domain/account.ts';
import type { AccountId, Actor } from '../../domain/account.ts';
import { isEqual } from '../../domain/equality.ts';
import { FaultError, GatewayError, SignInError } from '../../domain/errors.ts';
import { findClaim } from '../../domain/identity-provider.ts';
import type {
  Arrival,
  PersonClaims,
  IdentityProvider,
  PendingSignIn,
} from '../../domain/identity-provider.ts';
import { Shares, toQuarter } from '../../domain/shares.ts';
import { toUserName, userRoles } from '../../domain/user.ts';
import type { ProviderIdentity, User, UserRole } from '../../domain/user.ts';
import type { Seal } from '../../store/seal.ts';
import type { Store } from '../../store/store.ts';
import { maxUsers } from './users.ts';

/** How long somebody may take at the provider. */
export const pendingMs = 10 * 60 * 1000;
/** Answers of the provider that are looked into at once; one visitor has a quarter. */
const maxLookedInto = 32;

/** What the operator has decided of it. */
interface CompanyRules {
  /** The account whose console it is; the first where none is named. */
  readonly accountId: AccountId | null;
  readonly roleClaim: string;
  readonly nameClaim: string;
  /** The values of the claim that give each role. A value that stands nowhere gives none. */
  readonly values: Readonly<Record<UserRole, readonly string[]>>;
}

interface CompanyDeps {
  readonly store: Pick<
    Store,
    | 'listAccounts'
    | 'listUsers'
    | 'findUserByIdentity'
    | 'createUser'
    | 'giveRole'
    | 'endSessions'
    | 'recordChange'
  >;
  readonly provider: IdentityProvider;
  /** Of its own purpose, so that nothing else that was sealed is taken for a pending sign-in. */
  readonly seal: Seal;
  readonly now: () => number;
  readonly rules: CompanyRules;
  /** Where the provider sends browsers back to. */
  readonly returnUrl: () => string;
}

/** A sign-in as the browser keeps it, sealed, so that no node has to. */
interface SealedSignIn extends PendingSignIn {
  readonly endsAt: number;
  readonly keeps: boolean;
}

/** Signs people of one account in by one provider. Keeps nothing of those who have begun, so it costs nothing to begin. */
export class CompanySignIn {
  readonly #deps: CompanyDeps;
  readonly #visitors = new Shares<string>({ total: maxLookedInto, each: toQuarter(maxLookedInto) });

  constructor(deps: CompanyDeps) {
    this.#deps = deps;
  }

  /**
   * Where the browser has to go, and what it has to keep, and nobody else may read. `keeps`: the session of another account that it uses
   * goes on beside the one that comes of this. Throws a {@link SignInError}.
   */
  async begin(keeps: boolean): Promise<{ readonly url: string; readonly kept: string }> {
    const { provider, seal, now, returnUrl } = this.#deps;
    const { url, pending } = await provider.begin(returnUrl());
    const kept: SealedSignIn = { ...pending, endsAt: now() + pendingMs, keeps };
    return { url, kept: seal.seal(JSON.stringify(kept)).toString('base64url') };
  }

  /**
   * The user who comes back with what the provider said (`search`, the query of the address) to the browser that kept `kept`. He is made
   * at his first sign-in, and his role is what the provider says now. `keeps` is as it was begun. Throws a {@link SignInError}, `too_many`,
   * `limit_reached`.
   */
  async finish(
    search: string,
    kept: string | undefined,
    visitor: string,
  ): Promise<{ readonly user: User; readonly keeps: boolean }> {
    const { provider, rules, returnUrl } = this.#deps;
    const pending = this.#open(kept);
    const answered = new URL(returnUrl());
    answered.search = search;
    const states = answered.searchParams.getAll('state');
    if (states.length !== 1 || !isEqual(states[0] ?? '', pending.state))
      throw new SignInError('sign_in_over', 'state');
    if (this.#visitors.room(visitor) === 0) throw new GatewayError('too_many');
    const leave = this.#visitors.take(visitor);
    try {
      const arrival = await provider.finish(answered, pending, [rules.roleClaim, rules.nameClaim]);
      return { user: await this.#admit(arrival), keeps: pending.keeps };
    } finally {
      leave();
    }
  }

  #open(kept: string | undefined): SealedSignIn {
    if (kept === undefined) throw new SignInError('sign_in_over', 'not begun here');
    const pending = openSealed(this.#deps.seal, kept);
    if (pending === undefined) throw new SignInError('sign_in_over', 'not sealed here');
    if (pending.endsAt <= this.#deps.now()) throw new SignInError('sign_in_over', 'time');
    return pending;
  }

  async #admit({ identity, claims }: Arrival): Promise<User> {
    const { store, rules } = this.#deps;
    const accountId = await this.#findAccountId();
    const role = toRole(findClaim(claims, rules.roleClaim), rules.values);
    const user = await store.findUserByIdentity(accountId, identity);
    if (user === undefined) {
      if (role === null) throw new SignInError('sign_in_no_role', 'role');
      return this.#make(accountId, identity, claims, role);
    }
    const actor: Actor = { kind: 'user', id: user.name };
    if (role === null || user.state !== 'active') {
      // Who has no role any more keeps none of what he had.
      if (role === null) await store.endSessions(accountId, { userId: user.id, keyId: null }, null, actor);
      await store.recordChange(accountId, actor, 'session.refused', `user/${user.name}`, {});
      throw role === null
        ? new SignInError('sign_in_no_role', 'role')
        : new SignInError('sign_in_disabled', 'state');
    }
    if (role === user.role) return user;
    if (!(await store.giveRole(accountId, user.id, role, system)))
      throw new SignInError('sign_in_over', 'user gone');
    return { ...user, role };
  }

  async #findAccountId(): Promise<AccountId> {
    const wanted = this.#deps.rules.accountId;
    const accounts = await this.#deps.store.listAccounts();
    const found = accounts.find(({ id, first }) => (wanted === null ? first : id === wanted));
    if (found === undefined) throw new SignInError('sign_in_no_role', 'account');
    return found.id;
  }

  async #make(
    accountId: AccountId,
    identity: ProviderIdentity,
    claims: PersonClaims,
    role: UserRole,
  ): Promise<User> {
    const { store, rules } = this.#deps;
    if ((await store.listUsers(accountId)).length >= maxUsers)
      throw new FaultError('limit_reached', 'users_full', { limit: maxUsers });
    for (const name of toNames(findClaim(claims, rules.nameClaim), identity)) {
      const user = { id: randomUUID(), name, role, password: '', identity };
      await store.createUser(accountId, user, system);
      // Also where the same person has come in by another way at the same time.
      const made = await store.findUserByIdentity(accountId, identity);
      if (made !== undefined) return made;
    }
    throw new GatewayError('conflict', 'There are users of every name that he could have.');
  }
}

/** Undefined for what was not sealed here. */
function openSealed(seal: Seal, kept: string): SealedSignIn | undefined {
  try {
    // What the seal opens was sealed by `begin`.
    return JSON.parse(seal.open(Buffer.from(kept, 'base64url'))) as SealedSignIn;
  } catch (error) {
    if (error instanceof GatewayError && error.code === 'wrong_master_key') return undefined;
    throw error;
  }
}

/** The highest role that a claim, a text or a list of them, gives; null where it gives none. */
function toRole(claim: unknown, values: CompanyRules['values']): UserRole | null {
  const told = [claim].flat().filter((value) => typeof value === 'string');
  return userRoles.findLast((role) => told.some((value) => values[role].includes(value))) ?? null;
}

/** What somebody may be called, the best first: names are unique, and one that is taken is another person's, whatever it says. */
function toNames(claim: unknown, { issuer, subject }: ProviderIdentity): readonly string[] {
  const digest = createHash('sha256').update(`${issuer}\n${subject}`).digest('hex');
  const name = typeof claim === 'string' ? toUserName(claim) : undefined;
  const own = name === undefined ? [] : [name, `${[...name].slice(0, 90).join('')}.${digest.slice(0, 8)}`];
  return [...own, `person.${digest.slice(0, 16)}`];
}
