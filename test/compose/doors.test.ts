import assert from 'node:assert/strict';
import { test } from 'node:test';
import fastify from 'fastify';
import { listen } from '../../src/compose/doors.ts';
import { findFreePort } from '../support/service.ts';

test('a listener on all addresses is told by one that can be called', async (t) => {
  for (const [host, called] of [
    ['0.0.0.0', '127.0.0.1'],
    ['::', '[::1]'],
    ['::1', '[::1]'],
    ['127.0.0.1', '127.0.0.1'],
  ] as const) {
    const app = fastify();
    t.after(() => app.close());
    const port = await findFreePort();
    const address = await listen(app, host, port).catch((error: unknown) => {
      // A machine without IPv6.
      if (host.includes(':') && String(error).includes('cannot be listened on')) return null;
      throw error;
    });
    if (address !== null) assert.equal(address, `http://${called}:${port}`);
  }
});
