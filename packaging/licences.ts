// Under which terms others let us hand on what is in a bundle.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Library {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  /** The texts of its licence and of what else it wants handed on. */
  readonly texts: readonly string[];
}

/** The page that names each library of which `modules` (paths) are, with its licence. Throws when one names none. */
export function toThirdParty(modules: readonly string[]): string {
  const folders = new Set(modules.flatMap((path) => toFolder(path) ?? []));
  const libraries = [...folders].map(readLibrary).sort(byName);
  return [
    '# Software of others in this package',
    '',
    'Besides what is listed here: the libraries of the console are in `web/dist/licences.md`, and what Node consists of, where it',
    'comes along, in `bin/LICENSE`. `bin/libatomic.so.1` beside it is a part of GCC, unchanged as the system has it on which the package was',
    'made: under the GNU General Public License 3 with the GCC Runtime Library Exception 3.1; its sources are at https://gcc.gnu.org and',
    'at that system.',
    ...libraries.map(toSection),
    '',
  ].join('\n');
}

/** The folder of the library that a module belongs to; undefined for our own. */
function toFolder(path: string): string | undefined {
  return /^.*\/node_modules\/(?:@[^/]+\/)?[^/@][^/]*(?=\/)/.exec(path)?.[0];
}

function readLibrary(folder: string): Library {
  const { name, version, license } = JSON.parse(
    readFileSync(join(folder, 'package.json'), 'utf8'),
  ) as Partial<Library>;
  if (name === undefined || version === undefined || typeof license !== 'string')
    throw new Error(`${folder}/package.json tells no name, version or licence.`);
  const texts = readdirSync(folder)
    .filter((file) => /^(?:licen[cs]e|copying|notice)/i.test(file))
    .sort()
    .map((file) => readFileSync(join(folder, file), 'utf8').trim());
  return { name, version, license, texts };
}

function byName(a: Library, b: Library): number {
  return toTitle(a) < toTitle(b) ? -1 : 1;
}

function toTitle({ name, version, license }: Library): string {
  return `${name} ${version} (${license})`;
}

function toSection(library: Library): string {
  const fenced = library.texts.map((text) => `\n~~~\n${text}\n~~~`);
  return [`\n## ${toTitle(library)}`, ...fenced].join('\n');
}
