// Receipts taken in while people watch the live tail, against the same with nobody watching.
import { get } from 'node:http';
import type { ClientRequest } from 'node:http';
import { key } from './bed.ts';
import { compare, connect, setDestinations, statusUrlOf, withBed } from './scenario.ts';
import type { Scenario } from './scenario.ts';

const readers = 200;

interface Watchers {
  /** How many have seen a receipt. */
  readonly served: () => number;
  readonly close: () => void;
}

/** Opens the tail as often as the service lets, and reads all that comes. */
async function watch(url: string): Promise<Watchers> {
  const served = new Set<ClientRequest>();
  const authorization = `Basic ${Buffer.from(`${key.id}:${key.secret}`).toString('base64')}`;
  const requests = await Promise.all(
    Array.from(
      { length: readers },
      () =>
        new Promise<ClientRequest>((resolve, reject) => {
          const request = get(
            `${url}/api/v1/tail`,
            { headers: { authorization }, agent: false },
            (answer) => {
              answer.on('data', (chunk: Buffer) => {
                if (chunk.includes('event: receipt')) served.add(request);
              });
              answer.on('error', () => undefined);
              resolve(request);
            },
          );
          request.on('error', reject);
        }),
    ),
  );
  return {
    served: () => served.size,
    close: () => {
      for (const request of requests) request.destroy();
    },
  };
}

/** Webhooks of 50 events each, so that far more than 5,000 receipts a second come in. */
export const tail: Scenario['run'] = (store, size) =>
  withBed(store, async (bed) => {
    const phoneNumberIds = await connect(bed, 1, true, () => statusUrlOf(bed));
    await setDestinations(bed, { state: 'off' });
    const task = {
      kind: 'webhook',
      batch: 50,
      connections: 64,
      seconds: size.seconds,
      phoneNumberIds,
    } as const;
    let unserved = 0;
    const row = await compare(
      'tail',
      `events/s with ${readers} readers ÷ without`,
      size.rounds,
      async () => {
        const watchers = await watch(bed.urls[0] ?? '');
        try {
          return await bed.drive(task);
        } finally {
          unserved += readers - watchers.served();
          watchers.close();
        }
      },
      () => bed.drive(task),
    );
    return [{ ...row, faults: row.faults + unserved }];
  });
