import createClient from 'openapi-fetch';
import type { paths } from './schema.d.ts';
import { reachability } from './reachability.ts';

/** What is wrong with a value, and what that speaks of. */
interface Fault {
  readonly code: string;
  readonly params: Readonly<Record<string, string | number>>;
}

/** What the service answered instead of what was asked for; `code` is a row of docs/errors.md. */
export class Problem extends Error {
  readonly code: string;
  readonly status: number;
  /** The member of the request that is wrong. */
  readonly field: string | null;
  /** What is wrong with that member, by a code; null where the text alone tells. */
  readonly fault: Fault | null;
  /** Which rule of messages and templates refuses it. */
  readonly refusal: Fault | null;
  readonly retryAfterSeconds: number | null;
  /** What stands in the way, by a code, where the service says so. */
  readonly reason: string | null;

  constructor(
    status: number,
    code: string,
    detail: string,
    rest: Partial<Pick<Problem, 'field' | 'fault' | 'refusal' | 'retryAfterSeconds' | 'reason'>> = {},
  ) {
    super(detail);
    this.name = 'Problem';
    this.status = status;
    this.code = code;
    this.field = rest.field ?? null;
    this.fault = rest.fault ?? null;
    this.refusal = rest.refusal ?? null;
    this.retryAfterSeconds = rest.retryAfterSeconds ?? null;
    this.reason = rest.reason ?? null;
  }
}

/** The code of a {@link Problem} that stands for no answer at all. */
export const unreachable = 'unreachable';

/** A wait after which a request counts as unanswered. */
const timeoutMs = 30_000;

let pageAccount: string | null = null;

/** Says of which account the page is: a call that would meet another one, which the browser has gone to in another tab, is refused. */
export function setPageAccount(id: string | null): void {
  pageAccount = id;
}

/** Every call carries the header that other sites cannot send, and ends within half a minute. */
async function send(request: Request, credentials: RequestCredentials = 'same-origin'): Promise<Response> {
  request.headers.set('x-chasqui-console', '1');
  if (pageAccount !== null) request.headers.set('x-chasqui-account', pageAccount);
  try {
    const answer = await fetch(request, {
      credentials,
      redirect: 'error',
      signal: AbortSignal.any([request.signal, AbortSignal.timeout(timeoutMs)]),
    });
    if (isOfProxy(answer)) throw new Error('A proxy answers in the place of the service.');
    reachability.set(true);
    return answer;
  } catch (cause) {
    if (request.signal.aborted) throw cause;
    reachability.set(false);
    throw new Problem(0, unreachable, 'The service did not answer.');
  }
}

/** Whether something in front of the service says that the service does not answer: the service itself tells why it fails. */
function isOfProxy({ status, headers }: Response): boolean {
  return [502, 503, 504].includes(status) && headers.get('content-type')?.includes('json') !== true;
}

/** Throws the {@link Problem} of no answer when the service gives none. */
export async function checkReachable(): Promise<void> {
  await send(new Request('/api/v1/session'));
}

/** Calls /api/v1 with the types of its OpenAPI document. */
export const api = createClient<paths>({ baseUrl: globalThis.location.origin, fetch: send });

/** What the service tells of itself at an address of the API that its document does not hold. Throws a {@link Problem}. */
export async function readDocument(path: '/api/v1/openapi.json'): Promise<unknown> {
  const answer = await send(new Request(path));
  if (!answer.ok) throw toProblem(undefined, answer);
  return answer.json();
}

/** The same API for a holder of a portal link, whose token goes along with each call and nothing else does. */
export function createPortalApi(token: string) {
  return createClient<paths>({
    baseUrl: globalThis.location.origin,
    headers: { authorization: `Bearer ${token}` },
    fetch: (request: Request) => send(request, 'omit'),
  });
}
export type PortalApi = ReturnType<typeof createPortalApi>;

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
      fault: readFault(told['fault']),
      refusal: readFault(told['refusal']),
      reason: typeof told['reason'] === 'string' ? told['reason'] : null,
      retryAfterSeconds: Number.isFinite(retryAfter) ? retryAfter : null,
    },
  );
}

function readFault(told: unknown): Fault | null {
  return typeof told === 'object' && told !== null && 'code' in told ? (told as Fault) : null;
}
