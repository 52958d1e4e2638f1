import assert from 'node:assert/strict';
import { it } from 'node:test';
import {
  compareRows,
  isBackupName,
  parseBackupName,
  parseManifest,
  toBackupName,
} from '../../src/domain/backup.ts';
import type { BackupManifest } from '../../src/domain/backup.ts';

const manifest: BackupManifest = {
  format: 1,
  mark: 'a mark',
  madeAt: '2026-11-30T06:00:00.000Z',
  durationMs: 1200,
  version: '1.0.0',
  schema: 3,
  store: { bytes: 4096, sha256: 'a'.repeat(64) },
  rows: { meta: 2, receipt: 0 },
  media: { files: 1, bytes: 10 },
};

it('a name tells the store and the second, and nothing else is one', () => {
  const at = Date.UTC(2026, 10, 30, 6, 7, 8, 999);
  const name = toBackupName('1a2b3c4d', at);
  assert.equal(name, 'chasqui-1a2b3c4d-20261130T060708Z');
  assert.equal(parseBackupName(name, '1a2b3c4d'), Date.UTC(2026, 10, 30, 6, 7, 8));
  assert.ok(name < toBackupName('1a2b3c4d', at + 1000));
  for (const [other, id] of [
    [name, 'ffffffff'],
    [`${name}.partial`, '1a2b3c4d'],
    ['chasqui-1a2b3c4d-20261399T060708Z', '1a2b3c4d'],
    ['chasqui.sqlite', '1a2b3c4d'],
  ] as const)
    assert.equal(parseBackupName(other, id), undefined, other);
});

it('a name of a backup is one, whichever store it is of', () => {
  assert.ok(isBackupName('chasqui-1a2b3c4d-20261130T060000Z'));
  assert.ok(isBackupName('chasqui-ffffffff-20261130T060000Z'));
  for (const other of [
    '',
    'media',
    'chasqui-',
    'chasqui-1a2b3c4d',
    'chasqui-1a2b3c4d-20261130T060000Z.partial',
  ])
    assert.ok(!isBackupName(other), other);
});

it('what a backup says of itself is read as it was written, and nothing that is not understood', () => {
  assert.deepEqual(parseManifest(JSON.stringify(manifest)), manifest);
  const wrong: readonly object[] = [
    { format: 2 },
    { mark: null },
    { madeAt: 'yesterday' },
    { schema: -1 },
    { store: { bytes: 1, sha256: 'short' } },
    { rows: { meta: '2' } },
    { rows: [1] },
    { media: null },
    { version: undefined },
  ];
  for (const part of wrong)
    assert.equal(parseManifest(JSON.stringify({ ...manifest, ...part })), undefined, JSON.stringify(part));
  for (const text of ['', 'null', '[]', '{"format":1']) assert.equal(parseManifest(text), undefined, text);
});

it('other rows are told by their table', () => {
  assert.deepEqual(compareRows(manifest.rows, { receipt: 0, meta: 2 }), []);
  assert.deepEqual(compareRows(manifest.rows, { meta: 1, message: 4 }), [
    'table message: 4 rows for none',
    'table meta: 1 rows for 2',
    'table receipt: no rows for 0',
  ]);
});
