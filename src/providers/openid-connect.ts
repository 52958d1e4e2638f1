// A company's provider of identities, spoken to as OpenID Connect Core 1.0 says: authorization code with PKCE (read 2026-11-30).
import type { ClientAuth, Configuration, CustomFetchOptions } from 'openid-client';
import { SignInError } from '../domain/errors.ts';
import { findClaim } from '../domain/identity-provider.ts';
import type { Arrival, PersonClaims, IdentityProvider, PendingSignIn } from '../domain/identity-provider.ts';
import { isFailure } from '../http/client.ts';
import type { Client } from '../http/client.ts';
import type { Time } from '../runtime/clock.ts';

/** A library of some size, for those alone who have named a provider. */
const load = () => import('openid-client');
type Library = Awaited<ReturnType<typeof load>>;

/** One call of the provider, look-up and connection included; a sign-in takes four at most. */
const callMs = 5_000;
/** Documents of large providers, their keys included, are of some 20 KB. */
const maxAnswerBytes = 256 * 1024;
/** What the provider says of itself is asked for anew after so long, and after a failure. */
const knownMs = 60 * 60 * 1000;
const failedMs = 5_000;
/** How far its clock may be from ours. */
const toleranceSeconds = 60;
/** OpenID Connect Core 1.0, section 2. */
const maxSubject = 255;

interface ProviderDeps extends Time {
  readonly client: Pick<Client, 'request'>;
  /** What the provider calls itself: an address to the letter. */
  readonly issuer: string;
  readonly clientId: string;
  /** Null of a client that is known by PKCE alone. */
  readonly clientSecret: string | null;
  /** Separated by spaces. */
  readonly scopes: string;
}

/** What is known of the provider, or a failure to learn it, and since when. */
interface Learnt {
  readonly config: Promise<Configuration>;
  readonly at: number;
  hasFailed: boolean;
}

/** A provider whose document is read when somebody signs in, once for all who do so within the hour. */
export class OpenIdConnect implements IdentityProvider {
  readonly #deps: ProviderDeps;
  #learnt: Learnt | undefined;

  constructor(deps: ProviderDeps) {
    this.#deps = deps;
  }

  async begin(returnUrl: string): Promise<{ url: string; pending: PendingSignIn }> {
    const library = await load();
    const config = await this.#find(library);
    const pending = {
      state: library.randomState(),
      nonce: library.randomNonce(),
      verifier: library.randomPKCECodeVerifier(),
    };
    const asked = {
      redirect_uri: returnUrl,
      scope: this.#deps.scopes,
      state: pending.state,
      nonce: pending.nonce,
      code_challenge: await library.calculatePKCECodeChallenge(pending.verifier),
      code_challenge_method: 'S256',
    };
    try {
      return { url: library.buildAuthorizationUrl(config, asked).href, pending };
    } catch (error) {
      // A document may name no address to go to.
      throw toRefusal(library, error);
    }
  }

  async finish(answered: URL, pending: PendingSignIn, wanted: readonly string[]): Promise<Arrival> {
    const library = await load();
    const config = await this.#find(library);
    try {
      const tokens = await library.authorizationCodeGrant(config, answered, {
        pkceCodeVerifier: pending.verifier,
        expectedState: pending.state,
        expectedNonce: pending.nonce,
        idTokenExpected: true,
      });
      const told: PersonClaims = tokens.claims() ?? {};
      this.#checkParty(told);
      const subject = String(told['sub']);
      if (subject === '' || subject.length > maxSubject || !subject.isWellFormed() || /\p{Cc}/u.test(subject))
        throw new SignInError('sign_in_untrusted', 'subject');
      const isWhole = wanted.every((name) => findClaim(told, name) !== undefined);
      const hasMore = config.serverMetadata().userinfo_endpoint !== undefined;
      const more =
        isWhole || !hasMore ? {} : await library.fetchUserInfo(config, tokens.access_token, subject);
      return { identity: { issuer: String(told['iss']), subject }, claims: { ...more, ...told } };
    } catch (error) {
      const refusal = toRefusal(library, error);
      // The keys may have been changed; the library asks for them again only after a minute.
      if (refusal.reason === 'OAUTH_KEY_SELECTION_FAILED') this.#learnt = undefined;
      throw refusal;
    }
  }

