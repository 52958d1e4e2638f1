// Archives that are the same for the same files, whoever makes them and whenever.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

/** Any time will do, as long as it is one; some readers take 1970 for none. */
const time = '2000-01-01 00:00:00Z';

/** Packs what is in `folder` into the archive `path`, in which it lies in a folder called `name`. */
export async function pack(folder: string, name: string, path: string): Promise<void> {
  const tar = spawn(
    'tar',
    [
      '--create',
      '--format=ustar',
      '--sort=name',
      `--mtime=${time}`,
      ...['--owner=0', '--group=0', '--numeric-owner', '--mode=u=rwX,go=rX'],
      `--transform=s,^\\.,${name},`,
      `--directory=${folder}`,
      '.',
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const ended = once(tar, 'close');
  await pipeline(tar.stdout, createGzip({ level: 9 }), createWriteStream(path));
  const [code] = (await ended) as [number | null];
  if (code !== 0) throw new Error(`tar ended with ${String(code)} when it packed ${folder}.`);
}
