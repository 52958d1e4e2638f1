import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gather, giveBack, Pieces } from '../../src/http/pieces.ts';

describe('pieces', () => {
  it('keep one piece without a copy', () => {
    const pieces = new Pieces(5);
    const only = Buffer.from('hello');
    pieces.add(only);
    assert.equal(pieces.join(), only);
  });
  it('are put together in their order, however small they are', () => {
    const pieces = new Pieces();
    const whole = Buffer.from(Array.from({ length: 70_000 }, (_, at) => at % 251));
    for (const byte of whole) pieces.add(Buffer.of(byte));
    assert.deepEqual(pieces.join(), whole);
  });
  it('hold at most twice what came, beyond the first kilobyte', () => {
    for (const announced of [0, 4 * 1024 * 1024]) {
      const pieces = new Pieces(announced);
      for (let at = 0; at < 300_000; at += 1) {
        pieces.add(Buffer.of(1));
        // What was announced is believed up to 64 KiB.
        const least = announced === 0 ? 1024 : 64 * 1024;
        assert.ok(pieces.heldBytes <= Math.max(least, pieces.length * 2), `${pieces.heldBytes} at ${at}`);
      }
    }
  });
  it('end in a buffer of the size that was announced', () => {
    const pieces = new Pieces(200_000);
    for (let at = 0; at < 200; at += 1) pieces.add(Buffer.alloc(1000, at));
    assert.equal(pieces.heldBytes, 200_000);
    assert.equal(pieces.join().readUInt8(199_999), 199);
  });
  it('are given back once they are copied, unless they lie in the memory of others', () => {
    const whole = new ArrayBuffer(20_000);
    const [first, second] = [Buffer.from(new ArrayBuffer(10_000)), Buffer.from(new ArrayBuffer(10_000))];
    const part = Buffer.from(whole, 0, 10_000);
    first.fill(1);
    const pieces = new Pieces();
    pieces.take(first);
    assert.equal(first.byteLength, 10_000, 'one alone is what they are joined to');
    pieces.take(second);
    pieces.take(part);
    assert.deepEqual([first.byteLength, second.byteLength, part.byteLength], [0, 0, 10_000]);
    assert.deepEqual(
      pieces.join(),
      Buffer.concat([Buffer.alloc(10_000, 1), Buffer.alloc(10_000), Buffer.alloc(10_000)]),
    );
  });
  it('joined to one that lies in the memory of others stay there, and a large one is given back', () => {
    const shared = Buffer.from('hello');
    const large = new Pieces();
    for (let at = 0; at < 2; at += 1) large.add(Buffer.alloc(50_000));
    const joined = large.join();
    for (const buffer of [shared, joined]) giveBack(buffer);
    assert.deepEqual([shared.toString(), joined.byteLength], ['hello', 0]);
  });
  it('are none at all', () => {
    assert.equal(new Pieces(9).join().byteLength, 0);
  });
});

describe('a gathered stream', () => {
  it('comes in larger pieces, and nothing is lost', async () => {
    async function* drip(): AsyncGenerator<Uint8Array> {
      for (let at = 0; at < 1000; at += 1) yield Buffer.of(at % 256);
    }
    const pieces: Uint8Array[] = [];
    for await (const piece of gather(drip(), 300)) pieces.push(piece);
    assert.deepEqual(
      pieces.map(({ byteLength }) => byteLength),
      [300, 300, 300, 100],
    );
    assert.deepEqual(Buffer.concat(pieces), Buffer.from(Array.from({ length: 1000 }, (_, at) => at % 256)));
  });
});
