import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { request } from 'undici';
import type { SimulatedClock } from '../../src/simulators/simulated-clock.ts';
import { openSimulator, parseFaults, readJsonBody } from '../../src/simulators/simulator.ts';
import type { Simulator, SimulatorOptions, Vendor } from '../../src/simulators/simulator.ts';
import { Ledger } from '../../src/simulators/ledger.ts';
import { seedRandom } from '../../src/simulators/random.ts';
import { openReceiver } from '../support/receiver.ts';
import { openLocalClient } from '../support/client.ts';

const client = openLocalClient({ egressAllow: ['127.0.0.1'] });
after(() => client.close());

/** Waits end at once, and are written down. */
function openHastyClock(): SimulatedClock & { readonly waitsMs: number[] } {
  const waitsMs: number[] = [];
  return {
    waitsMs,
    now: () => 0,
    monotonic: () => 0,
    after: (ms, callback) => {
      waitsMs.push(ms);
      const timer = setImmediate(callback);
      return () => clearImmediate(timer);
    },
  };
}

/** A vendor with one action, which posts what it is given to the url it is given. */
const parrot: Vendor = {
  name: 'parrot',
  description: 'Repeats what it is told',
  options: [
    { name: 'greeting', meaning: 'what it says', initial: 'hello' },
    { name: 'token', meaning: 'its secret' },
  ],
  faults: { duplicate: { meaning: 'says it twice', initial: 0 } },
  posting: { scheduleMs: [10, 20, 40], timeoutMs: 2000 },
  open: ({ option, fault, random, poster }) => ({
    routes: (app) => {
      app.post('/echo', (call) => ({ ...readJsonBody(call.body), greeting: option('greeting') }));
    },
    actions: {
      say: async (body) => {
        const posting = {
          subject: 'word',
          url: String(body['url']),
          headers: { 'content-type': 'application/json' },
          body: Buffer.from(JSON.stringify({ word: body['word'], fate: random.branch('a').digits(19) })),
        };
        poster.post(posting);
        if (fault('duplicate') === 1) poster.post(posting);
        return { said: body['word'] };
      },
    },
    playUser: async () => undefined,
  }),
};

async function openParrot(options: Partial<SimulatorOptions> = {}): Promise<Simulator> {
  return openSimulator(parrot, { client, options: { token: 't' }, clock: openHastyClock(), ...options });
}

