import assert from 'node:assert/strict';
import { it } from 'node:test';
import { importRules } from './import-rules.ts';
import { findUnnamed } from './support/unnamed-folders.ts';

it('a folder that no import rule names is found', () => {
  const folders = ['src/domain', 'src/core/receipts', 'src/channels/viber', 'src/channels/viber-bot'];
  assert.deepEqual(findUnnamed(folders, importRules), []);
  const unknown = [
    'src/misc',
    'src/core/billing',
    'src/protocols/soap',
    'src/channels/telegram',
    'src/core/receipt',
  ];
  assert.deepEqual(findUnnamed([...folders, ...unknown], importRules), unknown);
});

it('every import rule says why it is there', () => {
  for (const rule of importRules.forbidden ?? []) assert.ok((rule.comment ?? '').length > 20, rule.name);
});
