// What is asked of a company's provider of identities, and what it says of a person.
import type { ProviderIdentity } from './user.ts';

/** What is said of a person, by the names that the provider has for it. */
export type PersonClaims = Readonly<Record<string, unknown>>;

/** What the browser that began a sign-in keeps of it until it comes back. Secret of everybody else. */
export interface PendingSignIn {
  readonly state: string;
  readonly nonce: string;
  /** Of PKCE (RFC 7636). */
  readonly verifier: string;
}

/** Somebody whom the provider has let in. */
export interface Arrival {
  readonly identity: ProviderIdentity;
  readonly claims: PersonClaims;
}

export interface IdentityProvider {
  /** Draws what a new sign-in is known by, and says where the browser has to go for it. Throws a {@link SignInError}. */
  begin(returnUrl: string): Promise<{ readonly url: string; readonly pending: PendingSignIn }>;
  /**
   * Who it is that came back, by the address that the provider sent the browser to: the answer is of this sign-in, and what it says is signed
   * by the provider, for us, now. The claims in `wanted` are asked for once more where they are not told at once. Throws a
   * {@link SignInError}.
   */
  finish(answered: URL, pending: PendingSignIn, wanted: readonly string[]): Promise<Arrival>;
}

/**
 * The claim of a name; undefined when there is none. A name that no claim has is read as a path, as in `realm_access.roles`: names of
 * claims may hold dots themselves.
 */
export function findClaim(claims: PersonClaims, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name];
  let found: unknown = claims;
  for (const part of name.split('.')) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, part)) return undefined;
    found = (found as PersonClaims)[part];
  }
  return found;
}
