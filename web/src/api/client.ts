import createClient from 'openapi-fetch';
import type { paths } from './schema.d.ts';
import { reachability } from './reachability.ts';

/** What the service answered instead of what was asked for; `code` is a row of docs/errors.md. */
export class Problem extends Error {
  readonly code: string;
  readonly status: number;
  /** The member of the request that is wrong. */
  readonly field: string | null;
  readonly retryAfterSeconds: number | null;

  constructor(
    status: number,
    code: string,
    detail: string,
    rest: { field?: string | null; retryAfterSeconds?: number | null } = {},
  ) {
    super(detail);
    this.name = 'Problem';
    this.status = status;
    this.code = code;
    this.field = rest.field ?? null;
    this.retryAfterSeconds = rest.retryAfterSeconds ?? null;
  }
}

/** The code of a {@link Problem} that stands for no answer at all. */
export const unreachable = 'unreachable';

/** A wait after which a request counts as unanswered. */
const timeoutMs = 30_000;

/** Every call carries the header that other sites cannot send, and ends within half a minute. */
async function send(request: Request): Promise<Response> {
  request.headers.set('x-chasqui-console', '1');
  try {
    const answer = await fetch(request, {
      credentials: 'same-origin',
      redirect: 'error',
      signal: AbortSignal.any([request.signal, AbortSignal.timeout(timeoutMs)]),
    });
    reachability.set(true);
    return answer;
  } catch (cause) {
    if (request.signal.aborted) throw cause;
    reachability.set(false);
    throw new Problem(0, unreachable, 'The service did not answer.');
  }
}

/** Throws the {@link Problem} of no answer when the service gives none. */
export async function checkReachable(): Promise<void> {
  await send(new Request('/api/v1/session'));
}

/** Calls /api/v1 with the types of its OpenAPI document. */
export const api = createClient<paths>({ baseUrl: globalThis.location.origin, fetch: send });

interface Answer<T> {
  readonly data?: T;
  readonly error?: unknown;
  readonly response: Response;
}

/** The answer of a call. Throws a {@link Problem} when it is none that was hoped for. */
export async function take<T>(call: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await call;
  if (response.ok) return data as T;
  throw toProblem(error, response);
}

/** The version of what was read, to be sent back as If-Match: a change of anything else is refused. */
export type Versioned<T> = T & { readonly version: string };

/** As {@link take}, with the version of what is there. */
export async function takeVersioned<T extends object>(call: Promise<Answer<T>>): Promise<Versioned<T>> {
  const answer = await call;
  const data = await take(Promise.resolve(answer));
  return { ...data, version: answer.response.headers.get('etag') ?? '' };
}

/** Sent with a PUT that is to make something, never to change what is there. */
export const onlyNew = { 'if-none-match': '*' } as const;

function toProblem(error: unknown, response: Response): Problem {
  const told = typeof error === 'object' && error !== null ? (error as Record<string, unknown>) : {};
  const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN);
  return new Problem(
    response.status,
    typeof told['code'] === 'string' ? told['code'] : 'internal',
    typeof told['detail'] === 'string' ? told['detail'] : `HTTP ${response.status}`,
    {
      field: typeof told['field'] === 'string' ? told['field'] : null,
      retryAfterSeconds: Number.isFinite(retryAfter) ? retryAfter : null,
    },
  );
}
