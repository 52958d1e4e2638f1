// What the texts of settings are turned into. Each throws a text that says what would be right.
import ipaddr from 'ipaddr.js';
import { toShown } from './mask.ts';
import { toAccountId } from '../domain/account.ts';
import type { AccountId } from '../domain/account.ts';
import { parseDatabaseAddress } from '../domain/database-address.ts';
import { faultOf, ValueError } from '../domain/faults.ts';
import { isMailAddress, maxMail } from '../domain/notice-target.ts';

/** Any text. */
export const text = (text: string): string | null => text;

/** A whole number from `min` to `max`. */
export function whole(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new ValueError(`give a whole number from ${min} to ${max}`, faultOf('not_between', { min, max }));
  };
}

const unitMs: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A time from a minute to 30 days, as `30m`, `6h` or `1d`, in ms; 0 is none. */
export function interval(text: string): number {
  if (text === '0') return 0;
  const [, count = '', unit = ''] = /^([1-9]\d{0,4})([mhd])$/.exec(text) ?? [];
  const ms = Number(count) * (unitMs[unit] ?? Number.NaN);
  if (ms <= 30 * 86_400_000) return ms;
  throw new Error('give a time from 1m to 30d, such as 30m, 6h or 1d; 0 for never');
}

/** A place for backups: a folder by its whole path, or `s3://bucket/prefix/`. */
export function backupPlace(text: string): string | null {
  if (text.startsWith('/') && !text.includes('\0')) return text.replace(/(?<=.)\/+$/, '');
  const [, bucket = '', prefix = ''] = /^s3:\/\/([^/]+)(?:\/(.*))?$/.exec(text) ?? [];
  try {
    const end = prefix === '' || prefix.endsWith('/') ? '' : '/';
    return `s3://${bucketName(bucket) ?? ''}/${objectPrefix(`${prefix}${end}`)}`;
  } catch {
    throw new Error(
      'give a folder by its whole path, such as /backup, or a bucket such as s3://name/folder/',
    );
  }
}

/** Origins, separated by commas: scheme, host and port of each, and nothing behind it. */
export function origins(text: string): readonly string[] {
  const parts = text.split(',').map((part) => part.trim());
  if (
    parts.every(
      (part) =>
        /^https?:\/\//.test(part) && URL.canParse(part) && new URL(part).origin === part.toLowerCase(),
    )
  )
    return parts.map((part) => part.toLowerCase());
  throw new Error('give origins such as https://crm.example.com, separated by commas, without a path');
}

/** `true` or `false`. */
export function flag(text: string): boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  throw new Error('give true or false');
}

/** All accounts, none, or some by their ids, separated by commas. */
export function accounts(text: string): boolean | readonly AccountId[] {
  if (text === 'true' || text === 'false') return text === 'true';
  return text.split(',').map((part) => {
    const id = toAccountId(part.trim());
    if (id !== undefined) return id;
    throw new Error('give true, false or the ids of accounts, separated by commas');
  });
}

/** One of a few words. */
export function oneOf<const T extends string>(values: readonly T[]): (text: string) => T {
  return (text) => {
    const value = values.find((candidate) => candidate === text);
    if (value !== undefined) return value;
    const allowed = values.join(', ');
    throw new ValueError(`give one of ${allowed}`, faultOf('not_one_of', { allowed }));
  };
}

/** An address of HTTP or HTTPS, without the slash at its end. */
export function httpUrl(text: string): string | null {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw new Error('give a URL that begins with http:// or https://');
  if (url.username !== '' || url.password !== '')
    throw new Error('give a URL without a user name or password');
  if (url.port === '0') throw new Error('give a URL with another port than 0');
  if (/\p{Cc}/u.test(text.trim())) throw new Error('give a URL without line breaks');
  return url.href.replace(/\/+$/, '');
}

