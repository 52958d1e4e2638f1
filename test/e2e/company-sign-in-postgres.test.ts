// Signing in by a company's provider where two nodes share a database: either of them takes the answer.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { CompanyBrowser, toCompanySettings } from '../support/company-browser.ts';
import { openIdentityProvider, signInAt } from '../support/identity-provider.ts';
import { openPostgres } from '../support/postgres.ts';
import { startService } from '../support/service.ts';

it('who begins to sign in at one node comes back to another, and is signed in at both', async (t) => {
  const postgres = await openPostgres();
  t.after(() => postgres.close());
  const provider = await openIdentityProvider();
  t.after(() => provider.close());
  const env = {
    ...toCompanySettings(provider),
    DATABASE_URL: await postgres.createDatabase(),
    MASTER_KEY: '5c'.repeat(32),
  };
  const one = await startService({ dataDir: '/nowhere', env });
  t.after(() => one.stop());
  // Browsers know the nodes by one address.
  const two = await startService({ dataDir: '/nowhere', env: { ...env, PUBLIC_URL: one.url } });
  t.after(() => two.stop());
  provider.serve([one.url]);
  provider.people.set('p-1', { preferred_username: 'ana', roles: ['chat-leads'] });
  const [first, second] = [new CompanyBrowser(one), new CompanyBrowser(two)];
  const answered = await signInAt(await first.begin(), 'p-1');
  for (const [name, value] of first.jar) second.jar.set(name, value);
  assert.equal(
    await second.land(new URL(answered.pathname + answered.search, two.url)),
    '/console/?sign_in=done',
  );
  // The page of the console may speak to the first again.
  for (const [name, value] of second.jar) first.jar.set(name, value);
  assert.equal(await first.finish(), 204);
  for (const [name, value] of first.jar) second.jar.set(name, value);
  for (const browser of [first, second]) {
    const { state, user } = (await browser.session()) as { state: string; user: Record<string, unknown> };
    assert.deepEqual([state, user['name'], user['role']], ['signed_in', 'ana', 'operator']);
  }
});
