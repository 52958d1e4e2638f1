// docs/receipts.md names every type and every status of every channel.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { it } from 'node:test';
import { inboundKinds, messageStatuses } from '../../src/domain/receipt.ts';

const page = readFileSync(new URL('../../docs/receipts.md', import.meta.url), 'utf8');

/** The part of the page below a heading. */
function readSection(heading: string): string {
  const [, rest = ''] = page.split(`\n${heading}\n`);
  return rest.split(/\n#{2,3} /)[0] ?? '';
}

it('tells what Message holds for every type', () => {
  const rows = readSection('## ChatAppInbound');
  for (const kind of inboundKinds) assert.match(rows, new RegExp(`\`${kind.toUpperCase()}\``), kind);
});

it('tells the types of every channel', () => {
  for (const [channel, kinds] of [
    ['### WhatsApp', ['text', 'image', 'audio', 'reply', 'order', 'edit', 'revoke', 'echo', 'system']],
    ['### Messenger and Instagram', ['text', 'share', 'reply', 'referral', 'optin', 'feedback', 'system']],
    ['### Viber', ['text', 'image', 'sticker', 'share', 'interactive', 'referral', 'contacts']],
  ] as const)
    for (const kind of [...kinds, 'unsupported'])
      assert.match(
        readSection(channel),
        new RegExp(`\\| (.* )?\`${kind.toUpperCase()}\``),
        `${channel} ${kind}`,
      );
});

it('tells which status of each channel is which', () => {
  const rows = readSection('## ChatAppStatus').toLowerCase();
  for (const status of messageStatuses) assert.ok(rows.includes(`| \`${status}\``), status);
});
