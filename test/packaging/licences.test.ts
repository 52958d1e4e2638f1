import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { toThirdParty } from '../../packaging/licences.ts';

test('the page names each library once, in order, with its licence and every text that it wants handed on', (t) => {
  const folder = openFolder(t, {
    'node_modules/one/package.json': '{ "name": "one", "version": "1.2.3", "license": "MIT" }',
    'node_modules/one/LICENSE': 'As you like.\n',
    'node_modules/one/README.md': 'Not a licence.',
    'node_modules/@a/two/package.json': '{ "name": "@a/two", "version": "2.0.0", "license": "Apache-2.0" }',
    'node_modules/@a/two/LICENCE.txt': 'As they like.',
    'node_modules/@a/two/NOTICE': 'By them.',
    'node_modules/one/node_modules/in/package.json': '{ "name": "in", "version": "1.0.0", "license": "ISC" }',
  });
  const paths = [
    'node_modules/one/a.js',
    'node_modules/one/node_modules/in/lib/a.js',
    'node_modules/@a/two/dist/a.js',
    'node_modules/one/b.js',
    'src/main.ts',
  ];
  const page = toThirdParty(paths.map((path) => join(folder, path)));
  const sections = page.slice(page.indexOf('\n## '));
  assert.equal(
    sections,
    `
## @a/two 2.0.0 (Apache-2.0)

~~~
As they like.
~~~

~~~
By them.
~~~

## in 1.0.0 (ISC)

## one 1.2.3 (MIT)

~~~
As you like.
~~~
`,
  );
});

test('a library without a licence is not handed on', (t) => {
  const folder = openFolder(t, { 'node_modules/one/package.json': '{ "name": "one", "version": "1.0.0" }' });
  assert.throws(() => toThirdParty([join(folder, 'node_modules/one/a.js')]), /tells no name, version or/);
});

function openFolder(
  t: { after: (end: () => void) => void },
  files: Readonly<Record<string, string>>,
): string {
  const folder = mkdtempSync(join(tmpdir(), 'chasqui-licences-'));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}
