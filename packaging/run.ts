// `npm run package [-- folder]`: the archives of a release, in `dist/` or in the folder given.
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { makePackages } from './packages.ts';

const checkout = join(import.meta.dirname, '..');
const { status } = spawnSync(process.execPath, [join(checkout, 'web', 'build.js')], { stdio: 'inherit' });
if (status !== 0) throw new Error('The console could not be built.');

const { npm, linux } = await makePackages(resolve(process.argv[2] ?? join(checkout, 'dist')));
for (const path of [npm, linux])
  console.log(`${relative('.', path)}  ${(statSync(path).size / 1e6).toFixed(1)} MB`);
