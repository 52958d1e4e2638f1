import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClockRefusal, GatewayError } from '../../src/domain/errors.ts';
import { openTelemetry } from '../../src/telemetry/telemetry.ts';
import { toOutput } from '../support/log-output.ts';

test('work that is not begun while the clock is in doubt is no crash, in the log as in the metrics', async () => {
  let text = '';
  const telemetry = openTelemetry({
    level: 'debug',
    openOutput: () => toOutput((line) => void (text += line)),
  });
  const refusal = new ClockRefusal('The clock of this machine was set.');
  telemetry.emit('unit.crashed', { unit: 'dispatcher.look', error: refusal });
  telemetry.emit('unit.crashed', { unit: 'media.look', error: new Error('no look', { cause: refusal }) });
  assert.equal(text, '');
  telemetry.emit('unit.crashed', {
    unit: 'dispatcher.look',
    error: new GatewayError('store_unavailable', 'The disk is full.'),
  });
  assert.match(text, /The disk is full/);
  const metrics = await telemetry.metricsText({
    clockAheadSeconds: () => 0,
    oldestUndelivered: async () => [],
    failingTargets: async () => [],
    pauses: async () => [],
    queues: async () => [],
  });
  assert.match(metrics, /^chasqui_unit_crashes_total\{unit="dispatcher.look"\} 1$/m);
  assert.doesNotMatch(metrics, /media\.look/);
});
