import type { IConfiguration } from 'dependency-cruiser';

/**
 * The folders that no import rule is for. A rule is for a folder when it begins there and says its name: one for all of `core/` does
 * not do for a subject, since nobody thought of that subject when it was written.
 */
export function findUnnamed(
  folders: readonly string[],
  { forbidden = [] }: IConfiguration,
): readonly string[] {
  const from = forbidden.flatMap((rule) => ('from' in rule ? [rule.from.path ?? []].flat() : []));
  return folders.filter((folder) => !from.some((path) => isFor(path, folder)));
}

function isFor(path: string, folder: string): boolean {
  const name = folder.split('/').at(-1) ?? '';
  return new RegExp(path).test(`${folder}/any.ts`) && new RegExp(`(?<![\\w-])${name}(?![\\w-])`).test(path);
}
