import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { isNewer, toSqlFolder, version } from '../../src/runtime/release.ts';

const checkout = join(import.meta.dirname, '..', '..');

test('versions follow each other by their numbers, and a release follows its candidates', () => {
  const inOrder = [
    '0.9.9',
    '1.0.0-rc.1',
    '1.0.0-rc.2',
    '1.0.0-rc.10',
    '1.0.0',
    '1.0.1',
    '1.2.0',
    '1.10.0',
    '2.0.0',
  ];
  for (const [at, one] of inOrder.entries())
    for (const [place, other] of inOrder.entries())
      assert.equal(isNewer(one, other), at > place, `${one}, ${other}`);
});

test('any version is newer than one that is not written as ours are', () => {
  for (const foreign of ['', 'main', '1.0', '1.0.0-beta.1']) assert.ok(isNewer('0.1.0', foreign), foreign);
});

test('the version is the same in every package file, and the change log begins with it, or with what comes after it', () => {
  assert.ok(isNewer(version, 'no version') && isNewer(version, '0.9.9'), version);
  const read = (path: string): string => readFileSync(join(checkout, path), 'utf8');
  const lock = JSON.parse(read('package-lock.json')) as {
    readonly version: string;
    readonly packages: Readonly<Record<string, { readonly version: string }>>;
  };
  const { version: ofConsole } = JSON.parse(read('web/package.json')) as { readonly version: string };
  const all = [ofConsole, lock.version, lock.packages['']?.version, lock.packages['web']?.version];
  assert.deepEqual(all, [version, version, version, version]);
  const headings = [...read('CHANGELOG.md').matchAll(/^## (\S+)$/gm)].map(([, heading]) => heading);
  assert.equal(
    headings.find((heading, at) => at > 0 || heading !== 'Unreleased'),
    version,
  );
});

test('the SQL of both stores is where it is looked for', () => {
  for (const store of ['sqlite', 'postgres'] as const)
    assert.ok(readdirSync(toSqlFolder(store)).includes('001_schema.sql'));
});
