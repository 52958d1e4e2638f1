// The whole program in a few files of JavaScript: Node reads no TypeScript inside node_modules, and hundreds of files start slowly.
import { isBuiltin } from 'node:module';
import { basename, join, resolve } from 'node:path';
import { rolldown } from 'rolldown';
import type { OutputChunk, Plugin } from 'rolldown';
import { readerVersion } from '../src/core/receipts/reader-version.ts';

/** What is not in the bundle: `pg` asks for this one only where somebody wants it. */
const external = ['pg-native'];

/**
 * Writes the command line, and all that it loads, into `folder` as `chasqui.js` and what belongs to it. Returns the modules that
 * are in there, by their paths. What is loaded only where it is configured lies in files of its own. Throws when something would
 * have to be installed beside it.
 */
export async function bundle(checkout: string, folder: string): Promise<readonly string[]> {
  const build = await rolldown({
    cwd: checkout,
    input: { chasqui: 'src/cli/commands.ts' },
    platform: 'node',
    external,
    plugins: [withThreads(), withReaderVersion(checkout)],
  });
  const { output } = await build.write({
    dir: folder,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: '[name]-[hash].js',
    // Names of functions are told: in errors, and in the log's stack frames.
    keepNames: true,
  });
  await build.close();
  const chunks = output.filter((file): file is OutputChunk => file.type === 'chunk');
  requireWhole(chunks);
  return chunks.flatMap(({ moduleIds }) => moduleIds);
}

/** Threads: each file that `new URL` names is a chunk of its own, of a known name beside the one that starts it. */
function withThreads(): Plugin {
  return {
    name: 'threads',
    transform(code, id) {
      if (!id.endsWith('.ts')) return null;
      return code.replaceAll(/new URL\('([\w./-]+)\.ts', import\.meta\.url\)/g, (_, path: string) => {
        const fileName = `${basename(path)}.js`;
        this.emitFile({ type: 'chunk', id: resolve(id, '..', `${path}.ts`), fileName });
        return `new URL('${fileName}', import.meta.url)`;
      });
    },
  };
}

/** The version of the readers is a digest of their sources, which a package does not have: it is told the checkout's. */
function withReaderVersion(checkout: string): Plugin {
  const path = join(checkout, 'src', 'core', 'receipts', 'reader-version.ts');
  return {
    name: 'reader-version',
    load: (id) => (id === path ? `export const readerVersion = '${readerVersion}';` : null),
  };
}

function requireWhole(chunks: readonly OutputChunk[]): void {
  const own = new Set(chunks.map(({ fileName }) => fileName));
  const foreign = chunks
    .flatMap(({ imports, dynamicImports }) => [...imports, ...dynamicImports])
    .filter((name) => !own.has(name) && !isBuiltin(name) && !external.includes(name));
  if (foreign.length > 0) throw new Error(`The bundle lacks ${[...new Set(foreign)].join(', ')}.`);
  const text = chunks.map(({ code }) => code).join('\n');
  if (!text.includes(readerVersion)) throw new Error('The bundle does not tell the version of its readers.');
  const threads = [...text.matchAll(/new URL\(["']([\w./-]+)["'], import\.meta\.url\)/g)];
  const missing = threads.flatMap(([, name = '']) => (own.has(name) ? [] : [name]));
  if (threads.length === 0 || missing.length > 0)
    throw new Error(`The bundle lacks the files of threads: ${missing.join(', ') || 'it has none'}.`);
}
