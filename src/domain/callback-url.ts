// Callback URLs: one address has one spelling, so that it is one destination with one secret.

const maxUrlLength = 2000;

/**
 * A callback URL as the parser of the WHATWG URL standard writes it: case, default port, dots and the slash behind the host
 * settled, blanks around it and a fragment, which is never sent, left out. A `fault` says what is wrong with one that cannot be
 * called, and says nothing of it back, for it may hold a secret.
 */
export function parseCallbackUrl(text: string): { readonly url: string } | { readonly fault: string } {
  const trimmed = text.trim();
  // The parser would drop a line break in the middle, and go on with what nobody meant.
  if (/\p{Cc}/u.test(trimmed)) return { fault: 'The URL holds a line break or another control character.' };
  if (/\s/.test(trimmed)) return { fault: 'The URL holds a blank; write it as %20 if it is meant.' };
  if (!URL.canParse(trimmed)) return { fault: 'It is not a URL.' };
  const url = new URL(trimmed);
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    return { fault: 'The URL has to begin with http:// or https://.' };
  if (url.username !== '' || url.password !== '')
    return { fault: 'The URL holds a user name or password; the signature says who is calling.' };
  if (url.port === '0') return { fault: 'Port 0 cannot be called.' };
  url.hash = '';
  if (url.href.length > maxUrlLength) return { fault: `The URL is longer than ${maxUrlLength} characters.` };
  return { url: url.href };
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
