import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { after, describe, it } from 'node:test';
import { isFailure } from '../../src/http/client.ts';
import type { Client, ClientOptions } from '../../src/http/client.ts';
import { pause } from '../support/pace.ts';
import { openReceiver } from '../support/receiver.ts';
import { openLocalClient } from '../support/client.ts';

const clients: Client[] = [];
after(() => Promise.all(clients.map((client) => client.close())));

function open(options: Partial<ClientOptions> = {}): Client {
  const client = openLocalClient(options);
  clients.push(client);
  return client;
}

const post = (client: Client, url: string, timeoutMs = 2000, maxBytes = 16_384) =>
  client.post(url, { headers: { 'content-type': 'application/json' }, body: '[]', timeoutMs, maxBytes });

async function outcomeOf(client: Client, url: string, timeoutMs?: number): Promise<string> {
  const result = await post(client, url, timeoutMs);
  return isFailure(result) ? result.outcome : String(result.status);
}

describe('the way out', () => {
  it('posts and gives the answer', async () => {
    const receiver = await openReceiver();
    const result = await post(open(), `${receiver.url}/a?b=c`);
    assert.ok(!isFailure(result));
    assert.equal(result.body.toString(), '{"code":0}');
    assert.equal(receiver.calls[0]?.path, '/a?b=c');
    assert.match(String(receiver.calls[0]?.headers['user-agent']), /^Chasqui\//);
    await receiver.close();
  });

  it('follows no redirect', async () => {
    const target = await openReceiver();
    const receiver = await openReceiver((_call, response) =>
      response.writeHead(302, { location: target.url }).end(),
    );
    assert.equal(await outcomeOf(open(), receiver.url), '302');
    assert.equal(target.calls.length, 0);
    await Promise.all([receiver.close(), target.close()]);
  });

  it('reads no more of an answer than it was told to', async () => {
    const receiver = await openReceiver((_call, response) => response.end('x'.repeat(1_000_000)));
    const result = await post(open(), receiver.url, 2000, 100);
    assert.ok(!isFailure(result));
    assert.equal(result.body.byteLength, 100);
    await receiver.close();
  });

  it('takes an answer that came in time, and was read late because this process was held up', async (t) => {
    const receiver = await openFarReceiver();
    t.after(receiver.close);
    const answer = post(open(), receiver.url, 300);
    await receiver.waitForCall();
    holdUp(600);
    const result = await answer;
    assert.ok(!isFailure(result), JSON.stringify(result));
  });

  it('gives up on one that accepts and never answers, and on one that trickles', async () => {
    const silent = await openReceiver(() => undefined);
    assert.equal(await outcomeOf(open(), silent.url, 100), 'timeout');
    const trickling = await openReceiver((_call, response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write('x'), 20);
      response.on('close', () => clearInterval(timer));
    });
    assert.equal(await outcomeOf(open(), trickling.url, 150), 'timeout');
    await Promise.all([silent.close(), trickling.close()]);
  });

  describe('at a pace', () => {
    // A busy machine has to begin within that time as well.
    const pace = { bytesPerSecond: 100_000, overMs: 1000 };
    /** Answers with so many bytes every 20 ms until it has sent all. */
    const openDripping = (bytes: number, pieces: number) =>
      openReceiver((_call, response) => {
        response.writeHead(200);
        let left = pieces;
        const timer = setInterval(() => {
          response.write(Buffer.alloc(bytes));
          left -= 1;
          if (left === 0) response.end();
        }, 20);
        response.on('close', () => clearInterval(timer));
      });
    const read = async (url: string): Promise<number> => {
      const answer = await open().get(url, {}, 20_000, pace);
      assert.ok(!isFailure(answer), JSON.stringify(answer));
      let bytes = 0;
      for await (const chunk of answer.body) bytes += chunk.byteLength;
      return bytes;
    };

    it('leaves one that drips, however long it would go on', async () => {
      const dripping = await openDripping(10, 1_000_000);
      await assert.rejects(read(dripping.url), { code: 'channel_unavailable', message: /less than/ });
      await dripping.close();
    });

    it('leaves one that stops in the middle', async () => {
      const stopping = await openReceiver((_call, response) => void response.write(Buffer.alloc(90_000)));
      await assert.rejects(read(stopping.url), { code: 'channel_unavailable', message: /less than/ });
      await stopping.close();
    });

    it('leaves one that does not begin', async () => {
      const silent = await openReceiver(() => undefined);
      const answer = await open().get(silent.url, {}, 20_000, pace);
      assert.ok(isFailure(answer));
      await silent.close();
    });

    it('reads one that keeps up, for as long as it takes', async () => {
      const steady = await openDripping(10_000, 50);
      assert.equal(await read(steady.url), 500_000);
      await steady.close();
    });

    it('does not count the time that its own reader takes', async () => {
      const quick = await openReceiver((_call, response) => response.end(Buffer.alloc(400_000)));
      const answer = await open().get(quick.url, {}, 20_000, pace);
      assert.ok(!isFailure(answer));
      let bytes = 0;
      for await (const chunk of answer.body) {
        bytes += chunk.byteLength;
        await pause(100, 'a reader slower than the pace, by what is read');
      }
      assert.equal(bytes, 400_000);
      await quick.close();
    });
  });

  it('tells a refused and a reset connection', async () => {
    const gone = await openReceiver();
    await gone.close();
    assert.equal(await outcomeOf(open(), gone.url), 'refused');
    const resetting = await openReceiver((_call, _response, request) => request.socket.resetAndDestroy());
    assert.equal(await outcomeOf(open(), resetting.url), 'refused');
    await resetting.close();
  });

  it('tells a name that has no address', async () => {
    const client = open({
      resolve: async () => {
        throw new Error('ENOTFOUND');
      },
    });
    assert.equal(await outcomeOf(client, 'http://nowhere.example/'), 'unresolved');
  });
});

