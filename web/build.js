// Builds the console into web/dist and puts a compressed copy beside each text file. Runs after every install, on the
// Node that came by npm; what is there already and was built from the same sources stays.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const here = import.meta.dirname;
const dist = join(here, 'dist');
const stamp = join(dist, '.built-from');

/** The documentation, which the console shows. */
const docPages = readdirSync(join(here, '../docs'))
  .filter((name) => name.endsWith('.md'))
  .map((name) => `../docs/${name}`);

/** One digest of everything that the build reads. */
function digestSources() {
  const sources = [
    'src',
    'public',
    ...docPages,
    '../src/domain/findings.ts',
    '../src/domain/findings-zh.ts',
    'index.html',
    'portal.html',
    'vite.config.js',
    'package.json',
    'build.js',
  ];
  const hash = createHash('sha256').update(readFileSync(join(here, '../package-lock.json')));
  for (const source of sources) {
    const path = join(here, source);
    const files = /\.\w+$/.test(source)
      ? [path]
      : readdirSync(path, { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) => join(entry.parentPath, entry.name))
          .sort();
    for (const file of files) hash.update(`${file.slice(here.length)}\n`).update(readFileSync(file));
  }
  return hash.digest('hex');
}

async function compressAll() {
  const files = readdirSync(dist, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(js|css|html|svg|json)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
  // The highest quality: what a browser fetches a thousand times is compressed once.
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11 };
  await Promise.all(
    files.map(async (file) => {
      const bytes = readFileSync(file);
      writeFileSync(`${file}.br`, await promisify(brotliCompress)(bytes, { params }));
      writeFileSync(`${file}.gz`, await promisify(gzip)(bytes, { level: 9 }));
    }),
  );
}

const digest = digestSources();
if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) process.exit(0);
const { build } = await import('vite');
const common = { configFile: join(here, 'vite.config.js'), logLevel: 'warn' };
await build(common);
// By itself: pieces that two pages share are cut smaller, and the console would pay for the portal with 10 KB.
await build({
  ...common,
  build: { emptyOutDir: false, license: false, rolldownOptions: { input: join(here, 'portal.html') } },
});
await compressAll();
writeFileSync(stamp, digest);
