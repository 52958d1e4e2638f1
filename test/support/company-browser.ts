// A browser without a screen at the console of a service whose people sign in by a provider of the tests.
import assert from 'node:assert/strict';
import { request } from 'undici';
import { clientId, clientSecret, signInAt } from './identity-provider.ts';
import type { TestIdentityProvider } from './identity-provider.ts';
import type { Service } from './service.ts';

/** Settings of a service whose people sign in by this provider. */
export function toCompanySettings(provider: Pick<TestIdentityProvider, 'issuer'>): Record<string, string> {
  return {
    CHASQUI_OIDC_ISSUER: provider.issuer,
    CHASQUI_OIDC_CLIENT_ID: clientId,
    CHASQUI_OIDC_CLIENT_SECRET: clientSecret,
    CHASQUI_OIDC_SCOPES: 'openid profile roles',
    CHASQUI_OIDC_OWNERS: 'chat-owners',
    CHASQUI_OIDC_OPERATORS: 'chat-operators, chat-leads',
    CHASQUI_OIDC_VIEWERS: 'chat-viewers',
  };
}

/** A browser that keeps the cookies of the service. */
export class CompanyBrowser {
  readonly jar = new Map<string, string>();
  readonly #url: string;

  constructor({ url }: Pick<Service, 'url'>) {
    this.#url = url;
  }

  async call(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: object) {
    const answer = await request(new URL(path, this.#url), {
      method,
      headers: {
        'x-chasqui-console': '1',
        cookie: [...this.jar].map(([name, value]) => `${name}=${value}`).join('; '),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    for (const line of [answer.headers['set-cookie'] ?? []].flat()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '') this.jar.delete(name);
      else this.jar.set(name, value);
    }
    const text = await answer.body.text();
    const json = text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {};
    return { status: answer.statusCode, location: answer.headers['location'], json };
  }

  /** The address of the provider at which to sign in. */
  async begin(keeps = false): Promise<string> {
    const { status, json } = await this.call('POST', `/api/v1/session/company${keeps ? '?keep=true' : ''}`);
    assert.equal(status, 200, JSON.stringify(json));
    return String(json['url']);
  }

  /** Where the console is shown after the browser came back, and what it says; the console has taken over what it has to. */
  async comeBack(answered: URL): Promise<unknown> {
    const location = await this.land(answered);
    if (location === '/console/?sign_in=done') assert.equal(await this.finish(), 204);
    return location;
  }

  /** Comes back by a link of another site, which brings no cookie along that is for this site's own pages. */
  async land(answered: URL): Promise<unknown> {
    const own = [...this.jar].filter(([name]) => !name.endsWith('-pending'));
    for (const [name] of own) this.jar.delete(name);
    const { status, location } = await this.call('GET', answered.href);
    assert.equal(status, 303);
    for (const [name, value] of own) if (!this.jar.has(name)) this.jar.set(name, value);
    return location;
  }

  /** What the console does then; resolves to its status. */
  async finish(): Promise<number> {
    return (await this.call('POST', '/api/v1/session/company/finish')).status;
  }

  async signIn(login: string, keeps = false): Promise<unknown> {
    return this.comeBack(await signInAt(await this.begin(keeps), login));
  }

  async session(): Promise<Record<string, unknown>> {
    return (await this.call('GET', '/api/v1/session')).json;
  }
}
