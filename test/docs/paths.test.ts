// The pages for those who change the code name files that are there, and the code map has every folder.
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync, readdirSync } from 'node:fs';
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

/** The lines of shell blocks and the spans that call npm or node, each in one line. */
function findCommands(text: string): readonly string[] {
  const blocks = [...text.matchAll(/^```sh\n([^]*?)^```/gm)].flatMap(([, block = '']) => block.split('\n'));
  const spans = [...text.matchAll(/`([^`]+)`/g)].map(([, span = '']) => span.replaceAll(/\s+/g, ' '));
  return [...blocks, ...spans].filter((line) => /\b(?:npm|npx|node) /.test(line));
}

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
    it(`${page} runs what is there`, () => {
      const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: object };
      for (const command of findCommands(text)) {
        const [, script] = /\bnpm (?:run (?:-s )?)?([\w:-]+)/.exec(command) ?? [];
        if (script !== undefined) assert.ok([...Object.keys(scripts), 'ci'].includes(script), command);
        for (const [path] of command.matchAll(/(?<![\w./-])(?:src|test|web|docs|bench|bin)\/[\w./*-]+/g))
          assert.ok(globSync(path).length > 0, `${path} in ${command}`);
      }
    });
    it(`${page} names what stands in a file by the name that it has there`, () => {
      for (const [said, name = '', path = ''] of text.matchAll(
        /`(\w+)` (?:of|in)\s+`((?:src|test|web)\/[\w./-]+\.tsx?)`/g,
      ))
        assert.ok(readFileSync(path, 'utf8').includes(name), said);
    });
    it(`${page} links to what is there`, () => {
      for (const [, link = ''] of text.matchAll(/\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)/g))
        assert.ok(existsSync(normalize(join(dirname(page), link))), link);
    });
  }

  it('has commands in them', () => {
    const found = pages.flatMap((page) => findCommands(readFileSync(page, 'utf8')));
    assert.ok(found.length > 30, `${found.length} commands`);
    assert.ok(found.some((command) => command.includes('npx node --test test/')));
  });

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

  for (const folder of ['docs', 'docs/contributing'])
    it(`the index of ${folder} has all of its pages`, () => {
      const index = readFileSync(`${folder}/README.md`, 'utf8');
      for (const name of readdirSync(folder).filter((file) => file.endsWith('.md')))
        if (name !== 'README.md') assert.ok(index.includes(`](${name})`), name);
    });
});
