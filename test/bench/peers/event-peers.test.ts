import assert from 'node:assert/strict';
import { it } from 'node:test';
import { request } from 'undici';
import { prepare } from '../../../bench/peers/event-peers.ts';
import { eventPeerKey, openEventPeer } from '../../support/event-peer.ts';
import { openReceiver } from '../../support/receiver.ts';

for (const name of ['outpost', 'svix', 'convoy'] as const)
  it(`an event that is sent to ${name} arrives as it is, and nothing is left behind`, async (t) => {
    const peer = await openEventPeer();
    t.after(() => peer.close());
    const receiver = await openReceiver();
    t.after(() => receiver.close());
    const address = { name, url: peer.url, user: 'project', secret: eventPeerKey };
    const prepared = await prepare(address, `${receiver.url}/marked`, 'run-1');
    assert.deepEqual([...peer.callbacks.values()], [`${receiver.url}/marked`]);
    const { path, headers, before, after } = prepared.envelope;
    const event = '{"object":"whatsapp_business_account","entry":[]}';
    const body = `${before}${event}${after}`;
    const answer = await request(`${peer.url}${path}`, { method: 'POST', headers, body });
    assert.equal(answer.statusCode, 202, await answer.body.text());
    await receiver.waitFor(1);
    assert.equal(receiver.calls[0]?.body, event);
    await prepared.remove();
    assert.equal(peer.callbacks.size, 0);
  });
