/**
 * The token of the link, in the state of this entry of the history: no other frame and no other tab has it, it is there when the page is
 * loaded anew, and frames that may keep neither cookies nor storage have it too.
 */
interface Kept {
  readonly token: string;
}

/** Takes the token out of the address, where it stands behind `#` and goes to no server; null where there is none. */
export function takeToken(): string | null {
  const given = new URLSearchParams(globalThis.location.hash.slice(1)).get('token');
  if (given === null) return readKept(history.state);
  history.replaceState({ token: given } satisfies Kept, '', globalThis.location.pathname);
  return given;
}

function readKept(state: unknown): string | null {
  return typeof state === 'object' && state !== null && 'token' in state && typeof state.token === 'string'
    ? state.token
    : null;
}

/** Calls back when another link is opened where this page is: only what is behind `#` changes then, and nothing is loaded. */
export function watchLinks(onLink: () => void): void {
  globalThis.addEventListener('hashchange', onLink);
}
