import assert from 'node:assert/strict';
import { it } from 'node:test';
import { toBanner } from '../../src/cli/banner.ts';

const running = {
  address: 'http://127.0.0.1:8080',
  adminAddress: 'http://127.0.0.1:8080',
  firstAccount: null,
};
const settings = { host: '127.0.0.1', publicUrl: null, consoleUrl: null, adminPort: 0 };

/** What the first lines say, by what they say it of. */
function read(...args: Parameters<typeof toBanner>): readonly (string | undefined)[] {
  const text = toBanner(...args);
  return ['listening on', 'SMQ endpoint ', 'console ', 'health '].map((what) =>
    new RegExp(`${what} +(.*)`).exec(text)?.[1]?.trim(),
  );
}

it('without settings all is where the service listens', () => {
  const { address } = running;
  assert.deepEqual(read(running, settings), [
    address,
    address,
    `${address}/console/`,
    `${address}/health/ready`,
  ]);
});

it('what others call is where the settings say that they find it, and it says where else it listens', () => {
  const { address } = running;
  const publicUrl = 'https://chat.example.com';
  assert.deepEqual(read(running, { ...settings, host: '0.0.0.0', publicUrl }), [
    `${address}, and on every other address of this machine (HOST 0.0.0.0)`,
    publicUrl,
    `${publicUrl}/console/`,
    `${address}/health/ready`,
  ]);
});

it('with a port of its own the console is not at the public address', () => {
  const adminAddress = 'http://127.0.0.1:9000';
  const apart = { ...settings, publicUrl: 'https://chat.example.com', adminPort: 9000 };
  assert.equal(read({ ...running, adminAddress }, apart)[2], `${adminAddress}/console/`);
  const named = { ...apart, consoleUrl: 'https://admin.example.com' };
  assert.equal(read({ ...running, adminAddress }, named)[2], 'https://admin.example.com/console/');
});
