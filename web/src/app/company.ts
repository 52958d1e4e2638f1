// The way to the company's sign-in and back: which page was left, and what became of it.
const placeKey = 'chasqui.left';
/** In the address of the console when the browser comes back: `done`, or the code of what went wrong. */
const outcomeName = 'sign_in';

/** Goes to the company's sign-in; the page that is left is remembered in this tab. */
export function leaveFor(url: string): void {
  const { pathname, search } = globalThis.location;
  try {
    globalThis.sessionStorage.setItem(placeKey, withoutOutcome(pathname, search));
  } catch {
    // Where nothing may be kept, the overview is shown afterwards.
  }
  globalThis.location.assign(url);
}

/** The page to show to who has just come back and was let in; null for everybody else. */
export function takePlace(): string | null {
  if (readOutcome() !== 'done') return null;
  try {
    const place = globalThis.sessionStorage.getItem(placeKey);
    globalThis.sessionStorage.removeItem(placeKey);
    return place?.startsWith('/console/') === true ? place : '/console/';
  } catch {
    return '/console/';
  }
}

/** The code of why who has just come back was not let in; null where nothing went wrong. */
export function readRefusal(): string | null {
  const outcome = readOutcome();
  return outcome === 'done' ? null : outcome;
}

function readOutcome(): string | null {
  return new URLSearchParams(globalThis.location.search).get(outcomeName);
}

function withoutOutcome(pathname: string, search: string): string {
  const params = new URLSearchParams(search);
  params.delete(outcomeName);
  return params.size === 0 ? pathname : `${pathname}?${params}`;
}
