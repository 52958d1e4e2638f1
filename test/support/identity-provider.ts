// A real OpenID Connect provider on this machine, the people whom it knows, and a browser without a screen that signs in at it.
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import type { JsonWebKey, KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { RequestListener, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider } from 'oidc-provider';
import { request } from 'undici';

export const clientId = 'chasqui';
export const clientSecret = 'test-secret-of-the-client-which-is-long';

/** What a person is said to be, beside the subject. */
type Person = Readonly<Record<string, unknown>>;

interface IdentityProviderOptions {
  /** Whether claims of scopes are told by the user info alone, as the specification has it. */
  readonly isThin?: boolean;
}

export interface TestIdentityProvider {
  readonly issuer: string;
  /** By the name that they sign in with, which is their subject. */
  readonly people: Map<string, Person>;
  /** How often each of its addresses was asked for. */
  readonly asked: Map<string, number>;
  /** The service that people come back to. */
  serve(serviceUrls: readonly string[]): void;
  /** Forgets all that it knows, its keys too. */
  renewKeys(): void;
  /** Changes the JSON that it answers at an address from now on; null for as it is. */
  mend(path: string, change: ((answer: Record<string, unknown>) => unknown) | null): void;
  /** Answers 500 at each address while true. */
  isDown: boolean;
  close(): Promise<void>;
}

/** Scopes and claims are `openid`, `profile` (`preferred_username`) and `roles` (`roles`). */
export async function openIdentityProvider({
  isThin = false,
}: IdentityProviderOptions = {}): Promise<TestIdentityProvider> {
  const people = new Map<string, Person>();
  const asked = new Map<string, number>();
  const mended = new Map<string, (answer: Record<string, unknown>) => unknown>();
  let handle: RequestListener = (_request, response) => void response.writeHead(503).end();
  let urls: readonly string[] = [];
  const server = createServer((incoming, response) => {
    const path = new URL(incoming.url ?? '/', 'http://provider').pathname;
    asked.set(path, (asked.get(path) ?? 0) + 1);
    if (provider.isDown) return void response.writeHead(500).end();
    const change = mended.get(path);
    if (change !== undefined) changeAnswer(response, change);
    handle(incoming, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const open = (): void => {
    handle = openProvider({ issuer, people, isThin, urls }).callback();
  };
  const provider: TestIdentityProvider = {
    issuer,
    people,
    asked,
    isDown: false,
    serve: (serviceUrls) => {
      urls = serviceUrls;
      open();
    },
    renewKeys: open,
    mend: (path, change) => void (change === null ? mended.delete(path) : mended.set(path, change)),
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
  return provider;
}

function openProvider({
  issuer,
  people,
  isThin,
  urls,
}: {
  readonly issuer: string;
  readonly people: TestIdentityProvider['people'];
  readonly isThin: boolean;
  readonly urls: readonly string[];
}): Provider {
  const redirects = urls.map((url) => `${url}/api/v1/session/company/return`);
  return new Provider(issuer, {
    clients: [
      { client_id: clientId, client_secret: clientSecret, redirect_uris: redirects },
      { client_id: 'other', client_secret: clientSecret, redirect_uris: redirects },
    ],
    jwks: { keys: [makeKey().jwk] },
    cookies: { keys: [randomUUID()] },
    scopes: ['openid', 'profile', 'roles'],
    claims: { openid: ['sub'], profile: ['preferred_username'], roles: ['roles'] },
    conformIdTokenClaims: isThin,
    ttl: {
      AccessToken: 600,
      AuthorizationCode: 60,
      IdToken: 600,
      Grant: 600,
      Interaction: 600,
      Session: 600,
    },
    pkce: { required: () => true },
    findAccount: (_context: unknown, sub: string) => ({
      accountId: sub,
      claims: async () => ({ sub, ...people.get(sub) }),
    }),
    // Nobody is asked whether this service may know who he is.
    loadExistingGrant: async (context: {
      oidc: { provider: Provider; session: { accountId: string }; client: { clientId: string } };
    }) => {
      const { provider, session, client } = context.oidc;
      const grant = new provider.Grant({ accountId: session.accountId, clientId: client.clientId });
      grant.addOIDCScope('openid profile roles');
      await grant.save();
      return grant;
    },
  });
}

/** A key that signs ID tokens, and what the provider tells of it. */
export function makeKey(): { readonly privateKey: KeyObject; readonly jwk: JsonWebKey } {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const jwk = { ...privateKey.export({ format: 'jwk' }), kid: randomUUID(), use: 'sig', alg: 'RS256' };
  return { privateKey, jwk };
}

function changeAnswer(response: ServerResponse, change: (answer: Record<string, unknown>) => unknown): void {
  const end = response.end.bind(response);
  response.end = ((body: unknown) => {
    const told = JSON.parse(String(body)) as Record<string, unknown>;
    const text = JSON.stringify(change(told));
    response.setHeader('content-length', Buffer.byteLength(text));
    return end(text);
  }) as typeof response.end;
}

/**
 * Signs somebody in at the provider by its own pages, from the address that the service gave; resolves to the address that the provider
 * sends the browser back to, which is not followed. `abort` gives up at the provider's sign-in page.
 */
export async function signInAt(url: string, login: string, end: 'submit' | 'abort' = 'submit'): Promise<URL> {
  const jar = new Map<string, string>();
  const { origin } = new URL(url);
  let at = url;
  let body: string | null = null;
  for (let step = 0; step < 12; step += 1) {
    const answer = await request(at, {
      method: body === null ? 'GET' : 'POST',
      headers: {
        cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; '),
        ...(body === null ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
      },
      body,
    });
    body = null;
    for (const line of [answer.headers['set-cookie'] ?? []].flat()) keep(jar, line);
    const text = await answer.body.text();
    const { location } = answer.headers;
    if (typeof location === 'string') {
      const next = new URL(location, at);
      if (next.origin !== origin) return next;
      at = next.href;
    } else {
      const [, action] = /action="([^"]+)"/.exec(text) ?? [];
      const [, abort] = /href="([^"]+\/abort)"/.exec(text) ?? [];
      const target = end === 'abort' ? abort : action;
      if (target === undefined) throw new Error(`${at} answered ${answer.statusCode}: ${text.slice(0, 500)}`);
      at = new URL(target, at).href;
      if (end === 'submit')
        body = new URLSearchParams({ prompt: 'login', login, password: 'any' }).toString();
    }
  }
  throw new Error(`The provider sends the browser round and round, at last to ${at}.`);
}

function keep(jar: Map<string, string>, line: string): void {
  const [pair = ''] = line.split(';');
  const name = pair.slice(0, pair.indexOf('='));
  const value = pair.slice(pair.indexOf('=') + 1);
  if (value === '') jar.delete(name);
  else jar.set(name, value);
}
