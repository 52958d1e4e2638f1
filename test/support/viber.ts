import { createHmac } from 'node:crypto';
import { system } from '../../src/domain/account.ts';
import { noSenderWebhook } from '../../src/domain/channel.ts';
import { openHookApp } from './hooks.ts';
import type { HookApp } from './hooks.ts';
import type { TestStoreOptions } from './store.ts';

const botToken = '44dafb7e0f40021e-61a47a1e6778d187-f2c5a676a07050b3';
export const botId = '75346594275468546724';
export const serviceId = '42';
export const pathSecret = 'an-unguessable-path-secret';

export interface ViberHooks extends HookApp {
  /** Posts to the bot's webhook with the right signature, or with the one given. */
  readonly postBot: (
    body: string | Buffer,
    signature?: string,
  ) => Promise<{ status: number; body: string; type: string }>;
  /** Posts to the webhook of the service, behind the right secret or the one given. */
  readonly postBusiness: (body: string | Buffer, secret?: string) => Promise<number>;
}

export function signForViber(body: string | Buffer, token: string = botToken): string {
  return createHmac('sha256', token).update(body).digest('hex');
}

/** The hooks with a Viber bot on channel `bot` and a service of Business Messages on channel `vbm`, receipts into queues. */
export async function openViberHooks(options: TestStoreOptions = {}): Promise<ViberHooks> {
  const hooks = await openHookApp(options);
  const { store, accountId, app } = hooks;
  const add = async (
    id: string,
    credentials: Record<string, string>,
    senderId: string,
    routeId: string,
  ): Promise<void> => {
    await store.putChannel(accountId, { id, type: 'viber', name: 'Shop', wabaId: null, credentials }, system);
    await store.putSender(accountId, id, { id: senderId, type: 'viber', name: 'Shop', routeId }, system);
    const webhook = { ...noSenderWebhook, queue: true };
    await store.setSenderWebhook(accountId, id, senderId, webhook, 'standard', system);
  };
  await add('bot', { authToken: botToken, welcomeText: 'Вітаємо! 👋' }, botId, 'bot');
  await add('vbm', { pathSecret }, serviceId, serviceId);
  return {
    ...hooks,
    postBot: async (body, signature = signForViber(body)) => {
      const answer = await app.inject({
        method: 'POST',
        url: '/hooks/viber/bot',
        headers: { 'content-type': 'application/json', 'x-viber-content-signature': signature },
        payload: body,
      });
      return {
        status: answer.statusCode,
        body: answer.body,
        type: String(answer.headers['content-type'] ?? ''),
      };
    },
    postBusiness: async (body, secret = pathSecret) => {
      const answer = await app.inject({
        method: 'POST',
        url: `/hooks/viber/vbm/${secret}`,
        headers: { 'content-type': 'application/json' },
        payload: body,
      });
      return answer.statusCode;
    },
  };
}
