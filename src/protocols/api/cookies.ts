// The cookie of a session, and what keeps other sites from using it.
import { createHash, randomBytes } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { toAccountId } from '../../domain/account.ts';
import type { AccountId } from '../../domain/account.ts';
import { GatewayError } from '../../domain/errors.ts';

/** What a browser holds of a session; the store holds its hash alone. */
export interface Token {
  readonly accountId: AccountId;
  readonly secret: string;
}

/** How many sessions of other accounts a browser keeps beside the one in use. */
export const maxKept = 8;

/** Header in which a page of the console says of which account it is. */
export const accountHeader = 'x-chasqui-account';

/** Header that the console sends with each request: a page of another site cannot make a browser send it. */
export const consoleHeader = 'x-chasqui-console';

/** Makes a token that nobody can guess. */
export function createToken(accountId: AccountId): Token {
  return { accountId, secret: randomBytes(32).toString('base64url') };
}

/** The hash under which a session is kept, in hex. */
export function toHash(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** Reads a session's token from the cookie; undefined when there is none of the right shape. */
export function readToken(request: FastifyRequest, consoleUrl: string): Token | undefined {
  return parseToken(request.cookies[toName(isSecure(request, consoleUrl))] ?? '');
}

/** Reads the tokens of other accounts' sessions that the browser keeps beside, at most {@link maxKept}. */
export function readKept(request: FastifyRequest, consoleUrl: string): Token[] {
  const value = request.cookies[toKeptName(isSecure(request, consoleUrl))] ?? '';
  return value
    .split('~', maxKept)
    .map(parseToken)
    .filter((token) => token !== undefined);
}

function parseToken(value: string): Token | undefined {
  const [, account = '', secret = ''] = /^(\d{1,16})\.([\w-]{43})$/.exec(value) ?? [];
  const accountId = toAccountId(account);
  return accountId === undefined ? undefined : { accountId, secret };
}

/** Hands the token of the session in use to the browser. */
export function setToken(
  request: FastifyRequest,
  reply: FastifyReply,
  token: Token,
  consoleUrl: string,
): void {
  const secure = isSecure(request, consoleUrl);
  reply.setCookie(toName(secure), toValue(token), toOptions(secure));
}

/** Hands over the tokens that are kept beside the one in use. */
export function setKept(
  request: FastifyRequest,
  reply: FastifyReply,
  tokens: readonly Token[],
  consoleUrl: string,
): void {
  const secure = isSecure(request, consoleUrl);
  if (tokens.length > 0)
    reply.setCookie(toKeptName(secure), tokens.map(toValue).join('~'), toOptions(secure));
  else if (request.cookies[toKeptName(secure)] !== undefined)
    reply.clearCookie(toKeptName(secure), toOptions(secure));
}

/** Takes all sessions away from the browser. */
export function clearTokens(request: FastifyRequest, reply: FastifyReply, consoleUrl: string): void {
  const secure = isSecure(request, consoleUrl);
  reply.clearCookie(toName(secure), toOptions(secure));
  setKept(request, reply, [], consoleUrl);
}

const toValue = ({ accountId, secret }: Token): string => `${accountId}.${secret}`;

/** For this server alone, out of reach of scripts, and not sent along by other sites' pages. */
const toOptions = (secure: boolean) => ({ path: '/', httpOnly: true, sameSite: 'strict', secure }) as const;

/**
 * Hands a sign-in that goes by another site to the browser. `lax`: it comes back by a link of that site. Where it comes back to says
 * whether that is HTTPS.
 */
export function setPending(reply: FastifyReply, kept: string, maxAgeMs: number, consoleUrl: string): void {
  const { name, ...options } = toPendingCookie(consoleUrl);
  reply.setCookie(name, kept, { ...options, maxAge: Math.floor(maxAgeMs / 1000) });
}

/** Takes that sign-in back from the browser; undefined when it has none. */
export function takePending(
  request: FastifyRequest,
  reply: FastifyReply,
  consoleUrl: string,
): string | undefined {
  const { name, ...options } = toPendingCookie(consoleUrl);
  reply.clearCookie(name, options);
  return request.cookies[name];
}

function toPendingCookie(consoleUrl: string) {
  const secure = consoleUrl.startsWith('https:');
  return { name: `${toName(secure)}-pending`, ...toOptions(secure), sameSite: 'lax' } as const;
}

/** A session that began when its browser came back from another site. */
interface ArrivedToken {
  readonly token: Token;
  /** Whether the session of another account that the browser uses goes on beside it. */
  readonly keeps: boolean;
}

/**
 * Hands such a session to the browser, out of use: what comes by a link of another site brings no cookie of a session along, so only
 * what a page of this server asks for next shows which ones the browser has.
 */
export function setArrival(
  reply: FastifyReply,
  { token, keeps }: ArrivedToken,
  maxAgeMs: number,
  consoleUrl: string,
): void {
  const { name, ...options } = toArrivalCookie(consoleUrl);
  const value = keeps ? `${toValue(token)}~keep` : toValue(token);
  reply.setCookie(name, value, { ...options, maxAge: Math.floor(maxAgeMs / 1000) });
}

/** Takes that session back from the browser; undefined when it has none. */
export function takeArrival(
  request: FastifyRequest,
  reply: FastifyReply,
  consoleUrl: string,
): ArrivedToken | undefined {
  const { name, ...options } = toArrivalCookie(consoleUrl);
  const [value = '', keeps] = request.cookies[name]?.split('~') ?? [];
  if (request.cookies[name] !== undefined) reply.clearCookie(name, options);
  const token = parseToken(value);
  return token && { token, keeps: keeps === 'keep' };
}

function toArrivalCookie(consoleUrl: string) {
  const secure = consoleUrl.startsWith('https:');
  return { name: `${toName(secure)}-arrived`, ...toOptions(secure) } as const;
}

/**
 * Refuses what changes something unless it comes from a page of this server: by the console's header, by what the browser
 * says of the page's site, and by its origin where it says no site. Throws `forbidden`.
 */
export function checkOrigin(request: FastifyRequest, consoleUrl: string): void {
  if (request.method === 'GET' || request.method === 'HEAD') return;
  const { origin } = request.headers;
  const site = request.headers['sec-fetch-site'];
  if (request.headers[consoleHeader] === undefined)
    throw new GatewayError('foreign_page', `Requests of a session need the header ${consoleHeader}: 1.`);
  const isOwn =
    site === undefined
      ? origin === undefined || [toOwnHost(request), toHost(consoleUrl)].includes(toHost(origin))
      : site === 'same-origin';
  if (!isOwn) throw new GatewayError('foreign_page', 'The request comes from a page of another site.');
}

function toOwnHost({ protocol, host }: FastifyRequest): string {
  return toHost(`${protocol}://${host}`);
}

function toHost(url: string): string {
  return URL.canParse(url) ? new URL(url).host : '';
}

const toKeptName = (secure: boolean): string => `${toName(secure)}-kept`;

/** A name that browsers take over HTTPS alone, for the whole server and from itself only, where that can be had. */
function toName(secure: boolean): string {
  return secure ? '__Host-chasqui' : 'chasqui';
}

/** Behind a proxy that is not trusted to say it, HTTPS shows in the address that the operator gave. */
function isSecure(request: FastifyRequest, consoleUrl: string): boolean {
  return (
    request.protocol === 'https' ||
    (consoleUrl.startsWith('https:') && toHost(consoleUrl) === toHost(`https://${request.host}`))
  );
}
