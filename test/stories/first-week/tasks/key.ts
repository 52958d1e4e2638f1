import assert from 'node:assert/strict';
import type { Person } from '../person.ts';
import { callWithKey } from '../town.ts';
import type { Town } from '../town.ts';

interface Key {
  readonly id: string;
  readonly secret: string;
}

/** The key of the order system is made, then rotated while it works: the new one is tried, and only then the old one switched off. */
export async function rotateAKey(person: Person, town: Town): Promise<void> {
  await person.goTo('nav.settings');
  await person.follow('settings.keys');
  await person.press('keys.create');
  const making = person.dialog('keys.create');
  await making.write('key.name', 'order system');
  await person.looksOver('7-new-key');
  await making.press('keys.create');
  const old = await takeDown(person);
  assert.equal(await callWithKey(town, old.id, old.secret), 200);

  await person.row(old.id).press('keys.rotate');
  const rotating = person.dialog('keys.rotate.title', { id: old.id });
  await person.looksOver('7-rotate');
  await rotating.press('keys.rotate');
  const next = await takeDown(person);
  assert.equal(
    await callWithKey(town, old.id, old.secret),
    200,
    'the old one works until it is switched off',
  );
  assert.equal(await callWithKey(town, next.id, next.secret), 200);

  // Which of them is still in use shows in the list.
  await person.row(next.id).seesHowLongAgo();
  await person.row(old.id).seesHowLongAgo();
  await person.looksOver('7-used');
  await person.row(old.id).press('action.disable');
  await person.dialog('keys.disable.title', { id: old.id }).press('action.disable');
  await person.row(old.id).sees('user.state.disabled');
  await person.looksOver('7-keys');
  assert.equal(await callWithKey(town, old.id, old.secret), 401);
  assert.equal(await callWithKey(town, next.id, next.secret), 200);
}

/** Takes down what is shown this once. */
async function takeDown(person: Person): Promise<Key> {
  const made = person.dialog('keys.made');
  const key = { id: await made.copy('key.id'), secret: await made.copy('key.secret') };
  await made.press('action.close');
  return key;
}
