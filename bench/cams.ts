// The CAMS calls, and the way of a message from its send call over the sandbox to the callback.
import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';
import { signAcs3 } from '../test/support/cams-client.ts';
import { rootAccount } from '../test/support/service.ts';
import { key } from './bed.ts';
import type { Bed } from './bed.ts';
import { compare, drain, readReceiver, setDestinations, statusUrlOf, withBed } from './scenario.ts';
import type { Scenario } from './scenario.ts';

/** CAMS calls, from a sandbox sender so that no vendor's answer is in the figure. */
export function cams(
  name: string,
  kind: 'cams-send' | 'cams-mass' | 'cams-token',
  batch: number,
): Scenario['run'] {
  return (store, size) =>
    withBed(store, async (bed) => {
      const queue = `Alicom-Queue-${rootAccount.accountId}-ChatAppStatus`;
      await bed.api('PUT', '/api/v1/channels/sandbox/senders/15550100001/webhook', { queue: true });
      const templateCode = kind === 'cams-mass' ? await createTemplate(bed) : '';
      const task = { connections: 32, seconds: size.seconds };
      const figure = batch === 1 ? 'req/s ÷ bare req/s' : 'recipients/s ÷ bare req/s';
      return [
        await compare(
          name,
          figure,
          size.rounds,
          () => bed.drive({ ...task, kind, batch, queue, templateCode }),
          () => bed.drive({ ...task, kind: 'bare', urls: [bed.bareUrl] }),
        ),
      ];
    });
}

async function createTemplate(bed: Bed): Promise<string> {
  const call = async (action: string, values: Readonly<Record<string, string>>) => {
    const { method, target, headers, body } = signAcs3(key, action, { CustSpaceId: 'sandbox', ...values });
    const answer = await request(`${bed.urls[0] ?? ''}${target}`, { method, headers, body });
    return answer.body.text();
  };
  const made = await call('CreateChatappTemplate', {
    Name: 'bench',
    Language: 'en',
    Category: 'UTILITY',
    TemplateType: 'WHATSAPP',
    Components: JSON.stringify([{ type: 'BODY', text: 'Hello $(name)' }]),
    Example: '{"name":"Bob"}',
  });
  const templateCode = /"TemplateCode":"([^"]+)"/i.exec(made)?.[1];
  if (templateCode === undefined) throw new Error(`No template was made: ${made}`);
  const detail = { TemplateCode: templateCode, Language: 'en' };
  for (let tries = 0; tries < 100; tries += 1) {
    if (/"AuditStatus":"pass"/i.test(await call('GetChatappTemplateDetail', detail))) return templateCode;
    await sleep(200);
  }
  throw new Error('The template was not passed.');
}

/** From the send call over the sandbox and its first status to the callback; the sandbox waits a little by itself. */
export const sendWay: Scenario['run'] = (store, size) =>
  withBed(
    store,
    async (bed) => {
      const url = statusUrlOf(bed);
      const path = '/api/v1/channels/sandbox/senders/15550100001/webhook';
      await bed.api('PUT', path, { http: true, queue: false, statusUrl: url, inboundUrl: url });
      await setDestinations(bed, { concurrency: 64 });
      const task = { kind: 'cams-send', connections: 32 } as const;
      await bed.drive({ ...task, seconds: 2 });
      await drain(bed);
      // What a second brings through as a whole: three statuses for each message.
      const startedAt = performance.now();
      await request(bed.receiverUrl, { method: 'DELETE' });
      const burst = await bed.drive({ ...task, count: size.pushes / 4 });
      await drain(bed);
      const rate = burst.count / ((performance.now() - startedAt) / 1000 - 0.7) / 2;
      await request(bed.receiverUrl, { method: 'DELETE' });
      const half = await bed.drive({ ...task, seconds: size.seconds * 2, rate });
      await drain(bed);
      const { distinct, unexplained, p50Ms, p99Ms } = await readReceiver(bed);
      const faults = Math.abs(half.count * 3 - distinct) + unexplained + half.errors;
      const detail = `at ${Math.round(rate)} a second, half of what comes through; all three statuses, which the sandbox plays in its own time; p50 ${p50Ms} ms`;
      return [{ name: 'send way', figure: 'p99 ms', value: p99Ms, spread: [p99Ms, p99Ms], detail, faults }];
    },
    1,
    { CHASQUI_SEND_RATE: '10000', CHASQUI_SEND_CONCURRENCY: '256' },
  );
