// Who is let in by a company's provider, as which user, over a real store. The provider itself is that of test/e2e.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { TestContext } from 'node:test';
import { CompanySignIn, pendingMs } from '../../../src/core/accounts/company-sign-in.ts';
import type { Arrival, IdentityProvider } from '../../../src/domain/identity-provider.ts';
import { createSeal } from '../../../src/store/seal.ts';
import { openTestStore } from '../../support/store.ts';

const visitor = '192.0.2.1';
const over = { code: 'sign_in_over' };
const issuer = 'https://login.example.com';
const actor = { kind: 'system', id: 'test' } as const;

type Deps = ConstructorParameters<typeof CompanySignIn>[0];

async function open(t: TestContext, { rules = {}, seal = 'company' } = {}) {
  const { store, accountId, clock, close } = await openTestStore();
  t.after(close);
  /** Who comes back next. */
  const next: { arrival: () => Promise<Arrival> } = {
    arrival: () => Promise.reject(new Error('Nobody comes back.')),
  };
  let begun = 0;
  const provider: IdentityProvider = {
    begin: async (returnUrl) => {
      begun += 1;
      const pending = { state: `state-${begun}`, nonce: 'nonce', verifier: 'verifier' };
      return { url: `${issuer}/?redirect_uri=${returnUrl}`, pending };
    },
    finish: () => next.arrival(),
  };
  const deps: Deps = {
    store,
    provider,
    seal: createSeal(Buffer.alloc(32, 7), seal),
    now: clock.now,
    rules: {
      accountId: null,
      roleClaim: 'roles',
      nameClaim: 'name',
      values: { owner: ['o'], operator: ['p'], viewer: ['v', 'w'] },
      ...rules,
    },
    returnUrl: () => 'https://chat.example.com/api/v1/session/company/return',
  };
  const node = new CompanySignIn(deps);
  const signIn = async (subject: string, claims: object, at = node) => {
    const { kept } = await at.begin(false);
    next.arrival = async () => ({ identity: { issuer, subject }, claims: { ...claims } });
    return (await at.finish(`?state=state-${begun}&code=c`, kept, visitor)).user;
  };
  return { store, accountId, clock, deps, node, next, signIn };
}

it('the highest role that a claim gives counts, and what stands nowhere gives none', async (t) => {
  const { signIn } = await open(t);
  const rows: [unknown, string | null][] = [
    ['o', 'owner'],
    [['v', 'o', 'p'], 'owner'],
    [['w', 'x'], 'viewer'],
    [['x', 'p'], 'operator'],
    ['O', null],
    ['o p', null],
    [['x'], null],
    [[], null],
    [[['o']], null],
    [{ o: true }, null],
    [true, null],
    [undefined, null],
    [null, null],
  ];
  for (const [at, [roles, role]] of rows.entries()) {
    const signed = signIn(`s-${at}`, { roles, name: `n${at}` });
    if (role === null) await assert.rejects(signed, { code: 'sign_in_no_role' }, JSON.stringify(roles));
    else assert.equal((await signed).role, role);
  }
});

it('one who is named like another, or like nobody can be, is somebody of his own', async (t) => {
  const { signIn, store, accountId } = await open(t);
  await store.createUser(accountId, { id: 'local', name: 'ana', role: 'owner', password: 'hash' }, actor);
  const rows: [string, unknown, RegExp][] = [
    ['1', 'bo@example.com', /^bo@example\.com$/],
    ['2', 'ANA', /^ana\.[0-9a-f]{8}$/],
    ['3', 'ana', /^ana\.[0-9a-f]{8}$/],
    ['4', '安娜', /^安娜$/],
    ['9', '安\u200b娜', /^person\.[0-9a-f]{16}$/],
    ['10', '𠮷'.repeat(100), /^𠮷{100}$/u],
    ['11', '𠮷'.repeat(100), /^𠮷{90}\.[0-9a-f]{8}$/u],
    ['5', undefined, /^person\.[0-9a-f]{16}$/],
    ['6', ['ana'], /^person\.[0-9a-f]{16}$/],
    ['7', 'x'.repeat(100), /^x{100}$/],
    ['8', 'x'.repeat(100), /^x{90}\.[0-9a-f]{8}$/],
  ];
  for (const [subject, name, expected] of rows) {
    const user = await signIn(subject, { roles: 'v', name });
    assert.match(user.name, expected);
    // Whatever he is called later.
    assert.equal((await signIn(subject, { roles: 'v', name: 'other' })).id, user.id);
  }
  assert.equal((await store.findUser(accountId, 'ana'))?.identity, null);
});

