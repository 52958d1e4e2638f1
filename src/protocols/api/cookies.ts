// The cookie of a session, and what keeps other sites from using it.
import { createHash, randomBytes } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { toAccountId } from '../../domain/account.ts';
import type { AccountId } from '../../domain/account.ts';
import { GatewayError } from '../../domain/errors.ts';

/** What a browser holds of a session; the store holds its hash alone. */
interface Token {
  readonly accountId: AccountId;
  readonly secret: string;
}

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
export function readToken(request: FastifyRequest, publicUrl: string): Token | undefined {
  const value = request.cookies[toName(isSecure(request, publicUrl))];
  const [, account = '', secret = ''] = /^(\d{1,16})\.([\w-]{43})$/.exec(value ?? '') ?? [];
  const accountId = toAccountId(account);
  return accountId === undefined ? undefined : { accountId, secret };
}

/** Hands a token to the browser: for this server alone, out of reach of scripts, and not sent along by other sites' pages. */
export function setToken(
  request: FastifyRequest,
  reply: FastifyReply,
  token: Token,
  publicUrl: string,
): void {
  const secure = isSecure(request, publicUrl);
  const options = { path: '/', httpOnly: true, sameSite: 'strict', secure } as const;
  reply.setCookie(toName(secure), `${token.accountId}.${token.secret}`, options);
}

/** Takes the cookie away from the browser. */
export function clearToken(request: FastifyRequest, reply: FastifyReply, publicUrl: string): void {
  const secure = isSecure(request, publicUrl);
  reply.clearCookie(toName(secure), { path: '/', httpOnly: true, sameSite: 'strict', secure });
}

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
  const name = secure ? '__Host-chasqui-pending' : 'chasqui-pending';
  return { name, path: '/', httpOnly: true, sameSite: 'lax', secure } as const;
}

/**
 * Refuses what changes something unless it comes from a page of this server: by the console's header, by what the browser
 * says of the page's site, and by its origin where it says no site. Throws `forbidden`.
 */
export function checkOrigin(request: FastifyRequest, publicUrl: string): void {
  if (request.method === 'GET' || request.method === 'HEAD') return;
  const { origin } = request.headers;
  const site = request.headers['sec-fetch-site'];
  if (request.headers[consoleHeader] === undefined)
    throw new GatewayError('foreign_page', `Requests of a session need the header ${consoleHeader}: 1.`);
  const isOwn =
    site === undefined
      ? origin === undefined || [toOwnHost(request), toHost(publicUrl)].includes(toHost(origin))
      : site === 'same-origin';
  if (!isOwn) throw new GatewayError('foreign_page', 'The request comes from a page of another site.');
}

function toOwnHost({ protocol, host }: FastifyRequest): string {
  return toHost(`${protocol}://${host}`);
}

function toHost(url: string): string {
  return URL.canParse(url) ? new URL(url).host : '';
}

/** A name that browsers take over HTTPS alone, for the whole server and from itself only, where that can be had. */
function toName(secure: boolean): string {
  return secure ? '__Host-chasqui' : 'chasqui';
}

/** Behind a proxy that is not trusted to say it, HTTPS shows in the address that the operator gave. */
function isSecure(request: FastifyRequest, publicUrl: string): boolean {
  return (
    request.protocol === 'https' ||
    (publicUrl.startsWith('https:') && toHost(publicUrl) === toHost(`https://${request.host}`))
  );
}
