// Templates found and taken away, and what became of them, over a real store with a sandbox that reviews nothing.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { TestContext } from 'node:test';
import { record } from '../../../src/core/receipts/record.ts';
import { decideReview } from '../../../src/core/templates/reviews.ts';
import { submitTemplate } from '../../../src/core/templates/submission.ts';
import { findTemplate, listTemplateEvents, removeTemplate } from '../../../src/core/templates/templates.ts';
import { openHookApp } from '../../support/hooks.ts';

async function open(t: TestContext) {
  const hooks = await openHookApp();
  t.after(() => hooks.close());
  const { store, accountId, clock, recording } = hooks;
  const owner = { accountId, actor: { kind: 'user', id: 'anna' } } as const;
  const sandbox = (await store.listChannels(accountId)).find(({ type }) => type === 'sandbox');
  assert.ok(sandbox);
  const make = async (language: string) => {
    const code = await submitTemplate({ store, now: clock.now }, owner, sandbox, {
      name: 'order_shipped',
      language,
      type: 'WHATSAPP',
      category: 'UTILITY',
      components: [{ Type: 'BODY', Text: 'It is on its way.' }],
    });
    return { channelId: sandbox.id, code, language };
  };
  const find = (key: Awaited<ReturnType<typeof make>>) => findTemplate(store, accountId, key);
  const decide = async (key: Awaited<ReturnType<typeof make>>, decision: 'pass' | 'fail', reason = '') =>
    decideReview(
      {
        ...recording,
        store,
        record: (channel, body, parsed) => record(recording, channel, body, parsed),
      },
      owner,
      await find(key),
      { decision, reason },
    );
  return { store, accountId, clock, owner, make, find, decide };
}

it('a language of a template is found by its key, by its own account alone', async (t) => {
  const { store, accountId, make, find } = await open(t);
  const key = await make('en');
  assert.equal((await find(key)).name, 'order_shipped');
  await assert.rejects(find({ ...key, language: 'de' }), { code: 'not_found' });
  await assert.rejects(findTemplate(store, accountId + 1, key), { code: 'not_found' });
});

it('one language is taken away, or all, and what is not there is not', async (t) => {
  const { store, owner, make, find } = await open(t);
  const english = await make('en');
  const german = await make('de');
  await make('fr');
  const seen = { ...owner, expected: { kind: 'versions', versions: ['older'] } } as const;
  await assert.rejects(removeTemplate({ store }, seen, english), { code: 'changed_meanwhile' });
  assert.equal(await removeTemplate({ store }, owner, english), true);
  assert.equal(await removeTemplate({ store }, owner, english), false);
  await find(german);
  assert.equal(await removeTemplate({ store }, owner, { ...english, language: null }), true);
  await assert.rejects(find(german), { code: 'not_found' });
});

it('a person ends a review that no channel does, once, and it is told as a channel would', async (t) => {
  const { store, accountId, clock, make, find, decide } = await open(t);
  const [english, german] = [await make('en'), await make('de')];
  await decide(english, 'fail', 'Too loud.');
  assert.deepEqual([(await find(english)).status, (await find(english)).reason], ['fail', 'Too loud.']);
  await assert.rejects(decide(english, 'pass'), { code: 'wrong_state', message: /stands at fail/ });
  clock.advance(1000);
  await decide(german, 'pass');
  const events = await listTemplateEvents(store, accountId, await find(english));
  assert.deepEqual(
    events.map(({ facts }) => [facts.auditStatus, facts.language]),
    [['fail', 'en']],
  );
  const { items } = await store.listChanges(accountId, { limit: 10 });
  assert.deepEqual(
    items.filter(({ action }) => action === 'template.reviewed').map(({ detail }) => detail),
    [
      { language: 'de', decision: 'pass' },
      { language: 'en', decision: 'fail' },
    ],
  );
});
