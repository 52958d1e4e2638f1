import { setTimeout as sleep } from 'node:timers/promises';
import { GatewayError } from '../domain/errors.ts';
import type { PlayedEvent } from '../domain/sandbox.ts';
import type { ApiClient } from './api-client.ts';
import type { Output } from './output.ts';
import type { Stopwatch } from '../runtime/clock.ts';

/** The sandbox's WhatsApp number: the sender when none is named. */
export const defaultSender = '15550100001';

interface MessageOptions {
  readonly sender: string;
  readonly from: string;
  readonly type: string;
  readonly text?: string;
  readonly name?: string;
  /** More members of the body, as JSON. */
  readonly body?: string;
}

/** Plays one message of an end user. */
export async function simulateMessage(
  api: ApiClient,
  output: Output,
  options: MessageOptions,
): Promise<void> {
  const { sender, from, type, text, name, body } = options;
  const message = {
    from,
    type,
    ...(text === undefined ? {} : { text }),
    ...(name === undefined ? {} : { name }),
    ...parseBody(body),
  };
  const played = await api.send<PlayedEvent>(
    'POST',
    `/sandbox/${encodeURIComponent(sender)}/inbound`,
    message,
  );
  output.result(
    `Message ${played.messageId} became receipt ${played.receiptId} (${played.outcome}).`,
    played,
  );
}

interface StatusOptions {
  readonly sender: string;
  readonly messageId: string;
  readonly to: string;
  readonly status: string;
  readonly errorCode?: string;
  readonly errorDescription?: string;
}

/** Plays one status of a message that the business sent. */
export async function simulateStatus(
  api: ApiClient,
  output: Output,
  { sender, ...status }: StatusOptions,
): Promise<void> {
  const played = await api.send<PlayedEvent>('POST', `/sandbox/${encodeURIComponent(sender)}/status`, status);
  output.result(
    `Status ${status.status} of ${status.messageId} became receipt ${played.receiptId} (${played.outcome}).`,
    played,
  );
}

/** Plays `count` text messages at `rate` a second, each from another user; 0 is as fast as it goes. */
export async function simulateBurst(
  api: ApiClient,
  output: Output,
  { sender, count, rate, monotonic }: Stopwatch & { sender: string; count: number; rate: number },
): Promise<void> {
  const startedAt = monotonic();
  let fresh = 0;
  let sent = 0;
  const send = async (): Promise<void> => {
    while (sent < count) {
      const number = sent;
      sent += 1;
      if (rate > 0) await sleep(Math.max(0, (number / rate) * 1000 - (monotonic() - startedAt)));
      const from = `1555${String(1_000_000 + (number % 9_000_000)).padStart(7, '0')}`;
      const played = await api.send<PlayedEvent>('POST', `/sandbox/${encodeURIComponent(sender)}/inbound`, {
        from,
        type: 'text',
        text: `message ${number + 1}`,
      });
      if (played.outcome === 'fresh') fresh += 1;
      output.progress(`${sent} of ${count} messages`);
    }
  };
  await Promise.all(Array.from({ length: 8 }, send));
  const seconds = (monotonic() - startedAt) / 1000;
  output.result(`${fresh} messages in ${seconds.toFixed(1)} s (${Math.round(fresh / seconds)} a second).`, {
    messages: fresh,
    seconds,
  });
}

function parseBody(text: string | undefined): Record<string, unknown> {
  if (text === undefined) return {};
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return { ...parsed };
  } catch {
    // Said below, as for any other text that is no object.
  }
  throw new GatewayError('bad_command', '--body has to be a JSON object, e.g. \'{"caption":"a cat"}\'.');
}