it('of first sign-ins made at once one makes the user', async (t) => {
  const { store, accountId, deps, next } = await open(t);
  next.arrival = async () => ({ identity: { issuer, subject: '1' }, claims: { roles: 'v', name: 'ana' } });
  const nodes = [1, 2, 3, 4].map(() => new CompanySignIn(deps));
  const begun = await Promise.all(nodes.map((node) => node.begin(false)));
  const users = await Promise.all(
    nodes.map((node, at) => node.finish(`?state=state-${at + 1}`, begun[at]?.kept, visitor)),
  );
  assert.equal(new Set(users.map(({ user }) => user.id)).size, 1);
  assert.equal((await store.listUsers(accountId)).length, 1);
});

it('what one node sealed another opens, in time, and nobody else does', async (t) => {
  const { deps, node, next, clock } = await open(t);
  next.arrival = async () => ({ identity: { issuer, subject: '1' }, claims: { roles: 'v' } });
  const other = new CompanySignIn(deps);
  const { kept } = await node.begin(false);
  assert.equal((await other.finish('?state=state-1', kept, visitor)).user.role, 'viewer');
  const foreign = new CompanySignIn({ ...deps, seal: createSeal(Buffer.alloc(32, 7), 'another purpose') });
  await assert.rejects(foreign.finish('?state=state-1', kept, visitor), over);
  for (const spoilt of [undefined, '', 'A', 'A'.repeat(400), kept.slice(1), `${kept.slice(0, -2)}AA`])
    await assert.rejects(node.finish('?state=state-1', spoilt, visitor), over);
  for (const search of ['', '?state=', '?state=state-2', '?state=state-1&state=state-1'])
    await assert.rejects(node.finish(search, kept, visitor), over);
  clock.advance(pendingMs);
  await assert.rejects(node.finish('?state=state-1', kept, visitor), over);
  assert.doesNotMatch(Buffer.from(kept, 'base64url').toString('latin1'), /verifier|nonce|state/);
});

it('of one visitor a quarter of the answers is looked into at once, and his places are free again', async (t) => {
  const { node, next } = await open(t);
  const { kept } = await node.begin(false);
  let letGo = (): void => undefined;
  const held = new Promise<void>((resolve) => (letGo = resolve));
  next.arrival = async () => {
    await held;
    return { identity: { issuer, subject: '1' }, claims: { roles: 'v' } };
  };
  const finish = (from = visitor) => node.finish('?state=state-1', kept, from);
  const looked = Array.from({ length: 8 }, () => finish());
  await assert.rejects(finish(), { code: 'too_many' });
  const other = finish('192.0.2.2');
  letGo();
  await Promise.all([...looked, other]);
  await finish();
});

it('an account that is named and not there lets nobody in, and one that is full makes no more', async (t) => {
  const { signIn, store, accountId } = await open(t);
  const none = await open(t, { rules: { accountId: 42 } });
  await assert.rejects(none.signIn('1', { roles: 'o' }), { code: 'sign_in_no_role' });
  for (let at = 0; at < 1000; at += 1)
    await store.createUser(accountId, { id: `u${at}`, name: `u${at}`, role: 'viewer', password: '' }, actor);
  await assert.rejects(signIn('1', { roles: 'o' }), { code: 'limit_reached' });
});
