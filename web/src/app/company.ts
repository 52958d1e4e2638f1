// The way to the company's sign-in and back: which page was left, and what became of it.
import { api, Problem, take } from '../api/client.ts';
import { tellTabs } from './session.ts';

const placeKey = 'chasqui.left';
/** In the address of the console when the browser comes back: `done`, or the code of what went wrong. */
const outcomeName = 'sign_in';

/** Goes to the company's sign-in; the page that is left is remembered in this tab, unless it is of another account. */
export function leaveFor(url: string, beside: boolean): void {
  try {
    if (beside) globalThis.sessionStorage.removeItem(placeKey);
    else globalThis.sessionStorage.setItem(placeKey, toPlace());
  } catch {
    // Where nothing may be kept, the overview is shown afterwards.
  }
  globalThis.location.assign(url);
}

/**
 * Signs in who has just come back and was let in: a request of this page brings along which sessions the browser has, as the way back from
 * another site did not. Resolves to the page to show; null for everybody else.
 */
export async function comeBack(): Promise<string | null> {
  if (readOutcome() !== 'done') return null;
  try {
    await take(api.POST('/api/v1/session/company/finish'));
  } catch (error) {
    return `/console/?${outcomeName}=${error instanceof Problem ? error.code : 'internal'}`;
  }
  tellTabs();
  return takePlace();
}

function takePlace(): string {
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

/** Has the address say nothing any more of what went wrong. */
export function forgetRefusal(): void {
  if (readRefusal() !== null) globalThis.history.replaceState(globalThis.history.state, '', toPlace());
}

function readOutcome(): string | null {
  return new URLSearchParams(globalThis.location.search).get(outcomeName);
}

/** The page that is shown, without what became of a sign-in. */
function toPlace(): string {
  const { pathname, search } = globalThis.location;
  const params = new URLSearchParams(search);
  params.delete(outcomeName);
  return params.size === 0 ? pathname : `${pathname}?${params}`;
}
