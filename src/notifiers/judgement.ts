// What the answer of a webhook means, as far as vendors agree.
import { clip } from '../domain/cut.ts';
import type { Told } from '../domain/notice-message.ts';
import { isFailure } from '../http/client.ts';
import type { Answer, Client, Failure } from '../http/client.ts';
import { readRetryAfter } from '../http/retry-after.ts';

/** For everything: look-up, connection, request and answer. */
const timeoutMs = 10_000;
const maxBytes = 16 * 1024;
/** Characters of an answer that are told. */
const maxSaid = 200;

/** How one vendor answers. */
export interface Ways {
  /** Whether an answer says that the message was taken. */
  readonly isTold: (status: number, body: string) => boolean;
  /** Statuses by which a message is refused for what it is; it would be so at every try. */
  readonly final: readonly number[];
  /** How long to wait after a status that says that it is too much, where the answer does not say. */
  readonly throttledMs?: number;
  /** Reads what a status does not tell; undefined where there is nothing to say. */
  readonly read?: (status: number, body: string) => Told | undefined;
}

interface Post {
  readonly url: string;
  /** What the message is signed or routed by, where that is not in the URL. */
  readonly secret?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Posts a message and judges the answer. */
export async function post(
  client: Pick<Client, 'post'>,
  { url, secret = null, headers = { 'content-type': 'application/json; charset=utf-8' }, body }: Post,
  ways: Ways,
  now: number,
): Promise<Told> {
  const answer = await client.post(url, { headers, body, timeoutMs, maxBytes });
  return judge(answer, ways, now, (said) => withoutSecrets(said, url, secret));
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    // Nobody encoded it.
    return part;
  }
}

/** Shorter parts of an address are words; no vendor's secret is. */
const leastSecret = 8;

/** What a page of an error quotes of what it was asked: a webhook's address is its secret, and what is told of a failure is shown and logged. */
function withoutSecrets(text: string, url: string, secret: string | null): string {
  const { pathname, searchParams, username, password } = new URL(url);
  return [...pathname.split('/'), ...searchParams.values(), username, password, secret ?? '']
    .flatMap((part) => [part, decode(part), encodeURIComponent(part)])
    .filter(({ length }) => length >= leastSecret)
    .toSorted((a, b) => b.length - a.length)
    .reduce((without, part) => without.replaceAll(part, '…'), text);
}

/** What is neither the word that it was taken nor one of the vendor's final ones may be taken at another try. */
function judge(
  answer: Answer | Failure,
  { isTold, final, throttledMs, read }: Ways,
  now: number,
  hide: (said: string) => string,
): Told {
  if (isFailure(answer)) return { kind: 'later', reason: answer.reason };
  const { status, headers } = answer;
  const body = answer.body.toString('utf8').trim();
  const isWhole = answer.unread === undefined;
  if (isWhole && isTold(status, body)) return { kind: 'told' };
  const said = clip(hide(body).replace(/\p{Cc}+/gu, ' '), maxSaid);
  const reason = `It answered ${status}${said === '' ? '' : `: ${said}`}`;
  const known = isWhole ? read?.(status, body) : undefined;
  if (known !== undefined) return known;
  if (final.includes(status)) return { kind: 'refused', reason };
  const askedMs = readRetryAfter(headers, now) ?? (status === 429 ? throttledMs : undefined);
  return { kind: 'later', reason, ...(askedMs === undefined ? {} : { askedMs }) };
}

export const withoutUrl: Told = { kind: 'later', reason: 'It has no URL.' };

/** What the tries of several parts of a message come to: what is to be tried again counts most. */
export function toWorst(tolds: readonly Told[]): Told {
  return (
    tolds.find(({ kind }) => kind === 'later') ??
    tolds.find(({ kind }) => kind === 'refused') ?? { kind: 'told' }
  );
}
