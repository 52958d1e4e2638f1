import assert from 'node:assert/strict';
import { given } from '../town.ts';
import type { Product, Town } from '../town.ts';
import type { Person, TextKey } from '../person.ts';

interface Desk {
  /** What the vendor gave, by the label of its field. */
  readonly fields: Partial<Record<TextKey, string>>;
  /** Whom users write to. */
  readonly sender: string;
}

const ofMeta = (product: 'whatsapp' | 'messenger' | 'instagram'): Desk['fields'] => ({
  'credential.appSecret': given.appSecret,
  'credential.verifyToken': given.verifyToken,
  'credential.accessToken': given.accessTokens[product],
});

const desks: Readonly<Record<Product, Desk>> = {
  whatsapp: {
    fields: { 'channel.waba': '100000000000001', ...ofMeta('whatsapp') },
    sender: '15550001111',
  },
  messenger: { fields: ofMeta('messenger'), sender: '300000000000001' },
  instagram: { fields: ofMeta('instagram'), sender: '17840000000000001' },
  'viber-bot': { fields: { 'credential.authToken': given.authToken }, sender: '75346594275468546724' },
  'viber-business': {
    fields: {
      'credential.pathSecret': given.pathSecret,
      'credential.allowedAddresses': '127.0.0.0/8',
      'credential.serviceId': '42',
    },
    sender: '42',
  },
};

/** Connects a product from the list of channels on, turns its receipts on, and sees what the first user writes. */
export async function connect(person: Person, town: Town, product: Product): Promise<void> {
  const { fields, sender } = desks[product];

  await person.goTo('nav.channels');
  await person.press('channels.connect');
  await person.tick(`channel.kind.${product}`);
  await person.looksOver(`2-${product}-type`);
  await person.press('action.next');
  await person.write('channel.id', product);
  for (const [label, value] of Object.entries(fields)) await person.write(label as TextKey, value);
  await person.looksOver(`2-${product}-credentials`);
  await person.press('connect.do');
  await person.isAt('connect.step.address');

  await person.sees('channel.hook');
  await person.looksOver(`2-${product}-address`);
  if (product === 'messenger' || product === 'instagram')
    await town.pointApp(product, await person.copy('channel.hook'));
  await person.press('action.next');

  await person.isAt('connect.step.sender');
  if (product === 'viber-business') {
    // This vendor cannot be asked who may send.
    await person.write('sender.id.viber', sender);
    await person.press('action.add');
  } else {
    await person.press('senders.ask');
    await person.looksOver(`2-${product}-sender`);
    await person.row(sender).press('action.add');
  }

  if (product !== 'viber-business') {
    await person.press('subscribe.do');
    await person.isTold('subscribe.done');
  }
  await person.sees('check.all_good');
  expectSentences(await person.readsItems());
  await person.looksOver(`2-${product}-check`);
  await person.press('webhook.settings');

  await person.turnOn('webhook.queue.switch');
  await person.saves();
  await town.userWrites(product, `Hello over ${product}`);
  await person.goTo('nav.tail');
  await person.within('list', 'nav.tail').sees({ said: `Hello over ${product}` });
  await person.looksOver(`2-${product}-tail`);
}

/** What the check found is told in sentences, and each setting once. */
function expectSentences(found: readonly string[]): void {
  const told = found.filter((text) => text.includes(' — '));
  assert.ok(told.length > 2);
  assert.deepEqual(
    told.filter((text) => / — (?:\d+: )?(?:Is|Has|\d+ added)/.test(text)),
    [],
  );
  // Of the webhook several things are told.
  const names = told.map((text) => text.split(' — ')[0] ?? '').filter((name) => !name.startsWith('Webhook'));
  assert.deepEqual([...new Set(names)], names);
}
