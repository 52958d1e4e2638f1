// Addresses inside, in every spelling: refused when they are set as a callback, and never called. What a name leads to at the moment
// of a push, and redirects of media, are in test/http/client.test.ts.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, it } from 'node:test';
import type { TestContext } from 'node:test';
import { waitUntil } from '../support/service.ts';
import { openBed } from './bed.ts';
import type { Bed } from './bed.ts';

let bed: Bed;
before(async () => {
  // 127.0.0.3 is where the receiver of this file is; everything else inside is forbidden.
  bed = await openBed({ env: { EGRESS_ALLOW: '127.0.0.3/32' } });
});
after(() => bed.close());

/** Hosts that lead inside, as a URL writes them. */
const inside: readonly string[] = [
  // Loopback, by every notation of inet_aton and of URLs.
  ...['127.0.0.2', '127.1.2.3', '127.2', '127.255.255.254', '2130706434', '0x7f000002', '017700000002'],
  ...['0177.0.0.2', '0x7f.0.0.2', '0x7f.2', '127.0.2', '0177.0x0.0.2', '127.0.0.0x2', '127.000.000.002'],
  ...['①②⑦.⓪.⓪.②', '127。0。0。2', '127.0.0.2.', '%31%32%37.0.0.2'],
  // This host and this network.
  ...['0.0.0.0', '0', '0.1.2.3', '00.0.0.0', '0x0'],
  // Private, shared, link-local, documentation, benchmarks, reserved.
  ...['10.0.0.1', '10.255.255.255', '167772161', '0xa000001', '012.0.0.1', '10.1'],
  ...['172.16.0.1', '172.31.255.255', '0xac100001', '192.168.0.1', '3232235521', '0300.0250.0.1'],
  ...['169.254.169.254', '2852039166', '0xa9fea9fe', '169.254.43518', '100.64.0.1', '100.100.100.200'],
  ...['192.0.0.1', '192.0.2.1', '198.18.0.1', '198.51.100.1', '203.0.113.1', '224.0.0.1', '240.0.0.1'],
  '255.255.255.255',
  // IPv6, and IPv4 inside of it.
  ...['[::1]', '[::]', '[0:0:0:0:0:0:0:1]', '[0000:0000:0000:0000:0000:0000:0000:0001]', '[::127.0.0.2]'],
  ...[
    '[::ffff:127.0.0.2]',
    '[::ffff:7f00:2]',
    '[::ffff:10.0.0.1]',
    '[::FFFF:A9FE:A9FE]',
    '[::ffff:0:127.0.0.2]',
  ],
  ...['[64:ff9b::7f00:2]', '[64:ff9b::10.0.0.1]', '[64:ff9b:1::a00:1]', '[2002:7f00:2::]', '[2002:a00:1::1]'],
  ...['[2001:0:4136:e378:8000:63bf:80ff:fffd]', '[fe80::1]', '[febf::1]', '[fc00::1]', '[fd12:3456::1]'],
  ...['[fec0::1]', '[ff02::1]', '[2001:db8::1]', '[100::1]'],
  // Names.
  ...['localhost', 'LOCALHOST', 'localhost.', 'a.localhost', 'metadata.google.internal', 'printer.local'],
];

/** What is no address of a callback at all. */
const noCallbacks: readonly string[] = [
  'ftp://example.com/',
  'file:///etc/passwd',
  'gopher://example.com/',
  'javascript:alert(1)',
  'data:text/plain,a',
  'http://',
  'http:///path',
  'http://user:password@example.com/',
  'http://user@example.com/',
  'http://example.com:0/',
  'http://example.com:99999/',
  'http://exa mple.com/',
  'http://example.com/a b',
  'http://example.com/\r\nX-Injected: 1',
  'http://example.com/\u0000',
  '//example.com/',
  'example.com',
  `http://example.com/${'a'.repeat(3000)}`,
];

/** Serves HTTP on a loopback address until the test is over; resolves to where. */
async function listen(t: TestContext, host: string, serve: RequestListener): Promise<string> {
  const server = createServer(serve);
  server.listen(0, host);
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://${host}:${(server.address() as AddressInfo).port}`;
}

const path = '/channels/sandbox/senders/15550100001/webhook';

it(`refuses ${inside.length} spellings of addresses inside`, async () => {
  const taken: string[] = [];
  for (const host of inside)
    for (const url of [`http://${host}:8081/hook`, `https://${host}/`]) {
      const answer = await bed.api('PUT', path, { http: true, queue: false, inboundUrl: url });
      if (answer.status !== 400) taken.push(`${url}: ${answer.status}`);
    }
  assert.deepEqual(taken, []);
});

it(`refuses ${noCallbacks.length} texts that are no callback`, async () => {
  const taken: string[] = [];
  for (const url of noCallbacks) {
    const answer = await bed.api('PUT', path, { http: true, queue: false, inboundUrl: url });
    if (answer.status !== 400) taken.push(`${JSON.stringify(url)}: ${answer.status}`);
  }
  assert.deepEqual(taken, []);
});

it('keeps what a lenient parser would call in the spelling that is called', async () => {
  for (const url of ['http:1.1.1.1', 'http:/1.1.1.1/', 'http:\\\\1.1.1.1\\']) {
    const answer = await bed.api('PUT', path, { http: true, queue: false, inboundUrl: url });
    assert.equal(answer.json['inboundUrl'], 'http://1.1.1.1/', `${url}: ${answer.text}`);
  }
});

it('follows no redirect to an address inside', async (t) => {
  let visits = 0;
  const hidden = await listen(t, '127.0.0.9', (_request, response) => {
    visits += 1;
    response.end('{"code":0}');
  });
  const statuses = [301, 302, 303, 307, 308, 300];
  const receiver = await listen(t, '127.0.0.3', ({ url = '' }, response) => {
    response.writeHead(Number(url.slice(1)), { location: `${hidden}/`, refresh: `0; ${hidden}/` }).end();
  });
  const tried = async (status: number): Promise<boolean> => {
    const answer = await bed.api('GET', '/destinations?limit=500');
    const items = answer.json['items'] as { id: number; url: string }[];
    const destination = items.find(({ url }) => url === `${receiver}/${status}`);
    const found = await bed.api('GET', `/deliveries?destinationId=${destination?.id ?? 0}`);
    const [delivery] = found.json['items'] as { attempts: number; state: string }[];
    return delivery !== undefined && delivery.attempts > 0 && delivery.state === 'waiting';
  };
  for (const status of statuses) {
    const url = `${receiver}/${status}`;
    assert.equal((await bed.api('PUT', path, { http: true, queue: false, inboundUrl: url })).status, 200);
    const event = JSON.stringify({ from: `1555000${status}0`, type: 'text', text: 'hello' });
    const authorization = `Basic ${Buffer.from('LTAItestkey:test-secret-of-root').toString('base64')}`;
    const headers = { authorization, 'content-type': 'application/json' };
    assert.equal((await bed.call('POST', '/sandbox/15550100001/inbound', headers, event)).status, 201);
    await waitUntil(`a redirect with ${status} counts as a failed try`, 120_000, () => tried(status));
  }
  assert.equal(visits, 0);
});
