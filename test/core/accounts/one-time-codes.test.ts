// Codes that are drawn, kept as hashes, and read as people type them.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { drawCode, drawRecoveryCodes, findRecoveryCode } from '../../../src/core/accounts/one-time-codes.ts';

it('a code is groups of four characters that nobody takes for one another', () => {
  const codes = Array.from({ length: 200 }, () => drawCode(4));
  for (const code of codes) assert.match(code, /^[2-9a-hjkmnp-tv-z]{4}(?:-[2-9a-hjkmnp-tv-z]{4}){3}$/);
  assert.equal(new Set(codes).size, codes.length);
});

it('of recovery codes hashes are kept, which differ from user to user', () => {
  const { codes, hashes } = drawRecoveryCodes({ id: 'ana' });
  assert.deepEqual([codes.length, hashes.length], [10, 10]);
  const [code = '', other = ''] = codes;
  const ana = { id: 'ana', recoveryCodes: hashes };
  assert.equal(findRecoveryCode(ana, code), hashes[0]);
  assert.equal(findRecoveryCode(ana, ` ${other.replaceAll('-', '').toUpperCase()} `), hashes[1]);
  assert.equal(findRecoveryCode(ana, drawCode(4)), undefined);
  assert.equal(findRecoveryCode(ana, hashes[0] ?? ''), undefined, 'a hash is no code');
  assert.equal(findRecoveryCode({ id: 'ben', recoveryCodes: hashes }, code), undefined);
  assert.equal(findRecoveryCode({ ...ana, recoveryCodes: [] }, code), undefined);
});
