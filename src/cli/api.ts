// How the command line speaks to a running service: over /api/v1 and the sandbox's doors, with an access key.
import { Pool } from 'undici';
import { GatewayError } from '../domain/errors.ts';

export interface Connection {
  readonly url: string;
  readonly keyId: string;
  readonly keySecret: string;
}

/** Where and as whom to speak, from the options of a command or from the environment. Throws `bad_settings` naming what is missing. */
export function toConnection(options: {
  readonly url?: string;
  readonly keyId?: string;
  readonly keySecret?: string;
}): Connection {
  const { env } = process;
  const url = options.url ?? env['CHASQUI_URL'] ?? 'http://127.0.0.1:8080';
  const keyId = options.keyId ?? env['CHASQUI_KEY_ID'] ?? '';
  const keySecret = options.keySecret ?? env['CHASQUI_KEY_SECRET'] ?? '';
  if (!URL.canParse(url)) throw new GatewayError('bad_command', `--url ${url} is not a URL.`);
  if (keyId === '' || keySecret === '') {
    throw new GatewayError(
      'bad_command',
      'Give an access key: --key-id and --key-secret, or CHASQUI_KEY_ID and CHASQUI_KEY_SECRET.',
    );
  }
  return { url: url.replace(/\/+$/, ''), keyId, keySecret };
}

export class ApiClient {
  readonly #pool: Pool;
  readonly #authorization: string;

  constructor({ url, keyId, keySecret }: Connection) {
    this.#pool = new Pool(url, { connections: 8, connectTimeout: 10_000, headersTimeout: 60_000 });
    this.#authorization = `Basic ${Buffer.from(`${keyId}:${keySecret}`).toString('base64')}`;
  }

  /** Sends one request and resolves to the JSON of its answer. Throws, with what the service said was wrong, when it is no success. */
  async send<T>(method: 'GET' | 'PUT' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<T> {
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
        throw new GatewayError(
          'service_unreachable',
          'The service does not answer. Is it running, and is the address right?',
          { cause },
        );
      });
    const text = await answer.body.text();
    if (answer.statusCode >= 400)
      throw new GatewayError('bad_request', `${answer.statusCode}: ${toDetail(text)}`);
    // The shape is what the route documents; the caller names it.
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }

  close(): Promise<void> {
    return this.#pool.close();
  }
}

function toDetail(text: string): string {
  try {
    const problem = JSON.parse(text) as { detail?: string; title?: string };
    return problem.detail ?? problem.title ?? text;
  } catch {
    // Some proxy's own page.
    return text.slice(0, 300);
  }
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}