describe('the egress guard', () => {
  const inside = [
    '127.0.0.1',
    '10.1.2.3',
    '172.16.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '224.0.0.1',
    '255.255.255.255',
    '192.0.2.1',
    '::1',
    '::',
    'fe80::1',
    'fc00::1',
    'ff02::1',
    '::ffff:10.0.0.1',
    '::ffff:7f00:1',
    '::10.0.0.1',
    '64:ff9b::a00:1',
    '2002:a00:1::',
    '2001:db8::1',
  ];
  for (const address of inside) {
    it(`refuses ${address}, as a literal and as what a name leads to`, async () => {
      const literal = address.includes(':') ? `[${address}]` : address;
      assert.equal(await outcomeOf(open({ egressAllow: [] }), `http://${literal}:1/`), 'guarded');
      const named = open({
        egressAllow: [],
        resolve: async () => [{ address, family: address.includes(':') ? 6 : 4 }],
      });
      assert.equal(await outcomeOf(named, 'http://callback.example/'), 'guarded');
      assert.match(
        (await named.checkUrl('https://callback.example/hook')) ?? '',
        /points inside a private network.*EGRESS_ALLOW/,
      );
    });
  }

  for (const spelling of ['2130706433', '0x7f.1', '0177.0.0.1', '127.1']) {
    it(`sees through the spelling ${spelling} of an address inside`, async () => {
      assert.equal(await outcomeOf(open({ egressAllow: [] }), `http://${spelling}:1/`), 'guarded');
    });
  }

  it('refuses a name of which any address is inside', async () => {
    const client = open({
      egressAllow: [],
      resolve: async () => [
        { address: '93.184.216.34', family: 4 },
        { address: '10.0.0.1', family: 4 },
      ],
    });
    assert.equal(await outcomeOf(client, 'http://mixed.example/'), 'guarded');
  });

  it('connects to the address that was checked, whatever the name says next', async () => {
    const receiver = await openReceiver();
    const port = new URL(receiver.url).port;
    let looks = 0;
    const client = open({
      egressAllow: ['127.0.0.1'],
      resolve: async () => {
        looks += 1;
        return [{ address: looks === 1 ? '127.0.0.1' : '10.0.0.1', family: 4 }];
      },
    });
    assert.equal(await outcomeOf(client, `http://rebinding.example:${port}/`), '200');
    assert.equal(looks, 1, 'one look-up decides and connects');
    await receiver.close();
  });

  it('lets an address through that the settings name, and only that', async () => {
    const receiver = await openReceiver();
    assert.equal(await outcomeOf(open({ egressAllow: ['127.0.0.1/32'] }), receiver.url), '200');
    assert.equal(await outcomeOf(open({ egressAllow: ['127.0.0.2'] }), receiver.url), 'guarded');
    await receiver.close();
  });
});

it('takes a callback URL whose host has no address yet, and tells that it has none', async () => {
  const client = open({
    resolve: async () => {
      throw new Error('ENOTFOUND');
    },
  });
  const url = 'https://soon.example:8443/in';
  assert.equal(await client.checkUrl(url), null);
  assert.equal(await client.findHostWithoutAddress(url), 'soon.example:8443');
  assert.equal(await client.findHostWithoutAddress('http://127.0.0.1/'), null);
  for (const inside of [
    'localhost.',
    'a.localhost',
    'metadata.google.internal',
    'printer.local',
    'x.home.arpa',
    'path',
  ])
    assert.match(
      (await client.checkUrl(`https://${inside}/`)) ?? '',
      /inside a private network.*EGRESS_ALLOW/,
    );
  const named = open({ resolve: async () => [{ address: '93.184.216.34', family: 4 }] });
  assert.equal(await named.findHostWithoutAddress(url), null);
});

describe('a callback URL', () => {
  const resolve = async () => [{ address: '93.184.216.34', family: 4 }];
  const check = (url: string) => open({ egressAllow: [], resolve }).checkUrl(url);

  it('may be http or https to a public host', async () => {
    assert.equal(await check('https://callback.example/hook?x=1'), null);
    assert.equal(await check('http://callback.example:8080'), null);
  });
  for (const [url, reason] of [
    ['ftp://callback.example', /http:\/\/ or https:\/\//],
    ['https://user:secret@callback.example', /user name or password/],
    ['callback.example', /not a URL/],
    ['', /not a URL/],
    [`https://callback.example/${'x'.repeat(2000)}`, /longer than/],
    ['http://localhost:8080', null],
  ] as const) {
    it(`is refused with the reason: ${url.slice(0, 40)}`, async () => {
      if (reason === null) assert.notEqual(await openLocalClient({ egressAllow: [] }).checkUrl(url), null);
      else assert.match((await check(url)) ?? '', reason);
    });
  }
});

/** A receiver in a process of its own, which answers while this one is held up. */
async function openFarReceiver() {
  const program = `const server = require('node:http').createServer((request, response) => {
      request.resume().on('end', () => {
        console.log('called');
        setTimeout(() => response.end('{"code":0}'), 50);
      });
    });
    server.listen(0, '127.0.0.1', () => console.log(server.address().port));`;
  const child = spawn(process.execPath, ['--eval', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const { value: port } = (await lines.next()) as { value: string };
  return {
    url: `http://127.0.0.1:${port}`,
    waitForCall: () => lines.next(),
    close: async () => {
      child.kill();
      await once(child, 'exit');
    },
  };
}

/** Nothing else runs in this thread for so long. */
function holdUp(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
