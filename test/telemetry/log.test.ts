import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GatewayError } from '../../src/domain/errors.ts';
import { openLog } from '../../src/telemetry/log.ts';
import type { LogLevel, WriteLog } from '../../src/telemetry/log.ts';

type Line = Record<string, unknown>;

function openCapture(level: LogLevel = 'debug'): {
  write: WriteLog;
  text: () => string;
  lines: () => Line[];
} {
  let text = '';
  const { write } = openLog(level, { write: (chunk: string) => void (text += chunk) });
  return {
    write,
    text: () => text,
    lines: () =>
      text
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line) as Line),
  };
}

test('each event is one line of JSON with its name, its time and its fields', () => {
  const log = openCapture();
  log.write('delivery.died', { accountId: 1, destinationId: 2, deliveryId: 3, attempts: 4 });
  const [line] = log.lines();
  assert.equal(line?.['msg'], 'delivery.died');
  assert.equal(line['level'], 40);
  assert.equal(line['deliveryId'], 3);
  assert.match(String(line['time']), /^\d{4}-\d\d-\d\dT/);
});

test('events below the level and events for metrics alone are not written', () => {
  const log = openCapture('warn');
  log.write('store.committed', { calls: 1, ok: true, durationMs: 1 });
  log.write('store.swept', { rows: 1, durationMs: 1, longestMs: 1 });
  assert.equal(log.text(), '');
});

test('an error is written without the message of a foreign one, which may hold what a user sent', () => {
  const log = openCapture();
  const secret = '4915112345678 hello from a user';
  const foreign = new Error(`${secret}\n    at ${secret}`, { cause: new TypeError(secret) });
  log.write('unit.crashed', { unit: 'test', error: foreign });
  log.write('unit.crashed', { unit: 'test', error: secret });
  assert.doesNotMatch(log.text(), /4915112345678|hello/);
  const [line] = log.lines();
  const error = line?.['error'] as { name: string; stack: string[]; cause: { name: string } };
  assert.equal(error.name, 'Error');
  assert.match(error.stack[0] ?? '', /^at .*log\.test\.ts/);
  assert.equal(error.cause.name, 'TypeError');
});

test('an error of ours is written with its code and message', () => {
  const log = openCapture();
  log.write('unit.crashed', { unit: 'test', error: new GatewayError('conflict', 'The id is taken.') });
  const [line] = log.lines();
  const { code, message } = line?.['error'] as { code: string; message: string };
  assert.deepEqual([code, message], ['conflict', 'The id is taken.']);
});
