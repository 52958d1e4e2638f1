import assert from 'node:assert/strict';
import { it } from 'node:test';
import { findClaim } from '../../src/domain/identity-provider.ts';

it('a claim is found by its name, dots and all, else by its path, and never where it is not', () => {
  const claims = {
    roles: ['a'],
    realm_access: { roles: ['b'], 'x.y': 'c' },
    'https://example.com/roles': 'd',
    'realm_access.roles.': 'e',
    nothing: null,
  };
  const rows: [string, unknown][] = [
    ['roles', ['a']],
    ['realm_access.roles', ['b']],
    ['https://example.com/roles', 'd'],
    ['realm_access.roles.', 'e'],
    ['roles.0', 'a'],
    ['nothing', null],
    ['nothing.more', undefined],
    ['realm_access.x.y', undefined],
    ['Roles', undefined],
    ['toString', undefined],
    ['realm_access.__proto__.constructor', undefined],
    ['roles.length', 1],
    ['', undefined],
  ];
  for (const [name, value] of rows) assert.deepEqual(findClaim(claims, name), value, name);
});
