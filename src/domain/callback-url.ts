// Callback URLs: one address has one spelling, so that it is one destination with one secret.
import { faultOf, toFaultText } from './faults.ts';
import type { ValueFault, FaultCode } from './faults.ts';

const maxUrlLength = 2000;

/** What is wrong with a URL that cannot be called: in words, and by its code. */
export interface UnusableUrl {
  readonly fault: string;
  readonly why: ValueFault;
}

/**
 * A callback URL as the parser of the WHATWG URL standard writes it: case, default port, dots and the slash behind the host
 * settled, blanks around it and a fragment, which is never sent, left out. A `fault` says what is wrong with one that cannot be
 * called, and says nothing of it back, for it may hold a secret.
 */
export function parseCallbackUrl(text: string): { readonly url: string } | UnusableUrl {
  const trimmed = text.trim();
  // The parser would drop a line break in the middle, and go on with what nobody meant.
  if (/\p{Cc}/u.test(trimmed)) return unusable('url_control');
  if (/\s/.test(trimmed)) return unusable('url_blank');
  if (!URL.canParse(trimmed)) return unusable('url_unread');
  const url = new URL(trimmed);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return unusable('url_scheme');
  if (url.username !== '' || url.password !== '') return unusable('url_user');
  if (url.port === '0') return unusable('url_port');
  url.hash = '';
  if (url.href.length > maxUrlLength) return unusable('url_long', { limit: maxUrlLength });
  return { url: url.href };
}

function unusable(code: FaultCode, params?: ValueFault['params']): UnusableUrl {
  const why = faultOf(code, params);
  return { fault: toFaultText(why), why };
}

/**
 * The spelling under which a callback URL is kept: that of the destination which the account has for the address already, also one
 * that was written down before addresses had one spelling; otherwise the URL as it is.
 */
export function toKeptUrl(url: string, known: readonly { readonly url: string }[]): string {
  const isSame = (other: string): boolean => {
    const parsed = parseCallbackUrl(other);
    return 'url' in parsed && parsed.url === url;
  };
  return (known.find((other) => other.url === url) ?? known.find((other) => isSame(other.url)))?.url ?? url;
}
