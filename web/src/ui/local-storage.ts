/** What this browser keeps under a name; null where there is nothing, or where a page may keep nothing, as in some frames. */
export function readKept(name: string): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

/** Keeps it from now on; where nothing may be kept it lasts as long as the page. */
export function keep(name: string, value: string): void {
  try {
    localStorage.setItem(name, value);
  } catch {
    // The page works without.
  }
}
