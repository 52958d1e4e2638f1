// The index of test/fixtures has a line for each payload, and says which tests read it by its name.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { describe, it } from 'node:test';
import { folderOf, kinds } from '../support/told.ts';
import type { Kind } from '../support/told.ts';

interface Row {
  /** Folder and name of the payload, without its ending. */
  readonly payload: string;
  readonly shows: string;
  readonly readers: readonly string[];
}

const page = readFileSync('test/fixtures/README.md', 'utf8');
const rows = page.split(/^## /m).slice(1).flatMap(readSection);
const folders = (Object.keys(kinds) as Kind[]).map(folderOf);
const tests = readdirSync('test', { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.test.ts'))
  .map((path) => ({ path: `test/${path}`, text: readFileSync(`test/${path}`, 'utf8') }));

/** Tests that read every payload there is. */
const everyPayload = ['payloads', 'leaves', 'identities'].map((name) => `test/channels/${name}.test.ts`);

function readSection(section: string): Row[] {
  const folder = /^\| `(\S+)\/` \|/m.exec(section)?.[1] ?? '';
  return [...section.matchAll(/^\| `([a-z0-9-]+)` \| (.*) \| (.*) \|$/gm)].map(
    ([, name = '', shows = '', readers = '']) => ({
      payload: `${folder}/${name}`,
      shows,
      readers: [...readers.matchAll(/`([^`]+)`/g)].map(([, path = '']) => path),
    }),
  );
}

describe('the index of payloads', () => {
  it('has a line for each file, in the order of names, and for no other', () => {
    const files = folders.flatMap((folder) =>
      readdirSync(`test/fixtures/${folder}`).map((file) => `${folder}${file.replace(/\.json$/, '')}`),
    );
    assert.ok(files.length > 150, `${files.length} files`);
    assert.deepEqual(rows.map(({ payload }) => payload).toSorted(), files.toSorted());
    for (const folder of folders) {
      const names = rows.map(({ payload }) => payload).filter((payload) => payload.startsWith(folder));
      assert.deepEqual(names, names.toSorted(), folder);
    }
  });

  it('says of each what no other shows', () => {
    for (const folder of folders) {
      const shown = rows.filter(({ payload }) => payload.startsWith(folder)).map(({ shows }) => shows);
      assert.deepEqual(
        shown.filter((shows, n) => shows.trim() === '' || shown.indexOf(shows) !== n),
        [],
        folder,
      );
    }
  });

  it('has every folder of payloads, so that the tests that read them all read these', () => {
    const there = readdirSync('test/fixtures', { withFileTypes: true }).filter((entry) =>
      entry.isDirectory(),
    );
    assert.deepEqual(there.map(({ name }) => `${name}/`).toSorted(), folders.toSorted());
    for (const path of everyPayload) {
      assert.ok(page.includes(`\`${path}\``), path);
      assert.match(readFileSync(path, 'utf8'), /readdirSync/, path);
    }
  });

  it('names the tests that read a payload by its name, and only such', () => {
    for (const { payload, readers } of rows) {
      const [, name = ''] = payload.split('/');
      for (const path of readers)
        assert.match(
          readFileSync(path, 'utf8'),
          new RegExp(`['/]${name}(\\.json)?'`),
          `${payload} in ${path}`,
        );
      const named = new RegExp(`['/]${payload}(\\.json)?'`);
      assert.deepEqual(
        tests.filter(({ path, text }) => named.test(text) && !readers.includes(path)).map(({ path }) => path),
        [],
        payload,
      );
    }
  });
});
