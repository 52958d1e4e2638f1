import type { ApiTest, Called } from './api.ts';

type Method = 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE';

/** A browser at the console: it keeps its cookies and sends what a page of the console sends. */
interface Browser {
  readonly call: (
    method: Method,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<Called>;
  /** The cookies as the browser sends them; undefined without any. */
  readonly cookie: () => string | undefined;
  readonly setCookie: (cookie: string | undefined) => void;
  /** `Set-Cookie` of the last answer that had one. */
  readonly lastSetCookie: () => string;
}

export const password = 'correct horse battery';

/** Opens the console in a browser of its own, not signed in. */
export function openBrowser({ app }: Pick<ApiTest, 'app'>, remoteAddress = '192.0.2.1'): Browser {
  const cookies = new Map<string, string>();
  let last = '';
  const take = (pairs: string): void => {
    for (const pair of pairs.split('; ')) {
      const [name = '', value = ''] = pair.split('=');
      if (value === '') cookies.delete(name);
      else cookies.set(name, value);
    }
  };
  const toHeader = (): string | undefined =>
    cookies.size === 0 ? undefined : [...cookies].map((pair) => pair.join('=')).join('; ');
  return {
    cookie: toHeader,
    setCookie: (value) => {
      cookies.clear();
      if (value !== undefined) take(value);
    },
    lastSetCookie: () => last,
    call: async (method, path, body, headers = {}) => {
      const cookie = toHeader();
      const answer = await app.inject({
        method,
        url: `/api/v1${path}`,
        remoteAddress,
        headers: {
          'x-chasqui-console': '1',
          'sec-fetch-site': 'same-origin',
          ...(cookie !== undefined && { cookie }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { payload: JSON.stringify(body) }),
      });
      for (const set of [answer.headers['set-cookie']].flat()) {
        if (set === undefined) continue;
        last = set;
        take(set.split(';')[0] ?? '');
      }
      const isJson = String(answer.headers['content-type']).includes('json');
      return {
        status: answer.statusCode,
        headers: answer.headers,
        body: answer.body,
        json: isJson ? answer.json<Record<string, unknown>>() : {},
      };
    },
  };
}

/** A browser in which the owner `ana` has just been made and is signed in. */
export async function openOwner(api: ApiTest): Promise<Browser> {
  const browser = openBrowser(api);
  const { id: keyId, secret: keySecret } = api.key;
  await browser.call('POST', '/session/setup', { keyId, keySecret, name: 'ana', password });
  return browser;
}

/** Adds a user of a role and signs him in. */
export async function openUser(api: ApiTest, owner: Browser, name: string, role: string): Promise<Browser> {
  await owner.call('POST', '/users', { name, role, password });
  const browser = openBrowser(api);
  await browser.call('POST', '/session', { name, password });
  return browser;
}
