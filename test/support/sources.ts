// The project's own sources as syntax trees, for the test that tidies: what functions, comments, imports and exports there are.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import ts from 'typescript';

export interface Source {
  /** From the root of the repository, with forward slashes. */
  readonly path: string;
  readonly text: string;
  readonly tree: ts.SourceFile;
}

/** An import of one name of another file of the project: `*` for all of them, nothing for a file that is run and not imported. */
export interface Use {
  readonly from: string;
  readonly to: string;
  readonly name: string;
}

const endings = /\.(?:ts|tsx|js|cjs)$/;
const unread = /(?:^|\/)(?:node_modules|dist|output)(?:\/|$)|\.d\.ts$|^test\/interop\/clients\//;

/** All sources of some folders, in the order of their paths. */
export function readSources(...folders: readonly string[]): readonly Source[] {
  return folders
    .flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`),
    )
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => endings.test(path) && !unread.test(path))
    .toSorted()
    .map((path) => readSource(path, readFileSync(path, 'utf8')));
}

export function readSource(path: string, text: string): Source {
  return { path, text, tree: ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true) };
}

/** Calls `see` with each node of a tree, from the top down. */
export function walk(node: ts.Node, see: (node: ts.Node) => void): void {
  see(node);
  ts.forEachChild(node, (child) => {
    walk(child, see);
  });
}

/** The functions of a source by name, with the lines that the longest of that name takes. */
export function findFunctions({ tree }: Source): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  walk(tree, (node) => {
    if (!ts.isFunctionLike(node) || !('body' in node) || node.body === undefined) return;
    const name = toName(node);
    found.set(name, Math.max(found.get(name) ?? 0, countLines(tree, node)));
  });
  return found;
}

function countLines(tree: ts.SourceFile, node: ts.Node): number {
  const lineOf = (position: number): number => tree.getLineAndCharacterOfPosition(position).line;
  return lineOf(node.end) - lineOf(node.getStart(tree)) + 1;
}

/** What a function is called, behind what it stands in: `outer.inner`, or `outer.(call)` for one that is handed to a call. */
function toName(node: ts.Node): string {
  const words: string[] = [];
  for (let at: ts.Node | undefined = node; at !== undefined; at = at.parent) {
    if (!ts.isFunctionLike(at) && !ts.isClassLike(at)) continue;
    words.unshift(toOwnName(at));
  }
  return words.join('.');
}

function toOwnName(node: ts.SignatureDeclaration | ts.ClassLikeDeclaration): string {
  if (ts.isConstructorDeclaration(node)) return 'constructor';
  if (node.name !== undefined) return node.name.getText();
  const { parent } = node;
  if (ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent) || ts.isPropertyDeclaration(parent))
    return parent.name.getText();
  if (ts.isCallExpression(parent))
    return `(${parent.expression.getText().replaceAll(/\s+/g, '').slice(-40)})`;
  return '()';
}

/** The comments of a source, each with its line. */
export function findComments({
  tree,
  text,
}: Source): readonly { readonly line: number; readonly text: string }[] {
  const found = new Map<number, string>();
  const add = (ranges: readonly ts.CommentRange[] | undefined): void => {
    for (const { pos, end } of ranges ?? []) found.set(pos, text.slice(pos, end));
  };
  walk(tree, (node) => {
    if (ts.isJsxText(node)) return;
    add(ts.getLeadingCommentRanges(text, node.pos));
    add(ts.getTrailingCommentRanges(text, node.end));
  });
  return [...found]
    .toSorted(([a], [b]) => a - b)
    .map(([at, comment]) => ({ line: tree.getLineAndCharacterOfPosition(at).line + 1, text: comment }));
}

/** What a source exports, by name. */
export function findExports({ tree }: Source): readonly string[] {
  return tree.statements.flatMap((statement) => {
    if (ts.isExportDeclaration(statement)) {
      const { exportClause } = statement;
      return exportClause !== undefined && ts.isNamedExports(exportClause)
        ? exportClause.elements.map(({ name }) => name.text)
        : [];
    }
    return toDeclared(statement);
  });
}

/** The names that a source exports and declares itself. */
export function findDeclarations({ tree }: Source): readonly string[] {
  return tree.statements.flatMap(toDeclared);
}

function toDeclared(statement: ts.Statement): readonly string[] {
  if (ts.isExportDeclaration(statement)) return [];
  if (!ts.canHaveModifiers(statement) || !isExported(statement)) return [];
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.flatMap(({ name }) => toBoundNames(name));
  const { name } = statement as ts.DeclarationStatement;
  return name === undefined ? [] : [name.text];
}

/** The functions that a source exports. */
export function findExportedFunctions({ tree }: Source): readonly string[] {
  return tree.statements.flatMap((statement) =>
    ts.isFunctionDeclaration(statement) && isExported(statement) && statement.name !== undefined
      ? [statement.name.text]
      : [],
  );
}

function isExported(node: ts.HasModifiers): boolean {
  return ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ?? false;
}

function toBoundNames(name: ts.BindingName): readonly string[] {
  if (ts.isIdentifier(name)) return [name.text];
  return name.elements.flatMap((element) =>
    ts.isOmittedExpression(element) ? [] : toBoundNames(element.name),
  );
}

/**
 * What a source takes of others: by imports, by `import()`, as types, and whatever it names by a path in a text, as workers and
 * programs are started.
 */
export function findUses(source: Source, paths: ReadonlySet<string>): readonly Use[] {
  const found: Use[] = [];
  const add = (specifier: string, names: readonly string[]): void => {
    const to = resolve(source.path, specifier, paths);
    if (to !== undefined) found.push(...names.map((name) => ({ from: source.path, to, name })));
  };
  walk(source.tree, (node) => {
    if (ts.isImportDeclaration(node)) add(toText(node.moduleSpecifier), toImportedNames(node.importClause));
    else if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined)
      add(toText(node.moduleSpecifier), ['*']);
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
      add(toText(node.argument.literal), [node.qualifier?.getText() ?? '*']);
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      for (const argument of node.arguments) add(toText(argument), ['*']);
    else if (ts.isStringLiteralLike(node) && !ts.isImportDeclaration(node.parent)) add(node.text, ['']);
    else if (ts.isTemplateExpression(node)) for (const path of findPaths(node.getText())) add(path, ['']);
  });
  return found;
}

/** Paths in a program that is written out as a text. */
function findPaths(text: string): readonly string[] {
  return [...text.matchAll(/['"`]([^'"`\n]+\.(?:ts|js|cjs))['"`]/g)].flatMap(([, path = '']) => path);
}

function toText(node: ts.Node): string {
  return ts.isStringLiteralLike(node) ? node.text : '';
}

function toImportedNames(clause: ts.ImportClause | undefined): readonly string[] {
  const bindings = clause?.namedBindings;
  if (bindings === undefined || ts.isNamespaceImport(bindings)) return ['*'];
  return bindings.elements.map(({ name, propertyName }) => (propertyName ?? name).text);
}

/** The file of the project that a path means: beside the source, or from the root. */
function resolve(from: string, specifier: string, paths: ReadonlySet<string>): string | undefined {
  if (!endings.test(specifier) && !/\.html$/.test(specifier)) return undefined;
  return [join(dirname(from), specifier), specifier]
    .map((path) => normalize(path).replaceAll('\\', '/').replace(/^\//, ''))
    .find((path) => paths.has(path) && path !== from);
}
