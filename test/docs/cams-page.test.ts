// docs/cams.md names everything that the API offers and answers.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { it } from 'node:test';
import { refusalCodes } from '../../src/domain/refusal.ts';
import { gatewayErrorTable } from '../../src/protocols/cams/errors.ts';
import { offeredOperations } from '../../src/protocols/cams/operations.ts';

const page = readFileSync(new URL('../../docs/cams.md', import.meta.url), 'utf8');
/** Codes of the protocol's own, beside those of the rules. */
const folder = new URL('../../src/protocols/cams/', import.meta.url);

it('names every operation that is offered', () => {
  for (const operation of offeredOperations) assert.ok(page.includes(`\`${operation}\``), operation);
});

it('names every code', () => {
  const source = readdirSync(folder)
    .map((name) => readFileSync(new URL(name, folder), 'utf8'))
    .join('\n');
  const ownCodes = [
    ...source.matchAll(/'InvalidParameter\.([A-Z]\w+)'/g),
    ...source.matchAll(/\b(?:fault|business)\(\s*'(\w+)'/g),
  ].map(([, code]) => code ?? '');
  const ruleCodes = Object.values(refusalCodes).map((code) => code.replace(/^InvalidParameter\./, ''));
  const codes = new Set([...ownCodes, ...ruleCodes]);
  assert.ok(codes.size > 25);
  for (const code of [...codes, ...Object.keys(gatewayErrorTable)])
    assert.ok(page.includes(`\`${code}\``) || page.includes(`\`InvalidParameter.${code}\``), code);
});