/** An address that more is added to: without the slash at its end, and without what would come to stand in the middle. */
export function baseUrl(text: string): string | null {
  const href = httpUrl(text);
  if (href !== null && /[?#]/.test(href))
    throw new Error('give a URL without ? and #: more is added to its end');
  return href;
}

/** The address of a database, with one host or several. */
export function postgresUrl(text: string): string | null {
  parseDatabaseAddress(text);
  return text;
}

/** Addresses and CIDR ranges, separated by commas. */
export function ranges(text: string): readonly string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      if (!ipaddr.isValid(part) && !ipaddr.isValidCIDR(part))
        throw new Error(`${toShown(part)} is neither an address nor a range such as 10.0.0.0/8`);
      return part;
    });
}

/** A key of 32 bytes, in hex or Base64. */
export function masterKey(text: string): string | null {
  if (/^[0-9a-f]{64}$/i.test(text) || Buffer.from(text, 'base64').byteLength === 32) return text;
  throw new Error('give 32 bytes as 64 hex digits or in Base64, e.g. from: openssl rand -hex 32');
}

/** The name of an S3 bucket. */
export function bucketName(text: string): string | null {
  if (/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(text)) return text;
  throw new Error('give 3 to 63 lower-case letters, digits, dots and hyphens');
}

/** What the names of objects begin with: folders, or nothing. */
export function objectPrefix(text: string): string {
  if (/^([A-Za-z0-9_-]+\/)*$/.test(text)) return text;
  throw new Error('give folders of letters, digits, hyphens and underscores, each with a slash behind it');
}

/** A key of another vendor, whatever it consists of. */
export function foreignKey(text: string): string | null {
  if (/^[\x21-\x7e]{1,256}$/.test(text)) return text;
  throw new Error('give 1 to 256 characters of ASCII without a space');
}

/** The id of an account. */
export function accountId(text: string): number | null {
  const id = toAccountId(text);
  if (id === undefined)
    throw new Error('give 1 to 16 digits that do not begin with 0, at most 9007199254740991');
  return id;
}

/** The id or the secret of an access key. */
export function keyPart(text: string): string | null {
  if (/^[A-Za-z0-9._-]{4,128}$/.test(text)) return text;
  throw new Error('give 4 to 128 letters, digits, dots, hyphens or underscores');
}

/** A secret that signs pushes, as Standard Webhooks writes it. */
export function webhookSecret(text: string): string | null {
  if (/^whsec_[A-Za-z0-9+/]{32,}={0,2}$/.test(text)) return text;
  throw new Error(
    'give whsec_ and at least 24 bytes in Base64, e.g. from: echo whsec_$(openssl rand -base64 24)',
  );
}

/** An HTTP proxy, with a user and a password where it wants them. */
export function proxyUrl(text: string): string | null {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isBare = url?.protocol === 'http:' && url.pathname === '/' && url.search === '' && url.hash === '';
  if (url === undefined || !isBare || url.port === '0')
    throw new Error('give a URL such as http://proxy:3128, or http://user:password@proxy:3128');
  try {
    decodeURIComponent(url.username + url.password);
  } catch {
    // What is wrong is in the text that may be secret.
    throw new Error('write % in the user name and password as %25');
  }
  return url.href;
}

/** A mail server, with a user and a password where it wants them. */
export function smtpUrl(text: string): string | null {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isBare = url !== undefined && /^\/?$/.test(url.pathname) && url.search === '' && url.hash === '';
  if (!isBare || !/^smtps?:$/.test(url.protocol) || url.hostname === '' || url.port === '0')
    throw new Error(
      'give a URL such as smtp://user:password@mail.example.com:587, or smtps:// for TLS from the start',
    );
  try {
    decodeURIComponent(url.username + url.password);
  } catch {
    // What is wrong is in the text that may be secret.
    throw new Error('write % in the user name and password as %25');
  }
  return text;
}

