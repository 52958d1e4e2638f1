import assert from 'node:assert/strict';
import { it } from 'node:test';
import { createSandboxConnector } from '../../../src/channels/sandbox/connector.ts';
import type { Connector } from '../../../src/channels/channel.ts';
import { channel, sender, toOutgoing } from '../../support/graph.ts';

const connector = createSandboxConnector({
  client: { get: () => Promise.reject(new Error('Nothing goes out.')) },
  now: () => 1_780_000_000_000,
}) as Required<Connector>;

/** What the sandbox plays of a message, as statuses, after how many milliseconds each, and what its send call answers. */
async function play(lastDigit: string) {
  const outgoing = toOutgoing({}, { to: `1555000111${lastDigit}` });
  const outcome = await connector.send(channel, sender, outgoing);
  const statuses: string[] = [];
  const waits: number[] = [];
  let wait = connector.firstStepInMs(outgoing.message);
  for (let step = 0; wait !== null; step += 1) {
    const played = connector.play(sender, outgoing.message, step);
    assert.ok(played !== undefined);
    const [event] = connector.parse(played.body, channel).events;
    assert.ok(event?.facts.type === 'ChatAppStatus');
    assert.equal(event.facts.callbackData, outgoing.message.messageId);
    const { status, errorCode } = event.facts;
    statuses.push(errorCode === undefined ? status : `${status} ${errorCode}`);
    waits.push(wait);
    wait = played.nextInMs;
  }
  return { outcome: outcome.kind, statuses, waits };
}

const all = ['sent', 'delivered', 'read'];
const plays: readonly (readonly [string, string, readonly string[]])[] = [
  ['0', 'accepted', all],
  ['1', 'accepted', ['sent', 'delivered']],
  ['2', 'accepted', ['failed 131026']],
  ['3', 'accepted', ['delivered', 'sent', 'delivered', 'read', 'read']],
  ['4', 'accepted', []],
  ['5', 'accepted', all],
  ['6', 'unknown', all],
  ['7', 'accepted', all],
  ['9', 'accepted', all],
];
for (const [digit, outcome, statuses] of plays)
  it(`a recipient whose number ends in ${digit} gets ${statuses.join(', ') || 'nothing'}`, async () => {
    const played = await play(digit);
    assert.deepEqual([played.outcome, played.statuses], [outcome, statuses]);
    const [first = 0, ...others] = played.waits;
    assert.ok(first < 1000, 'the first status comes within a second');
    assert.equal(
      others.some((ms) => ms >= 5000),
      digit === '5',
      'one of them is slow',
    );
  });
