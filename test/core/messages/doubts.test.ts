import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { stopped } from '../../../src/core/messages/consequence.ts';
import { Doubts } from '../../../src/core/messages/doubts.ts';
import type { Refused } from '../../../src/core/messages/doubts.ts';

const refused = (failure: Refused['failure'], code = '1'): Refused => ({
  kind: 'refused',
  failure,
  code,
  text: 'no',
});
const message = (id: number, lane = id, attempts = 0) => ({ id, lane, attempts });

function open() {
  const doubts = new Doubts();
  return {
    doubts,
    weigh: (of: ReturnType<typeof message>, outcome: Refused) => doubts.weigh(of, outcome, 0.5),
  };
}

describe('a refusal that is not certain', () => {
  it('is the sender’s when three recipients in a row hear one code', () => {
    const { weigh } = open();
    const heard = [1, 2, 3].map((id) => weigh(message(id), refused('ambiguous')));
    assert.deepEqual(
      heard.map((one) => one === stopped),
      [false, false, true],
    );
  });

  it('is the message’s while one recipient hears it, another code comes between, or somebody is reached', () => {
    const { doubts, weigh } = open();
    const hear = (id: number, lane: number, code = '1') => {
      assert.notEqual(weigh(message(id, lane), refused('ambiguous', code)), stopped);
    };
    for (const id of [1, 2, 3]) hear(id, 1);
    hear(4, 2);
    hear(5, 3, '2');
    hear(6, 4, '2');
    doubts.clear();
    hear(7, 5, '2');
    hear(8, 6, '2');
  });

  it('ends after so many tries of its own, which other refusals do not count to', () => {
    const { doubts, weigh } = open();
    const weighOnce = () => weigh(message(1, 1, 40), refused('media')).kind;
    const kinds: string[] = [];
    while (kinds.at(-1) !== 'fail' && kinds.length < 100) kinds.push(weighOnce());
    assert.ok(kinds.length > 1 && kinds.at(-1) === 'fail', 'forty other tries were no tries of this class');
    doubts.forget({ id: 1 });
    assert.equal(weighOnce(), kinds[0]);
  });

  it('that nothing explains has its end even when it is the sender’s', () => {
    const { weigh } = open();
    const kinds = new Set<string>();
    for (let round = 0; round < 100 && !kinds.has('fail'); round += 1)
      for (const id of [1, 2, 3]) kinds.add(weigh(message(id), refused('unrecognized')).kind);
    assert.deepEqual(kinds, new Set(['retry', 'pause', 'fail']));
  });
});

it('a refusal with a certain meaning goes by the tries of the message', () => {
  const { weigh } = open();
  assert.equal(weigh(message(1), refused('auth')), stopped);
  assert.equal(weigh(message(1), refused('permanent')).kind, 'fail');
  const waits = [0, 1].map((attempts) => weigh(message(1, 1, attempts), refused('transient')));
  const [first, second] = waits.map((wait) => (wait.kind === 'retry' ? wait.waitMs : 0));
  assert.ok((first ?? 0) > 0 && (second ?? 0) > (first ?? 0));
});
