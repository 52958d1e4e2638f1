import type { ApiClient } from './api-client.ts';
import { confirm } from './consent.ts';
import type { Consent } from './consent.ts';
import type { Output } from './output.ts';

interface Erasure {
  readonly receipts: number;
  readonly messages: number;
  readonly media: number;
  readonly apart: number;
  readonly unreadable: number;
  readonly keptFiles: readonly string[];
}

/** Erases what a user wrote and was written to, on one channel or on all, after it was told how much that is. */
export async function eraseUser(
  api: ApiClient,
  output: Output,
  erasure: { readonly userId: string; readonly channelId?: string },
  consent: Consent,
): Promise<void> {
  const ask = (dryRun: boolean) =>
    api.send<Erasure>('POST', '/api/v1/erasures', { ...erasure, ...(dryRun && { dryRun }) });
  const found = await ask(true);
  if (consent.dryRun === true) {
    output.result(`This would erase ${toText(found)}.${toRest(found)}`, found);
    return;
  }
  const where = erasure.channelId === undefined ? 'on all channels' : `on ${erasure.channelId}`;
  await confirm(`This erases ${toText(found)} of ${erasure.userId} ${where}.`, consent);
  const erased = await ask(false);
  output.result(`Erased ${toText(erased)}.${toRest(erased)}`, erased);
}

function toText({ receipts, messages, media, apart }: Erasure): string {
  const damaged = apart === 0 ? '' : `, and ${apart} rows that could not be read`;
  return `the content of ${receipts} receipts and ${messages} messages, and ${media} files${damaged}`;
}

/** What an erasure does not reach, in sentences of their own. */
function toRest({ unreadable, keptFiles }: Erasure): string {
  const rows =
    unreadable === 0
      ? ''
      : `\nNOT erased: ${unreadable} rows that damage made unreadable do not tell whose they are, and may hold something of this user. They go when CHASQUI_UNREADABLE_RETENTION_DAYS, or the time of their receipts, is over.`;
  const files =
    keptFiles.length === 0
      ? ''
      : `\nNOT erased: what is in the damaged files ${keptFiles.join(', ')} of the data folder. Take them away, or delete them.`;
  return rows + files;
}
