import type { ApiClient } from './api.ts';
import { confirm } from './confirm.ts';
import type { Consent } from './confirm.ts';
import type { Output } from './output.ts';

interface Erasure {
  readonly receipts: number;
  readonly messages: number;
  readonly media: number;
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
    output.result(`This would erase ${toText(found)}.`, found);
    return;
  }
  const where = erasure.channelId === undefined ? 'on all channels' : `on ${erasure.channelId}`;
  await confirm(`This erases ${toText(found)} of ${erasure.userId} ${where}.`, consent);
  const erased = await ask(false);
  output.result(`Erased ${toText(erased)}.`, erased);
}

function toText({ receipts, messages, media }: Erasure): string {
  return `the content of ${receipts} receipts and ${messages} messages, and ${media} files`;
}
