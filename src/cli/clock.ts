import type { ApiClient } from './api-client.ts';
import { confirm } from './consent.ts';
import type { Consent } from './consent.ts';
import type { Output } from './output.ts';

interface Clock {
  readonly now: string;
  readonly doubt: string | null;
  readonly held: readonly { readonly kind: string; readonly old: number; readonly kept: number }[];
}

/** Tells what the service thinks of its clock, and what a sweep that waits would take. */
export async function showClock(api: ApiClient, output: Output): Promise<void> {
  const clock = await api.send<Clock>('GET', '/api/v1/clock');
  output.result(toText(clock), clock);
}

/** Says that the clock is right, after it was told what follows. */
export async function confirmClock(api: ApiClient, output: Output, consent: Consent): Promise<void> {
  const clock = await api.send<Clock>('GET', '/api/v1/clock');
  if (consent.dryRun === true) {
    output.result(toText(clock), clock);
    return;
  }
  await confirm(`${toText(clock)}\nThis takes the clock for right, and lets what waits go.`, consent);
  const after = await api.send<Clock>('POST', '/api/v1/clock/confirm');
  output.result(toText(after), after);
}

function toText({ now, doubt, held }: Clock): string {
  return [
    `The service goes by ${now}.`,
    doubt ?? 'The clock is not in doubt.',
    ...(held.length === 0 ? ['No sweep waits.'] : ['A sweep waits. It would take:']),
    ...held.map(({ kind, old, kept }) => `  ${kind}: ${old} of at least ${old + kept}`),
  ].join('\n');
}