  /** The library asks for whom a token is only of one for several, and never whether it is of a time to come. */
  #checkParty({ azp, iat }: PersonClaims): void {
    if (azp !== undefined && azp !== this.#deps.clientId) throw new SignInError('sign_in_untrusted', 'azp');
    if (Number(iat) > this.#deps.now() / 1000 + toleranceSeconds)
      throw new SignInError('sign_in_untrusted', 'iat');
  }

  /** Throws a {@link SignInError}. */
  #find(library: Library): Promise<Configuration> {
    const { monotonic } = this.#deps;
    const known = this.#learnt;
    if (known !== undefined && monotonic() - known.at < (known.hasFailed ? failedMs : knownMs))
      return known.config;
    const learnt: Learnt = { config: this.#discover(library), at: monotonic(), hasFailed: false };
    learnt.config.catch(() => (learnt.hasFailed = true));
    this.#learnt = learnt;
    return learnt.config;
  }

  async #discover(library: Library): Promise<Configuration> {
    const { client, issuer, clientId, clientSecret } = this.#deps;
    const server = new URL(issuer);
    const metadata = { [library.clockTolerance]: toleranceSeconds };
    const auth = clientSecret === null ? library.None() : toAuth(library, clientSecret);
    try {
      const config = await library.discovery(server, clientId, metadata, auth, {
        timeout: callMs / 1000,
        [library.customFetch]: (url, options) => send(client, url, options),
        execute: [
          // Without it what comes over TLS from the provider itself counts as signed.
          library.enableNonRepudiationChecks,
          ...(server.protocol === 'http:' ? [library.allowInsecureRequests] : []),
        ],
      });
      // The library lets Entra ID's document for all tenants pass, whose issuer is none of them.
      if (new URL(config.serverMetadata().issuer).href !== server.href)
        throw new SignInError('sign_in_untrusted', 'issuer');
      return config;
    } catch (error) {
      throw toRefusal(library, error);
    }
  }
}

/** The ways of RFC 6749, 2.3.1, of which the one in the head is meant where a provider names none. */
function toAuth(library: Library, secret: string): ClientAuth {
  const [basic, post] = [library.ClientSecretBasic(secret), library.ClientSecretPost(secret)];
  return (server, ...rest) => {
    const known = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
    const auth = known.includes('client_secret_basic') ? basic : post;
    return auth(server, ...rest);
  };
}

/** One call by our own client, past the egress guard; an answer is whole or none. */
async function send(
  client: ProviderDeps['client'],
  url: string,
  { method, headers, body }: CustomFetchOptions,
): Promise<Response> {
  const answer = await client.request(url, {
    method: method === 'POST' ? 'POST' : 'GET',
    headers,
    ...(body == null ? {} : { body: toText(body) }),
    timeoutMs: callMs,
    maxBytes: maxAnswerBytes,
  });
  if (isFailure(answer)) throw new SignInError('sign_in_unavailable', `${answer.outcome}: ${answer.reason}`);
  if (answer.status >= 500) throw new SignInError('sign_in_unavailable', `status ${answer.status}`);
  if (answer.unread !== undefined) throw new SignInError('sign_in_untrusted', answer.unread);
  const told = new Headers();
  for (const [name, value] of Object.entries(answer.headers))
    for (const one of [value ?? []].flat()) told.append(name, one);
  const isBare = answer.status === 204 || answer.status === 304;
  return new Response(isBare ? null : Buffer.from(answer.body), { status: answer.status, headers: told });
}

function toText(body: NonNullable<CustomFetchOptions['body']>): string {
  if (typeof body === 'string' || body instanceof URLSearchParams) return body.toString();
  throw new TypeError('A call of the provider has a form or a text as its body.');
}

/** Codes by which a provider says that it is not well (RFC 6749, 4.1.2.1). */
const unwell: readonly string[] = ['server_error', 'temporarily_unavailable'];

/** Why somebody is not let in, from what the library, or our own client below it, threw; that itself may hold tokens, and is let go. */
function toRefusal(library: Library, error: unknown): SignInError {
  const own = findOwn(error);
  if (own !== undefined) return own;
  if (error instanceof library.AuthorizationResponseError) {
    const reason = toWord(error.error);
    return new SignInError(unwell.includes(reason) ? 'sign_in_unavailable' : 'sign_in_denied', reason);
  }
  if (error instanceof library.ResponseBodyError)
    return new SignInError('sign_in_untrusted', toWord(error.error));
  const code = error instanceof Error && 'code' in error ? toWord(String(error.code)) : 'unknown';
  return new SignInError(code === 'OAUTH_TIMEOUT' ? 'sign_in_unavailable' : 'sign_in_untrusted', code);
}

function findOwn(error: unknown): SignInError | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1)
    if (at instanceof SignInError) return at;
  return undefined;
}

/** A code as it may be logged: what is none may be anything. */
function toWord(code: string): string {
  return /^[A-Za-z_]{1,64}$/.test(code) ? code : 'unknown';
}
