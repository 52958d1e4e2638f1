// Links for people outside: signed tokens (JWT, RFC 7519) that open senders of an account for a while.
import { hkdfSync, randomUUID } from 'node:crypto';
import { jwtVerify, SignJWT } from 'jose';
import { toAccountId } from '../../domain/account.ts';
import type { AccountId, Principal } from '../../domain/account.ts';
import { FaultError, notFound } from '../../domain/errors.ts';
import type { PortalAccess, PortalLink, PortalScope, PortalSender } from '../../domain/portal-link.ts';
import type { Store } from '../../store/store.ts';

/** Links of an account that are kept, those that are over for less than thirty days among them. */
const maxLinks = 1000;
const keptMs = 30 * 24 * 60 * 60 * 1000;

const issuer = 'chasqui';
/** For the portal alone: no other token of ours is good there, nor one of these anywhere else. */
const audience = 'chasqui-portal';
const tokenType = 'chasqui-portal+jwt';

interface TokenDeps {
  readonly masterKey: Buffer;
  readonly now: () => number;
}

/** The link that a token is of. */
interface NamedLink {
  readonly accountId: AccountId;
  readonly linkId: string;
}

export interface PortalTokens {
  readonly sign: (link: Pick<PortalLink, 'accountId' | 'id' | 'createdAt' | 'expiresAt'>) => Promise<string>;
  /** The link that a token is of; undefined for one that is not ours, or over. What the link opens, and whether it was revoked, its row says. */
  readonly read: (token: string) => Promise<NamedLink | undefined>;
}

/** Signs with a key made from the master key, so that every node knows them and another master key ends all. */
export function createPortalTokens({ masterKey, now }: TokenDeps): PortalTokens {
  const key = new Uint8Array(hkdfSync('sha256', masterKey, '', 'chasqui portal links v1', 32));
  return {
    sign: ({ accountId, id, createdAt, expiresAt }) =>
      new SignJWT()
        .setProtectedHeader({ alg: 'HS256', typ: tokenType })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject(String(accountId))
        .setJti(id)
        .setIssuedAt(Math.floor(createdAt / 1000))
        .setExpirationTime(Math.floor(expiresAt / 1000))
        .sign(key),
    read: async (token) => {
      try {
        const { payload } = await jwtVerify(token, key, {
          ...{ issuer, audience, algorithms: ['HS256'], typ: tokenType },
          ...{ requiredClaims: ['exp', 'sub', 'jti'], currentDate: new Date(now()), clockTolerance: 0 },
        });
        const accountId = toAccountId(payload.sub ?? '');
        return accountId === undefined ? undefined : { accountId, linkId: payload.jti ?? '' };
      } catch {
        // Not ours, broken, for something else, or over: all the same to whoever shows it.
        return undefined;
      }
    },
  };
}

/** What a link opens now; undefined for one that there is not, that is over, or was revoked. */
export function findPortalScope(link: PortalLink | undefined, now: number): PortalScope | undefined {
  if (link === undefined || link.revokedAt !== null || link.expiresAt <= now) return undefined;
  const { accountId, id: linkId, access, senders } = link;
  return { accountId, linkId, access, senders };
}

interface LinkDeps {
  readonly store: Pick<Store, 'createPortalLink'>;
  readonly portalTokens: PortalTokens;
  readonly now: () => number;
}

/** Somebody who is to have a link. */
interface GivenLink {
  readonly name: string;
  readonly colour: string | null;
  readonly access: PortalAccess;
  /** Of the account, as its channels have them; null for all. */
  readonly senders: readonly PortalSender[] | null;
  readonly lifeMs: number;
}

/** Makes a link to senders of the account, with its token, which is told this once. Throws `limit_reached`. */
export async function makePortalLink(
  { store, portalTokens, now }: LinkDeps,
  { accountId, actor }: Principal,
  { lifeMs, ...given }: GivenLink,
): Promise<{ readonly link: PortalLink; readonly token: string }> {
  const createdAt = now();
  // A token tells seconds; the link ends when its token does.
  const expiresAt = Math.floor((createdAt + lifeMs) / 1000) * 1000;
  const link = { ...given, accountId, id: randomUUID(), createdAt, expiresAt };
  const bounds = { atMost: maxLinks, forgetBefore: createdAt - keptMs };
  if ((await store.createPortalLink(link, bounds, actor)) === 'full')
    throw new FaultError('limit_reached', 'portal_links_full', { limit: maxLinks });
  const made = { ...link, createdBy: `${actor.kind}/${actor.id}`, revokedAt: null, usedAt: null };
  return { link: made, token: await portalTokens.sign(made) };
}

/** Ends a link at once, on all nodes within seconds. Throws `not_found`. */
export async function revokePortalLink(
  { store }: { readonly store: Pick<Store, 'revokePortalLink'> },
  { accountId, actor }: Principal,
  linkId: string,
): Promise<void> {
  if (!(await store.revokePortalLink(accountId, linkId, actor))) throw notFound('portal link');
}
