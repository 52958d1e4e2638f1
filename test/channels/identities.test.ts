// What refuses repeats never changes: a receipt that was recorded by one version and comes again to the next is known by the same key.
// Held on every payload of test/fixtures in words, and of ../shared/fixtures by a digest where that folder is.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { it } from 'node:test';
import { folderOf, identify, kinds } from '../support/told.ts';
import type { Kind } from '../support/told.ts';

const snapshotFile = new URL('identities.json', import.meta.url);
const own = new URL('../fixtures/', import.meta.url);
const recorded = new URL('../../../shared/fixtures/', import.meta.url);

type Identities = Readonly<Record<string, string | readonly string[]>>;

function identifyAll(root: URL, toFolder: (kind: Kind) => string): [string, readonly string[]][] {
  return (Object.keys(kinds) as Kind[]).flatMap((kind) => {
    const folder: URL = new URL(toFolder(kind), root);
    if (!existsSync(folder)) return [];
    return readdirSync(folder, { encoding: 'utf8' })
      .filter((file) => file.endsWith('.json') && !/__(api-|request)/.test(file))
      .toSorted()
      .map((file): [string, readonly string[]] => [
        `${kind}/${file}`,
        identify(kind, readFileSync(new URL(file, folder))).map((parts) => parts.join(' ')),
      ]);
  });
}

const rows: readonly [string, string | readonly string[]][] = [
  ...identifyAll(own, folderOf),
  ...identifyAll(recorded, (kind) => `${kind}/`).map(([file, identities]): [string, string] => [
    `recorded ${file}`,
    createHash('sha256').update(JSON.stringify(identities)).digest('hex').slice(0, 16),
  ]),
];
const found: Identities = Object.fromEntries(rows);

it('every event of every payload has the identity that it always had', () => {
  const known = existsSync(snapshotFile)
    ? (JSON.parse(readFileSync(snapshotFile, 'utf8')) as Identities)
    : undefined;
  if (process.env['UPDATE_SNAPSHOT'] === '1' || known === undefined)
    writeFileSync(snapshotFile, `${JSON.stringify({ ...known, ...found }, null, 1)}\n`);
  assert.ok(known !== undefined, 'The table of identities has to be committed.');
  const news = Object.keys(found).filter((file) => known[file] === undefined);
  assert.deepEqual(news, [], 'New payloads: write their identities down with UPDATE_SNAPSHOT=1.');
  const here = Object.keys(known).filter((file) => existsSync(recorded) || !file.startsWith('recorded '));
  assert.deepEqual(found, Object.fromEntries(here.map((file) => [file, known[file]])));
});
