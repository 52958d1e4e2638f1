// Configuration that a reader is told to copy is a file of deploy/, which its own test runs.
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Languages of blocks that are no configuration: programs, commands, what is answered. */
const others = [
  '',
  'sh',
  'bash',
  'js',
  'ts',
  'python',
  'java',
  'go',
  'php',
  'json',
  'sql',
  'xml',
  'http',
  'text',
];

test('each block of configuration in the docs is a file that a test runs', () => {
  const found: string[] = [];
  for (const page of ['README.md', ...globSync('docs/**/*.md', { cwd: root })]) {
    const blocks = readFileSync(join(root, page), 'utf8').matchAll(/^```([a-z]*) ?(\S*)\n(.*?)^```$/gms);
    for (const [, language = '', place = '', text = ''] of blocks) {
      if (others.includes(language)) continue;
      assert.match(
        place,
        /^deploy\/([a-z-]+)\//,
        `${page}: a block of ${language} names its file in deploy/`,
      );
      assert.equal(text, readFileSync(join(root, place), 'utf8'), `${page}: ${place}`);
      const program = place.split('/')[1] ?? '';
      assert.ok(existsSync(join(root, 'test/deploy', `${program}.test.ts`)), `${place} is run by no test`);
      found.push(place);
    }
  }
  assert.deepEqual(found, ['deploy/caddy/Caddyfile', 'deploy/nginx/chasqui.conf']);
});
