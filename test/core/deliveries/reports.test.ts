import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { failure } from '../../../src/core/deliveries/judge.ts';
import { reportAttempt, reportDead, reportState } from '../../../src/core/deliveries/reports.ts';
import type { StateChange } from '../../../src/core/deliveries/reports.ts';
import { inWords, toDestinationSettings } from '../../../src/domain/delivery.ts';
import type { ClaimedBatch, Destination, Next } from '../../../src/domain/delivery.ts';

const destination: Destination = {
  accountId: 1,
  id: 7,
  name: '',
  url: 'https://shop.example/hook?token=secret',
  settings: toDestinationSettings('standard'),
  state: 'active',
  stateReason: inWords(''),
  stateSince: 0,
  secrets: [],
  createdAt: 0,
  pause: null,
};

const batch: ClaimedBatch = {
  accountId: 1,
  destinationId: 7,
  members: [{ deliveryId: 3, receipt: { channelId: 'wa' } as never }],
  attempt: 4,
  cause: 'retry',
};

const toPushed = (nexts: readonly Next[], wasSent = true) => ({
  judgement: failure('rejected', 'no', 500),
  wasSent,
  durationMs: 12,
  settlements: nexts.map((next, index) => ({
    accountId: 1,
    destinationId: 7,
    deliveryId: index + 1,
    attempt: { at: 0, durationMs: 12, status: 500, outcome: 'rejected' as const, answer: 'no' },
    next,
  })),
  left: [],
  faults: [],
});

function open() {
  const told: unknown[] = [];
  const events: unknown[] = [];
  const states: string[] = [];
  return {
    told,
    events,
    states,
    deps: {
      store: {
        setDestinationState: async (_account: number, _id: number, state: string) => {
          states.push(state);
          return undefined as never;
        },
      },
      emit: (name: string, fields: object) => void events.push({ name, ...fields }),
      raiseNotice: ({ code, subject, params }: { code: string; subject: string; params: object }) =>
        void told.push({ code, subject, params }),
    },
  };
}

describe('the state of a destination', () => {
  for (const [change, state, code, params] of [
    [{ to: 'off' }, 'off', 'destination_off', {}],
    [
      { to: 'opened', failures: 10, outcome: 'timeout' },
      'opened',
      'destination_opened',
      { failures: 10, outcome: 'timeout' },
    ],
    [{ to: 'closed' }, 'active', 'destination_closed', {}],
  ] as const satisfies readonly (readonly [StateChange, string, string, object])[])
    it(`is written down as ${state} and told without the address`, async () => {
      const { deps, told, states } = open();
      await reportState(deps, destination, change);
      assert.deepEqual(states, [state]);
      assert.deepEqual(told, [
        { code, subject: 'destination/7', params: { host: 'shop.example', ...params } },
      ]);
    });
});

describe('what became of a push', () => {
  it('is told with its outcome and how long it took', () => {
    const { deps, events } = open();
    reportAttempt(deps, batch, toPushed([{ kind: 'done' }]));
    assert.deepEqual(events, [
      {
        name: 'delivery.attempted',
        accountId: 1,
        destinationId: 7,
        channelId: 'wa',
        receipts: 1,
        attempt: 4,
        cause: 'retry',
        outcome: 'rejected',
        status: 500,
        durationMs: 12,
      },
    ]);
  });

  it('is an event for each delivery that died, and one notice', () => {
    const { deps, told, events } = open();
    reportDead(deps, destination, batch, toPushed([{ kind: 'dead' }, { kind: 'done' }, { kind: 'dead' }]));
    assert.deepEqual(
      events.map((event) => (event as { deliveryId: number }).deliveryId),
      [1, 3],
    );
    assert.deepEqual(told, [
      {
        code: 'delivery_died',
        subject: 'destination/7',
        params: { host: 'shop.example', tries: 4, outcome: 'rejected' },
      },
    ]);
  });

  it('is no notice of the destination when the fault was here, or when nothing died', () => {
    const { deps, told } = open();
    reportDead(deps, destination, batch, toPushed([{ kind: 'dead' }], false));
    reportDead(deps, destination, batch, toPushed([{ kind: 'done' }]));
    assert.deepEqual(told, []);
  });
});
