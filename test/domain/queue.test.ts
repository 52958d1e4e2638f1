import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  formatHandle,
  formatMessageId,
  isQueueName,
  isXmlText,
  parseHandle,
  queueLimits,
} from '../../src/domain/queue.ts';

const anyId = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const anyHandle = fc.record({
  priority: fc.integer({ min: queueLimits.priorityHighest, max: queueLimits.priorityLowest }),
  queueId: fc.nat(),
  messageId: anyId,
  visibleAt: anyId,
  dequeueCount: fc.nat(),
});

test('a handle is read back as it was written, by its own account alone, and needs no escaping', () => {
  fc.assert(
    fc.property(anyHandle, (handle) => {
      const text = formatHandle(7, handle);
      assert.match(text, /^[A-Za-z0-9-]{1,100}$/);
      assert.deepEqual(parseHandle(7, text), { ...handle });
      assert.equal(parseHandle(8, text), undefined);
    }),
  );
});

test('what was garbled on its way, and what never was a handle, is none', () => {
  const text = formatHandle(7, { priority: 8, queueId: 1, messageId: 2, visibleAt: 3, dequeueCount: 1 });
  for (const wrong of ['', '-', 'x', `${text}0`, text.replace('8-', '9-'), `1-${text}`, '-'.repeat(200)])
    assert.equal(parseHandle(7, wrong), undefined, wrong);
});

test('a MessageId is 32 hex digits, another one for each message', () => {
  fc.assert(
    fc.property(fc.nat(), anyId, anyId, (queueId, one, other) => {
      assert.match(formatMessageId(queueId, one), /^[0-9A-F]{32}$/);
      assert.equal(formatMessageId(queueId, one) === formatMessageId(queueId, other), one === other);
    }),
  );
});

test('the name of a queue has letters, digits and hyphens, and begins with no hyphen', () => {
  for (const name of ['a', '9', 'Alicom-Queue-1-ChatAppStatus', 'x'.repeat(120)])
    assert.ok(isQueueName(name), name);
  for (const name of ['', '-a', 'a_b', 'ä', 'a b', 'x'.repeat(121), 'a\n'])
    assert.ok(!isQueueName(name), name);
});

test('a body may hold what XML may hold', () => {
  for (const text of ['', 'a\tb\r\n', 'ä😀', '\ufffd']) assert.ok(isXmlText(text));
  for (const text of ['\0', '\u000b', '\ufffe', '\ud800']) assert.ok(!isXmlText(text));
});
