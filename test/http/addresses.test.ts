// Whose a request is.
import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { test } from 'node:test';
import { toTrusted, Visitors } from '../../src/http/addresses.ts';

function from(remoteAddress: string, forwardedFor?: string): IncomingMessage {
  const headers = forwardedFor === undefined ? {} : { 'x-forwarded-for': forwardedFor };
  const socket = { remoteAddress };
  // As much of a request as is looked at.
  return { headers, socket, connection: socket } as unknown as IncomingMessage;
}

test('a visitor is an address, or a network of IPv6, behind trusted proxies, each time it is asked for', () => {
  const visitors = new Visitors(toTrusted(['10.0.0.1']));
  for (let times = 0; times < 2; times += 1) {
    assert.equal(visitors.find(from('192.0.2.1')), '192.0.2.1');
    assert.equal(visitors.find(from('::ffff:192.0.2.1')), '192.0.2.1');
    assert.equal(visitors.find(from('2001:db8::1')), visitors.find(from('2001:db8::2')));
    assert.notEqual(visitors.find(from('2001:db8::1')), visitors.find(from('2001:db8:1::1')));
    assert.equal(visitors.find(from('10.0.0.1', '192.0.2.7')), '192.0.2.7');
    assert.equal(visitors.find(from('192.0.2.1', '192.0.2.7')), '192.0.2.1');
    assert.equal(visitors.find(from('10.0.0.1')), undefined);
    assert.equal(visitors.find(from('10.0.0.1', 'x'.repeat(10_000))), 'unknown');
  }
});

test('visitors go on to be told when more have come than are remembered', () => {
  const visitors = new Visitors(toTrusted([]));
  for (let n = 0; n < 20_001; n += 1) {
    const address = `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`;
    assert.equal(visitors.find(from(address)), address);
  }
});
