// The pages for those who change the code name files that are there, and the code map has every folder.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, it } from 'node:test';

const pages = [
  'CONTRIBUTING.md',
  'SECURITY.md',
  'docs/architecture.md',
  'docs/testing.md',
  ...['docs/contributing', 'docs/protocols'].flatMap((folder) =>
    readdirSync(folder).map((name) => `${folder}/${name}`),
  ),
];

describe('the pages for contributors', () => {
  for (const page of pages) {
    const text = readFileSync(page, 'utf8');
    it(`${page} names what is there`, () => {
      const named = [...text.matchAll(/`((?:src|test|sql|web|docs|bench|bin)\/[\w./-]*)`/g)].map(
        ([, path = '']) => path,
      );
      const top = [
        ...text.matchAll(/`((?:domain|core|protocols|channels|store|compose|runtime)\/[\w/.-]+)`/g),
      ].map(([, path = '']) => `src/${path}`);
      // What a run leaves in test/output is in no checkout.
      for (const path of [...named, ...top].filter((each) => !each.startsWith('test/output/')))
        assert.ok(existsSync(path), path);
    });
    it(`${page} links to what is there`, () => {
      for (const [, link = ''] of text.matchAll(/\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)/g))
        assert.ok(existsSync(normalize(join(dirname(page), link))), link);
    });
  }

  it('the code map has every folder of src, and of those that are parted by subject', () => {
    const map =
      readFileSync('docs/architecture.md', 'utf8').split('\n## Code map\n')[1]?.split('\n## ')[0] ?? '';
    const folders = ['src', 'src/core', 'src/protocols', 'src/channels'].flatMap((root) =>
      readdirSync(root, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => `${root}/${name}`)
        .filter((folder) => !['src/core', 'src/protocols', 'src/channels'].includes(folder)),
    );
    for (const folder of folders) assert.ok(map.includes(`\`${folder}\``), folder);
  });

  it('the index of how-to pages has them all', () => {
    const index = readFileSync('docs/contributing/README.md', 'utf8');
    for (const name of readdirSync('docs/contributing'))
      if (name !== 'README.md') assert.ok(index.includes(`](${name})`), name);
  });
});
