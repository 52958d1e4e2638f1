import assert from 'node:assert/strict';
import { it } from 'node:test';
import { requirePlaces } from '../../../src/core/messages/optional-members.ts';

const types = ['whatsapp', 'messenger', 'instagram', 'viber'] as const;

it('a member that a channel has no place for is refused there, and only there', () => {
  for (const [name, value, takers] of [
    ['label', 'promotion', ['viber']],
    ['trackingData', 'x', ['viber']],
    ['tag', 'HUMAN_AGENT', ['messenger', 'instagram', 'viber']],
    ['recipientType', 'group', ['whatsapp', 'messenger']],
    ['contextMessageId', 'wamid.1', ['whatsapp', 'messenger', 'instagram']],
  ] as const)
    for (const type of types) {
      const tried = (): void => requirePlaces(type, { [name]: value });
      if ((takers as readonly string[]).includes(type)) assert.doesNotThrow(tried, `${name} on ${type}`);
      else assert.throws(tried, { code: 'bad_request', field: name, message: new RegExp(takers.join(', ')) });
    }
});

it('what is left out, and the recipient that everybody takes, have a place everywhere', () => {
  for (const type of types) {
    requirePlaces(type, {});
    requirePlaces(type, { recipientType: 'individual' });
  }
});
