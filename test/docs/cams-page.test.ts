// docs/cams.md names everything that the API offers and answers.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { it } from 'node:test';
import { gatewayErrorTable } from '../../src/protocols/cams/errors.ts';
import { offeredOperations } from '../../src/protocols/cams/operations.ts';

const page = readFileSync(new URL('../../docs/cams.md', import.meta.url), 'utf8');
/** Where the codes stand: the protocol, and the rules that it puts into words. */
const folders = ['protocols/cams', 'core/messages', 'core/templates'].map(
  (path) => new URL(`../../src/${path}/`, import.meta.url),
);

it('names every operation that is offered', () => {
  for (const operation of offeredOperations) assert.ok(page.includes(`\`${operation}\``), operation);
});

it('names every code', () => {
  const source = folders
    .flatMap((folder) => readdirSync(folder).map((name) => readFileSync(new URL(name, folder), 'utf8')))
    .join('\n');
  const codes = [
    ...source.matchAll(/'InvalidParameter\.([A-Z]\w+)'/g),
    ...source.matchAll(/\b(?:fault|business)\(\s*'(\w+)'/g),
  ].map(([, code]) => code ?? '');
  assert.ok(new Set(codes).size > 25);
  for (const code of [...codes, ...Object.keys(gatewayErrorTable)])
    assert.ok(page.includes(`\`${code}\``) || page.includes(`\`InvalidParameter.${code}\``), code);
});
