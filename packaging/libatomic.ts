import { execFileSync } from 'node:child_process';

/** The file of GCC's libatomic that a Node loads on this machine. Throws when it loads none. */
export function findLibatomic(node: string): string {
  const program =
    'process.report.excludeNetwork = true; console.log(process.report.getReport().sharedObjects.join("\\n"))';
  const libraries = execFileSync(node, ['--eval', program], { encoding: 'utf8' }).split('\n');
  const library = libraries.find((path) => path.includes('/libatomic.so.1'));
  if (library === undefined) throw new Error(`${node} loads no libatomic.`);
  return library;
}
