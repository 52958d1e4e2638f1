// Which of several hosts is chosen, asked of a primary, its standby, and what is no server at all.
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { machineTime } from '../../../src/runtime/clock.ts';
import { Hosts, findHost } from '../../../src/store/postgres/hosts.ts';
import { openPostgres } from '../../support/postgres.ts';
import type { Postgres } from '../../support/postgres.ts';
import { findFreePort } from '../../support/service.ts';
import { openStandby } from '../../support/standby.ts';

let primary: Postgres;
let standby: Postgres;

before(async () => {
  primary = await openPostgres({ durable: false });
  standby = await openStandby(primary);
});
after(async () => {
  await standby.close();
  await primary.close();
});

function toAddress(ports: readonly number[], parameters = '', database = 'postgres'): string {
  const hosts = ports.map((port) => `127.0.0.1:${port}`).join(',');
  return `postgres://postgres:hunter2@${hosts}/${database}${parameters}`;
}

function toName(port: number): string {
  return `127.0.0.1:${port}`;
}

/** A port where somebody takes connections, counts them, and says nothing or ends each. */
async function openNoServer(isSilent: boolean) {
  const sockets = new Set<Socket>();
  let count = 0;
  const server = createServer((socket) => {
    count += 1;
    socket.on('error', () => undefined);
    if (isSilent) sockets.add(socket);
    else socket.destroy();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  return {
    port: address.port,
    count: () => count,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

describe('of several hosts', () => {
  it('the one that takes writes is chosen, wherever it stands and whichever of the three is asked for', async () => {
    const gone = await findFreePort();
    for (const ports of [
      [primary.port, standby.port],
      [standby.port, primary.port],
      [gone, standby.port, primary.port],
    ])
      for (const parameters of ['', '?target_session_attrs=read-write', '?target_session_attrs=primary'])
        assert.equal((await findHost(toAddress(ports, parameters))).name, toName(primary.port));
  });

  it('none is chosen where none takes writes, and what each said is told without the password', async () => {
    const gone = await findFreePort();
    await primary.query('CREATE DATABASE readonly');
    await primary.query('ALTER DATABASE readonly SET default_transaction_read_only = on');
    const address = toAddress([standby.port, gone, primary.port], '', 'readonly');
    await assert.rejects(findHost(address), (error: Error & { code?: string }) => {
      assert.equal(error.code, 'store_unavailable');
      assert.doesNotMatch(error.message, /hunter2/);
      assert.match(error.message, new RegExp(`${toName(gone)}: it cannot be reached`));
      assert.match(error.message, new RegExp(`${toName(primary.port)}: it is read-only`));
      return true;
    });
    await assert.rejects(
      findHost(toAddress([standby.port, gone])),
      new RegExp(`${toName(standby.port)}: it is a standby`),
    );
  });

  it('one that says nothing is not waited for while another takes writes', async () => {
    const silent = await openNoServer(true);
    try {
      const address = toAddress([silent.port, primary.port], '?connect_timeout=60');
      assert.equal((await findHost(address)).name, toName(primary.port));
      assert.equal(silent.count(), 1);
    } finally {
      await silent.close();
    }
  });

  it('one that says nothing is given up after its limit', async () => {
    const silent = await openNoServer(true);
    try {
      const address = toAddress([silent.port, standby.port], '?connect_timeout=1');
      await assert.rejects(
        findHost(address),
        /: it cannot be reached.*: it is a standby|: it is a standby.*: it cannot be reached/,
      );
    } finally {
      await silent.close();
    }
  });
});

describe('a choice', () => {
  it('holds until it is doubted, and is asked for once by all who need it then', async () => {
    const told: string[] = [];
    const hosts = await Hosts.open(toAddress([primary.port, standby.port]), {
      monotonic: machineTime.monotonic,
      emit: (name) => void told.push(name),
    });
    const moves: string[] = [];
    hosts.watch(({ name }) => void moves.push(name));
    assert.equal(await hosts.find(), hosts.chosen);
    hosts.doubt();
    const found = await Promise.all([hosts.find(), hosts.find()]);
    for (const host of found) assert.equal(host.name, toName(primary.port));
    assert.ok(hosts.isAt({ host: '127.0.0.1', port: primary.port }));
    assert.ok(!hosts.isAt({ host: '127.0.0.1', port: standby.port }));
    assert.deepEqual([moves, told], [[], []]);
  });

  it('moves to the host that takes writes by then, and says so', async () => {
    const other = await openPostgres({ durable: false });
    const told: unknown[] = [];
    try {
      const hosts = await Hosts.open(toAddress([other.port, primary.port]), {
        monotonic: machineTime.monotonic,
        emit: (name, fields) => void told.push({ name, ...fields }),
      });
      assert.equal(hosts.chosen.name, toName(other.port));
      await other.stop();
      hosts.doubt();
      assert.equal((await hosts.find()).name, toName(primary.port));
      assert.deepEqual(told, [
        { name: 'database.moved', host: toName(primary.port), before: toName(other.port) },
      ]);
    } finally {
      await other.close();
    }
  });

  it('is the server that was promoted last where the one before goes on taking writes, and never that one again', async () => {
    const before = await openPostgres({ durable: false });
    const promoted = await openStandby(before);
    let now = 0;
    try {
      const open = () =>
        Hosts.open(toAddress([before.port, promoted.port]), { monotonic: () => now, emit: () => undefined });
      const [doubted, reviewed] = [await open(), await open()];
      await promoted.query('SELECT pg_promote()');
      doubted.doubt();
      assert.equal((await doubted.find()).name, toName(promoted.port));
      await reviewed.review();
      assert.equal(reviewed.chosen.name, toName(before.port), 'not due yet');
      now += 10_000;
      await reviewed.review();
      assert.equal(reviewed.chosen.name, toName(promoted.port));
      await promoted.stop();
      doubted.doubt();
      await assert.rejects(doubted.find(), (error: Error) =>
        /it is of timeline 1, before 2/.test((error.cause as Error).message),
      );
    } finally {
      await promoted.close();
      await before.close();
    }
  });

  it('that fails is looked for again by the schedule, and in between is refused without asking', async () => {
    const [one, two] = [await openNoServer(false), await openNoServer(false)];
    let now = 0;
    const told: string[] = [];
    const address = toAddress([primary.port, one.port, two.port]);
    const hosts = await Hosts.open(address, { monotonic: () => now, emit: (name) => void told.push(name) });
    // From here on there is nobody.
    await primary.stop();
    try {
      hosts.doubt();
      const asked: number[] = [];
      const before = one.count();
      const look = async (): Promise<void> => {
        await assert.rejects(hosts.find(), {
          code: 'store_unavailable',
          message: 'The database cannot be used: none of its hosts takes writes.',
        });
        asked.push(one.count() - before);
      };
      await look();
      for (const waitMs of [250, 500, 1000, 1000, 1000]) {
        now += waitMs - 1;
        await look();
        now += 1;
        await look();
      }
      assert.deepEqual(asked, [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6]);
      assert.deepEqual(told, ['database.sought']);
    } finally {
      await primary.start();
      await one.close();
      await two.close();
    }
    now += 1000;
    assert.equal((await hosts.find()).name, toName(primary.port));
  });
});
