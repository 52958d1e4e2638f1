// What the pages have their reader change in a file of deploy/ stands in that file: `sed` says nothing where it finds nothing.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseEnv } from 'node:util';
import { readBlocks } from '../support/page.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** Where a file of deploy/ is put by the pages. */
const files: Readonly<Record<string, string>> = {
  '/etc/caddy/Caddyfile': 'caddy/Caddyfile',
  '/etc/chasqui/chasqui.env': 'systemd/chasqui.env',
  '/etc/patroni/patroni.env': 'patroni/patroni.env',
  '.env': 'compose.env',
};

function read(path: string): string {
  return readFileSync(join(root, 'deploy', path), 'utf8');
}

it('every edit that a page makes finds what it replaces', () => {
  const lines = globSync('docs/**/*.md', { cwd: root }).flatMap((page) =>
    readBlocks(page).flatMap(({ text }) => text.split('\n').filter((line) => line.startsWith('sed -i '))),
  );
  assert.ok(lines.length >= 7, String(lines.length));
  for (const line of lines) {
    const [, script = '', file = ''] =
      /^sed -i (?:'([^']*)'|"[^"]*") (\S+)$/.exec(line.replaceAll('"', "'")) ?? [];
    const text = read(files[file] ?? assert.fail(`${line}: which file is that?`));
    for (const edit of script.split('; ')) {
      const [, pattern] = /^s([|/])(.*?)\1.*\1$/.exec(edit)?.slice(1) ?? assert.fail(edit);
      assert.match(text, new RegExp(pattern ?? '', 'm'), line);
    }
  }
});

it('Patroni is given by its file of settings, and by the page, what the cluster of the tests has', () => {
  const page = readFileSync(join(root, 'docs', 'deploy.md'), 'utf8');
  const member = readFileSync(join(root, 'test', 'ha', 'member.ts'), 'utf8');
  const given = [
    ...Object.keys(parseEnv(read('patroni/patroni.env'))),
    ...[...page.matchAll(/echo '(PATRONI_\w+)=/g)].map(([, name]) => name),
  ];
  const tested = [...member.matchAll(/^ +(PATRONI_\w+):/gm)].map(([, name]) => name);
  // What is there because all of it runs on one machine.
  const own = ['PATRONI_ETCD3_USE_PROXIES', 'PATRONI_POSTGRESQL_PGPASS'];
  assert.deepEqual(given.toSorted(), tested.filter((name) => !own.includes(name ?? '')).toSorted());
});