describe('a simulated vendor', () => {
  it('posts again by its schedule until it is answered 200', async () => {
    let calls = 0;
    const receiver = await openReceiver((_call, response) => {
      calls += 1;
      response.statusCode = calls < 3 ? 500 : 200;
      response.end();
    });
    const clock = openHastyClock();
    const simulator = await openParrot({ clock });
    try {
      await simulator.act('say', { url: receiver.url, word: 'one' });
      await simulator.idle();
      assert.deepEqual(clock.waitsMs, [10, 20]);
      assert.deepEqual(simulator.ledger.counts(), { 'posted 200': 1, 'posted 500': 2 });
      assert.equal(new Set(receiver.calls.map(({ body }) => body)).size, 1);
    } finally {
      await simulator.close();
      await receiver.close();
    }
  });

  it('gives up at the end of its schedule', async () => {
    const receiver = await openReceiver((_call, response) => {
      response.statusCode = 503;
      response.end();
    });
    const simulator = await openParrot();
    try {
      await simulator.act('say', { url: receiver.url, word: 'one' });
      await simulator.idle();
      assert.deepEqual(simulator.ledger.counts(), { 'given_up unanswered': 1, 'posted 503': 4 });
    } finally {
      await simulator.close();
      await receiver.close();
    }
  });

  it('draws the same from the same seed, and other things from another', async () => {
    const receiver = await openReceiver();
    try {
      for (const seed of [7, 7, 8]) {
        const simulator = await openParrot({ seed });
        await simulator.act('say', { url: receiver.url, word: 'one' });
        await simulator.idle();
        await simulator.close();
      }
      const [first, again, other] = receiver.calls.map(({ body }) => body);
      assert.equal(first, again);
      assert.notEqual(first, other);
    } finally {
      await receiver.close();
    }
  });

  it('serves its routes, its actions and its ledger over HTTP', async () => {
    const receiver = await openReceiver();
    const simulator = await openParrot({ faults: { duplicate: 1 } });
    const post = async (path: string, body: unknown) => {
      const answer = await request(`${simulator.address}${path}`, {
        method: 'POST',
        body: JSON.stringify(body),
      });
      return { status: answer.statusCode, json: await answer.body.json() };
    };
    try {
      assert.deepEqual(await post('/echo', { a: 1 }), { status: 200, json: { a: 1, greeting: 'hello' } });
      assert.deepEqual(await post('/_simulator/say', { url: receiver.url, word: 'two' }), {
        status: 200,
        json: { result: { said: 'two' } },
      });
      await simulator.idle();
      const answer = await request(`${simulator.address}/_simulator/ledger`);
      const ledger = (await answer.body.json()) as { counts: object; entries: unknown[] };
      assert.deepEqual(ledger.counts, { 'posted 200': 2 });
      assert.equal(ledger.entries.length, 2);
      assert.equal((await post('/_simulator/dance', {})).status, 404);
      assert.equal((await post('/_simulator/say', [])).status, 400);
    } finally {
      await simulator.close();
      await receiver.close();
    }
  });

  it('refuses options and faults that it does not have, and missing ones', async () => {
    await assert.rejects(openParrot({ options: {} }), /--token is missing: its secret/);
    await assert.rejects(openParrot({ options: { token: 't', volume: '9' } }), /no option volume/);
    await assert.rejects(openParrot({ faults: { silence: 1 } }), /no fault silence; there are duplicate/);
  });

  it('takes no body that is nested deeper than anybody needs', () => {
    const nested = (depth: number): Buffer => Buffer.from('{"a":'.repeat(depth) + '1' + '}'.repeat(depth));
    assert.deepEqual(Object.keys(readJsonBody(nested(64))), ['a']);
    assert.throws(() => readJsonBody(nested(200_000)), /nested deeper than 64/);
  });

  it('takes no more webhooks than may wait', async () => {
    const bounded: Vendor = { ...parrot, posting: { ...parrot.posting, maxWaiting: 1 } };
    const receiver = await openReceiver(() => undefined);
    const simulator = await openSimulator(bounded, { client, options: { token: 't' } });
    try {
      await simulator.act('say', { url: receiver.url, word: 'one' });
      await assert.rejects(simulator.act('say', { url: receiver.url, word: 'two' }), /wait to be posted/);
    } finally {
      await receiver.close();
      await simulator.close();
    }
  });
});

describe('chance', () => {
  it('keeps a branch apart from what is drawn beside it', () => {
    const one = seedRandom(5);
    const other = seedRandom(5);
    other.fraction();
    assert.equal(one.branch('m1').digits(19), other.branch('m1').digits(19));
  });

  it('is spread evenly', () => {
    const random = seedRandom(1);
    const hits = Array.from({ length: 10_000 }, () => random.chance(0.1)).filter(Boolean).length;
    assert.ok(hits > 900 && hits < 1100, String(hits));
    const drawn = new Set(Array.from({ length: 1000 }, () => random.whole(3, 5)));
    assert.deepEqual([...drawn].sort(), [3, 4, 5]);
  });

  it('has likelihoods written as a list', () => {
    assert.deepEqual(parseFaults('duplicate=0.1, lost=1'), { duplicate: 0.1, lost: 1 });
    assert.deepEqual(parseFaults(''), {});
    for (const text of ['duplicate', 'duplicate=2', 'duplicate=often'])
      assert.throws(() => parseFaults(text), /is not understood/);
  });
});

describe('a ledger', () => {
  it('keeps the newest entries and counts all', () => {
    const ledger = new Ledger(10);
    for (let number = 0; number < 100; number += 1)
      ledger.write({ at: number, kind: 'noted', subject: '', status: null, attempt: 0, text: '' });
    assert.deepEqual(
      ledger.list().map(({ at }) => at),
      [90, 91, 92, 93, 94, 95, 96, 97, 98, 99],
    );
    assert.deepEqual(ledger.counts(), { 'noted unanswered': 100 });
  });
});