/** Names with values, as OpenTelemetry's variables have them: `name=value`, separated by commas, values percent-encoded. Throws for others. */
export function readPairs(text: string): Readonly<Record<string, string>> {
  const pairs = text
    .split(',')
    .map((part) => /^\s*([\w.!#$%&'*+^`|~-]+)\s*=\s*([^\p{Cc}]*?)\s*$/u.exec(part));
  return Object.fromEntries(
    pairs.map((pair) => {
      if (pair === null) throw new Error('give name=value, separated by commas');
      return [pair[1] ?? '', decodePercent(pair[2] ?? '')];
    }),
  );
}

/** The text of such pairs. */
export function pairs(text: string): string | null {
  readPairs(text);
  return text;
}

/** Headers that a request has of itself. */
const ownHeaders = [
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'expect',
  'host',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
];

/** The text of such pairs that are headers. */
export function headerPairs(text: string): string | null {
  const pairs = Object.entries(readPairs(text));
  const own = pairs.find(([name]) => ownHeaders.includes(name.toLowerCase()));
  if (own !== undefined) throw new Error(`leave ${own[0].toLowerCase()} out: the request has its own`);
  if (pairs.every(([name, value]) => name.trim() !== '' && /^[\t\x20-\x7e\x80-\xff]*$/.test(value)))
    return text;
  throw new Error('give values, once they are decoded, without line breaks and of Latin-1 alone');
}

function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // What is wrong is in the text that may be secret.
    throw new Error('write % in a value as %25');
  }
}

/** A share of all, from 0 to 1. */
export function ratio(text: string): number {
  const value = Number(text);
  if (/^\d*\.?\d+$/.test(text) && value <= 1) return value;
  throw new Error('give a number from 0 to 1');
}

/** One address of e-mail. */
export function mailAddress(text: string): string | null {
  if (isMailAddress(text)) return text;
  throw new Error('give an address such as chasqui@example.com');
}

/** Addresses of e-mail, separated by commas. */
export function mailAddresses(text: string): readonly string[] {
  const addresses = text.split(',').map((part) => part.trim());
  if (addresses.length <= maxMail && addresses.every(isMailAddress)) return addresses;
  throw new Error(`give up to ${maxMail} addresses such as ops@example.com, separated by commas`);
}

/** What an OpenID Connect provider calls itself, to the letter: its slash at the end, or none, is part of it. */
export function issuer(text: string): string | null {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isBare = url !== undefined && url.search === '' && url.hash === '' && url.username === '';
  if (!isBare || url.password !== '' || url.port === '0' || /[\p{Cc}\s]/u.test(text))
    throw new Error('give the issuer as the provider writes it, such as https://login.example.com/company');
  const isHere = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isHere))
    throw new Error('give an issuer that begins with https://; http:// is for one on this machine');
  return text;
}

/** Scopes of OAuth, separated by spaces. */
export function scopes(text: string): string {
  const all = text.split(' ').filter((scope) => scope !== '');
  if (all.includes('openid') && all.every((scope) => /^[\x21\x23-\x5b\x5d-\x7e]{1,256}$/.test(scope)))
    return all.join(' ');
  throw new Error('give scopes separated by spaces, openid among them');
}

/** The name of a claim, or its path. */
export function claimName(text: string): string {
  if (/^\P{Cc}{1,256}$/u.test(text)) return text;
  throw new Error('give the name of a claim, or its path, such as realm_access.roles');
}

/** Values of a claim, separated by commas. */
export function claimValues(text: string): readonly string[] {
  const values = text
    .split(',')
    .map((value) => value.trim())
    .filter((value) => value !== '');
  if (values.length <= 100 && values.every((value) => /^\P{Cc}{1,256}$/u.test(value))) return values;
  throw new Error('give up to 100 values, separated by commas');
}

/** What a button says. */
export function label(text: string): string | null {
  if (/^\P{Cc}{1,40}$/u.test(text.trim())) return text.trim();
  throw new Error('give 1 to 40 characters, all of them in one line');
}
