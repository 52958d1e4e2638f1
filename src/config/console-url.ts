import type { Settings } from './table.ts';

/** Where browsers find the console, as far as the settings say it: with ADMIN_PORT it is not at PUBLIC_URL. */
export function findConsoleUrl({
  consoleUrl,
  publicUrl,
  adminPort,
}: Pick<Settings, 'consoleUrl' | 'publicUrl' | 'adminPort'>): string | null {
  return consoleUrl ?? (adminPort === 0 ? publicUrl : null);
}
