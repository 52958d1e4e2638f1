import assert from 'node:assert/strict';
import { it } from 'node:test';
import { fromCloudTime, toCloudTime } from '../../../src/protocols/cams/cloud-time.ts';

it('writes and reads times of GMT+8', () => {
  const time = Date.UTC(2026, 9, 31, 16, 0, 59);
  assert.equal(toCloudTime(time), '2026-11-01 00:00:59');
  assert.equal(fromCloudTime('2026-11-01 00:00:59'), time);
  assert.equal(toCloudTime(time + 999), '2026-11-01 00:00:59', 'without fractions');
});

it('reads nothing else for a time', () => {
  for (const text of ['', '2026-11-01', '2026-11-01T00:00:59', '2026-11-01 00:00:59Z', '2026-13-01 00:00:00'])
    assert.equal(fromCloudTime(text), undefined, text);
});
