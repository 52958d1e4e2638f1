/**
 * A setting's text as it may be said back when it will not do: of an address its host alone, of what may be a secret nothing. People
 * put the right value behind the wrong name.
 */
export function toShown(text: string): string {
  if (URL.canParse(text) && /^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return JSON.stringify(toHostOnly(text));
  if (text.length > 64 || /[@\p{Cc}]|:\/\//u.test(text)) return 'its value';
  return JSON.stringify(text);
}

/** An address without what may be secret in it: user name, password, path and query. */
export function toHostOnly(text: string): string {
  const { protocol, host, pathname, search } = new URL(text);
  return `${protocol}//${host}${pathname.length > 1 || search !== '' ? '/…' : ''}`;
}
