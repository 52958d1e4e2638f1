// How the command line speaks to a running service: over /api/v1 and the sandbox's doors, with an access key.
import { Pool } from 'undici';
import { clip } from '../domain/cut.ts';
import { GatewayError, isErrorCode } from '../domain/errors.ts';
import { toUnreachable } from './connection-fault.ts';

export interface ApiAccess {
  readonly url: string;
  readonly keyId: string;
  readonly keySecret: string;
}

/** Where and as whom to speak, from the options of a command or from the environment. Throws `bad_settings` naming what is missing. */
export function toApiAccess(options: {
  readonly url?: string;
  readonly keyId?: string;
  readonly keySecret?: string;
}): ApiAccess {
  const { env } = process;
  const url = options.url ?? env['CHASQUI_URL'] ?? 'http://127.0.0.1:8080';
  const keyId = options.keyId ?? env['CHASQUI_KEY_ID'] ?? '';
  const keySecret = options.keySecret ?? env['CHASQUI_KEY_SECRET'] ?? '';
  if (keyId === '' || keySecret === '') {
    throw new GatewayError(
      'bad_command',
      'Give an access key: --key-id and --key-secret, or CHASQUI_KEY_ID and CHASQUI_KEY_SECRET. Who has none makes one at the machine of the service: chasqui keys create --data-dir <folder>.',
    );
  }
  return { url: toOrigin(url), keyId, keySecret };
}

/** What is wrong with an address is said without it: it may hold a password. */
function toOrigin(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const refuse = (what: string) =>
    new GatewayError(
      'bad_command',
      `--url, or CHASQUI_URL, ${what}. Give one such as http://127.0.0.1:8080.`,
    );
  if (url === undefined || !/^https?:$/.test(url.protocol)) throw refuse('is no http or https URL');
  if (url.username !== '' || url.password !== '')
    throw refuse('holds a user name or password; the key is given by CHASQUI_KEY_ID and CHASQUI_KEY_SECRET');
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '')
    throw refuse('holds more than host and port');
  return url.origin;
}

export class ApiClient {
  readonly #origin: string;
  readonly #pool: Pool;
  readonly #authorization: string;

  constructor({ url, keyId, keySecret }: ApiAccess) {
    this.#origin = url;
    this.#pool = new Pool(url, { connections: 8, connectTimeout: 10_000, headersTimeout: 60_000 });
    this.#authorization = `Basic ${Buffer.from(`${keyId}:${keySecret}`).toString('base64')}`;
  }

  /** Sends one request and resolves to the JSON of its answer. Throws, with what the service said was wrong, when it is no success. */
  async send<T>(
    method: 'GET' | 'PUT' | 'PATCH' | 'POST' | 'DELETE',
    path: string,
    body?: unknown,
  ): Promise<T> {
    const answer = await this.#pool
      .request({
        method,
        path,
        body: body === undefined ? null : JSON.stringify(body),
        headers: {
          authorization: this.#authorization,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
      })
      .catch((cause: unknown) => {
        throw new GatewayError('service_unreachable', toUnreachable(this.#origin, cause), { cause });
      });
    const text = await answer.body.text().catch((cause: unknown) => {
      throw new GatewayError('service_unreachable', toUnreachable(this.#origin, cause), { cause });
    });
    if (answer.statusCode >= 400) throw toRefusal(answer.statusCode, text);
    if (text === '' && answer.statusCode < 300) return undefined as T;
    // The shape is what the route documents; the caller names it.
    return this.#parse(text) as T;
  }

  #parse(text: string): unknown {
    try {
      return JSON.parse(text);
    } catch {
      // Whatever stands there answers with a page.
      throw new GatewayError(
        'service_unreachable',
        `What answers at ${this.#origin} is not the API of Chasqui. Is the address right? With ADMIN_PORT it has a port of its own.`,
      );
    }
  }

  close(): Promise<void> {
    return this.#pool.close();
  }
}

/** What the service said was wrong, under its own code. */
function toRefusal(status: number, text: string): GatewayError {
  try {
    const {
      code = '',
      detail,
      title,
    } = JSON.parse(text) as { code?: string; detail?: string; title?: string };
    return new GatewayError(isErrorCode(code) ? code : 'internal', `${status}: ${detail ?? title ?? code}`);
  } catch {
    // Some proxy's own page.
    return new GatewayError('service_unreachable', `${status}: ${clip(text, 300)}`);
  }
}

export interface AnsweredPage<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}
