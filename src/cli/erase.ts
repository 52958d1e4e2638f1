import type { ApiClient } from './api.ts';
import type { Output } from './output.ts';

interface Erasure {
  readonly receipts: number;
  readonly messages: number;
  readonly media: number;
}

/** Erases what a user wrote and was written to, on one channel or on all. */
export async function eraseUser(
  api: ApiClient,
  output: Output,
  erasure: { readonly userId: string; readonly channelId?: string },
): Promise<void> {
  const erased = await api.send<Erasure>('POST', '/api/v1/erasures', erasure);
  const { receipts, messages, media } = erased;
  output.result(
    `Erased the content of ${receipts} receipts and ${messages} messages, and ${media} files.`,
    erased,
  );
}
