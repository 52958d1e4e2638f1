// What makes a project hard to read, found by a machine. Whatever is not yet as it should be stands in a list in `test/tidy/`, a sorted
// line each; lists only shrink (but that of exports for tests, where somebody may write one down who means it). `UPDATE_SNAPSHOT=1 node --test test/tidy.test.ts` takes out what is mended, and adds nothing.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import ts from 'typescript';
import {
  findComments,
  findDeclarations,
  findExportedFunctions,
  findExports,
  findFunctions,
  findUses,
  readSource,
  readSources,
  walk,
} from './support/sources.ts';
import type { Source, Use } from './support/sources.ts';

/** A function fits a screen. */
const maxLines = 70;

const arithmetic: ReadonlySet<ts.SyntaxKind> = new Set([
  ts.SyntaxKind.AsteriskToken,
  ts.SyntaxKind.SlashToken,
  ts.SyntaxKind.PlusToken,
  ts.SyntaxKind.MinusToken,
  ts.SyntaxKind.LessThanLessThanToken,
  ts.SyntaxKind.GreaterThanGreaterThanToken,
]);

/** A chapter of a paper, by its number. */
const chapter =
  /\b(?:channels|cams-openapi|cams-receipts|smq-protocol) (?:\d+(?:\.\d+)+|\d+(?=[),.;:]|$)|D\d+|appendix)/gm;

const product = readSources('src', 'web', 'bench', 'bin', 'packaging');
const tests = readSources('test');
const sources = [...product, ...tests];
const paths = new Set(sources.map(({ path }) => path));
const uses = sources.flatMap((source) => findUses(source, paths));

/** Files that somebody starts: by a command of package.json, by the browser, or as a test. */
const started = [
  ...['package.json', 'web/package.json', 'web/index.html', 'web/portal.html', 'eslint.config.js'].flatMap(
    (path) => findNamed(readFileSync(path, 'utf8'), dirname(path)),
  ),
  'web/vite.config.js',
];

describe('every function of the product fits a screen', () => {
  const found = product.flatMap((source) =>
    [...findFunctions(source)]
      .filter(([, lines]) => lines > maxLines)
      .map(([name, lines]) => [`${source.path} ${name}`, lines] as const),
  );
  holdToList('long-functions', new Map(found));
});

describe('no file is dead', () => {
  it('each file of the product is reached from what is started', () => {
    const alive = reach(
      started,
      uses.filter(({ from }) => !isTest(from)),
    );
    const named = namedInPages();
    const dead = product.filter(({ path }) => !alive.has(path) && !named.has(path));
    assert.deepEqual(toPaths(dead), [], 'Nobody imports or starts these: take them out.');
  });

  it('each file of the tests is a test, or reached from one', () => {
    const alive = reach([...started, ...toPaths(tests).filter((path) => path.endsWith('.test.ts'))], uses);
    const dead = tests.filter(({ path }) => !alive.has(path));
    assert.deepEqual(toPaths(dead), [], 'No test needs these: take them out.');
  });
});

describe('no export is for nobody', () => {
  const takers = new Map<string, { product: boolean; tests: boolean }>();
  for (const { from, to, name } of uses) {
    const taker = takers.get(`${to} ${name}`) ?? { product: false, tests: false };
    takers.set(`${to} ${name}`, {
      product: taker.product || !isTest(from),
      tests: taker.tests || isTest(from),
    });
  }
  const isTaken = (by: 'product' | 'tests', path: string, name: string): boolean =>
    [`${path} ${name}`, `${path} *`].some((key) => takers.get(key)?.[by] === true);
  const untaken = (from: readonly Source[], by: readonly ('product' | 'tests')[]): [string, string][] =>
    from.flatMap((source) =>
      findExports(source)
        .filter((name) => !by.some((one) => isTaken(one, source.path, name)))
        .map((name): [string, string] => [source.path, name]),
    );

  describe('somebody imports it', () => {
    const found = untaken(sources, ['product', 'tests']).filter(([path]) => !path.startsWith('web/vite'));
    holdToList('exports-for-nobody', toCounts(found.map((words) => words.join(' '))));
  });
  describe('those that tests alone import are written down', () => {
    const found = untaken(product, ['product']).filter(([path, name]) => isTaken('tests', path, name));
    holdToList('exports-for-tests', toCounts(found.map((words) => words.join(' '))));
  });
});

describe('one exported name has one meaning', () => {
  const parts = new Map<string, Set<string>>();
  for (const source of product.filter(({ path }) => path.startsWith('src/')))
    for (const name of findDeclarations(source))
      parts.set(name, (parts.get(name) ?? new Set()).add(toPart(source.path)));
  const found = [...parts]
    .filter(([, { size }]) => size > 1)
    .map(([name, { size }]) => [name, size] as const);
  holdToList('shared-names', new Map(found));

  it('knows the same part of another product, protocol or store', () => {
    const same = [
      ['src/channels/messenger/connector.ts', 'src/channels/viber/connector.ts'],
      ['src/protocols/cams/server.ts', 'src/protocols/smq/server.ts'],
      ['src/store/users/sqlite.ts', 'src/store/users/postgres.ts'],
      ['src/store/receipts/sqlite-record.ts', 'src/store/receipts/postgres-record.ts'],
      ['src/store/sqlite/schema.ts', 'src/store/postgres/schema.ts'],
    ];
    const different = [
      ['src/channels/messenger/connector.ts', 'src/channels/messenger/parse.ts'],
      ['src/store/users/sqlite.ts', 'src/store/media/sqlite.ts'],
      ['src/core/queues/rules.ts', 'src/core/templates/rules.ts'],
      ['src/protocols/api/queues.ts', 'src/core/queues/queues.ts'],
    ];
    for (const [one = '', other = ''] of same) assert.equal(toPart(one), toPart(other), other);
    for (const [one = '', other = ''] of different) assert.notEqual(toPart(one), toPart(other), other);
  });
});

describe('every function of the domain is tested as what it is: pure', () => {
  const named = new Set(
    uses.filter(({ from }) => from.startsWith('test/domain/')).map(({ to, name }) => `${to} ${name}`),
  );
  const found = product
    .filter(({ path }) => path.startsWith('src/domain/'))
    .flatMap((source) => findExportedFunctions(source).map((name) => `${source.path} ${name}`))
    .filter((key) => !named.has(key));
  holdToList('untested-domain', toCounts(found));
});

describe('every test of what stores keep names the verbs of the port that it is about', () => {
  const verbs = new Set(
    product.filter(({ path }) => /^src\/store\/\w+\/port\.ts$/.test(path)).flatMap(findMethods),
  );
  const contract = tests.filter(({ path }) => path.startsWith('test/store/contract/'));

  it('and begins with them', () => {
    const titles = contract.flatMap(findTitles);
    assert.ok(titles.length > 150, `${titles.length} tests`);
    assert.deepEqual(
      titles.filter((title) => !namesVerbs(title, verbs)),
      [],
      'Begin these with the verb that a failure speaks against, as in `putSender: …`.',
    );
  });

  it('knows one that does not', () => {
    const known = new Set(['putSender', 'watch']);
    assert.ok(namesVerbs('putSender: a sender is made', known));
    assert.ok(namesVerbs('putSender, watch: a sender is told of', known));
    for (const title of ['a sender is made', 'putSenders: some', 'watch, sender: one', 'putSender makes one'])
      assert.ok(!namesVerbs(title, known), title);
    const source = readSource(
      'a.ts',
      "test('one', f); for (const n of all) it(`two ${n}`, f); ask('three');",
    );
    assert.deepEqual(findTitles(source), ['one', 'two ${n}']);
  });
});

describe('no comment points at a paper or a file that is not here', () => {
  const pages = new Set(
    ['.', ...readFolders('docs')].flatMap((folder) =>
      readdirSync(folder).filter((name) => name.endsWith('.md')),
    ),
  );
  const found = sources.flatMap((source) =>
    findComments(source).flatMap(({ text }) =>
      [...findPapers(text, pages), ...findGone(text, paths)].map((paper) => `${source.path} ${paper}`),
    ),
  );
  holdToList('papers', toCounts(found));

  it('knows one when it sees it', () => {
    const known = new Set(['cams.md']);
    assert.deepEqual(findPapers('// As channels 2.3 says.', known), ['channels 2.3']);
    assert.deepEqual(findPapers('// cams-receipts D4, smq-protocol appendix A', known), [
      'cams-receipts D4',
      'smq-protocol appendix',
    ]);
    assert.deepEqual(findPapers('// docs/cams.md, docs/gone.md', known), ['docs/gone.md']);
    assert.deepEqual(findPapers('// The 2 channels of docs/cams.md; channels are 5.', known), []);
    const files = new Set(['src/runtime/pool.ts', 'web/src/main.tsx']);
    assert.deepEqual(findGone('// See `pool.ts`, runtime/pool.ts and src/main.tsx.', files), []);
    assert.deepEqual(findGone('// As ool.ts, and cams/pool.ts, say it; pool.tsx too.', files), [
      'ool.ts',
      'cams/pool.ts',
      'pool.tsx',
    ]);
  });
});

describe('what refuses repeats is made in domain/identity.ts alone', () => {
  const found = product
    .filter(({ path }) => path.startsWith('src/') && path !== 'src/domain/identity.ts')
    .flatMap((source) => findIdentities(source).map((text) => `${source.path} ${text}`));
  holdToList('identities', toCounts(found));

  it('knows one that is made by hand', () => {
    const find = (text: string): readonly string[] => findIdentities(readSource('a.ts', text));
    assert.deepEqual(
      find("const event = { identity: n === 0 ? ['mo', id] : toMessageIdentity(id, 'part') };"),
      ["['mo', id]"],
    );
    assert.deepEqual(find("const identity = ['audit', time];"), ["['audit', time]"]);
    assert.deepEqual(find('const event = { identity: toStatusIdentity(id, word) };'), []);
    assert.deepEqual(find('const event = { identity: event.identity.map(toKept) };'), []);
  });
});

describe('ids are made, read and compared in domain/ids.ts alone', () => {
  const found = product
    .filter(({ path }) => path !== 'src/domain/ids.ts')
    .flatMap((source) => findIdArithmetic(source).map((text) => `${source.path} ${text}`));
  holdToList('id-arithmetic', toCounts(found));

  it('knows arithmetic of ids when it sees it', () => {
    const find = (text: string): readonly string[] => findIdArithmetic(readSource('a.ts', text));
    assert.deepEqual(find('const a = time * 4096; const b = Math.floor(id / 4096);'), [
      'time * 4096',
      'id / 4096',
    ]);
    assert.deepEqual(find('const a = 4096 * ms; const b = time << 12n; const c = x * 512;'), [
      '4096 * ms',
      'time << 12n',
    ]);
    assert.deepEqual(find('const a = receipt.id + 1; const b = lastId - 1;'), [
      'receipt.id + 1',
      'lastId - 1',
    ]);
    assert.deepEqual(find('run(`SELECT id / 4096 FROM t WHERE id < ${a} + 1`)'), ['id / 4096']);
    assert.deepEqual(find('const bytes = 4096; const limit = 4 * 1024; const name = "id" + text;'), []);
  });
});

describe('whoever uses the store names the verbs that he calls', () => {
  // Where the store is made and handed out, it is whole.
  const makers = /^src\/(?:store|compose)\//;

  it('and is given no more of it', () => {
    const users = product.filter(({ path }) => path.startsWith('src/') && !makers.test(path));
    const found = users.flatMap((source) => findWholeStores(source).map((text) => `${source.path} ${text}`));
    assert.deepEqual(found, [], "Give these a slice, as in Pick<Store, 'findChannel'>.");
  });

  it('knows a whole one when it sees it', () => {
    const find = (text: string): readonly string[] => findWholeStores(readSource('a.ts', text));
    assert.deepEqual(find('interface Deps { readonly store: Store; }'), ['readonly store: Store;']);
    assert.deepEqual(find('function look(store: Views, id: string): void {}'), ['store: Views']);
    assert.deepEqual(find("type Deps = Omit<Engine, 'watch'> & Given;"), ["Omit<Engine, 'watch'>"]);
    assert.deepEqual(find("type Deps = Pick<Store, 'watch'> | Store['watch'];"), []);
    assert.deepEqual(find('interface Deps<Verbs extends keyof Store> { store: Pick<Store, Verbs>; }'), []);
    assert.deepEqual(find("import type { Store } from '../store/store.ts';"), []);
  });
});

describe('long SQL has a name, with a sentence on what it stands for', () => {
  it('wherever statements are', () => {
    const found = product.flatMap((source) => findNameless(source).map((text) => `${source.path} ${text}`));
    assert.deepEqual(found, [], 'Make these constants of their module, with a comment each.');
  });

  it('knows one without when it sees it', () => {
    const long = '`SELECT a\n FROM b\n WHERE c = ${d}`';
    const find = (text: string): readonly string[] => findNameless(readSource('a.ts', text));
    const first = 'SELECT a';
    assert.deepEqual(find(`/** Finds. */ function f() { return db.all(${long}, [1]); }`), [first]);
    assert.deepEqual(find(`/** Finds. */ function f() { const sql = ${long}; return db.all(sql); }`), [
      first,
    ]);
    assert.deepEqual(find(`const findA = ${long};`), [first], 'no sentence');
    assert.deepEqual(find(`/** Finds. */ const findA = ${long};`), []);
    assert.deepEqual(find(`/** Finds. */ function toFind(d: string): string { return ${long}; }`), []);
    assert.deepEqual(find(`/** Finds. */ const toFind = (d: string): string => ${long};`), []);
    assert.deepEqual(find('db.all(`SELECT a\n FROM b`)'), []);
    assert.deepEqual(find('log(`Nothing was\n SELECTed\n at all`)'), []);
  });
});

describe('a claim takes no more rows than it asks for', () => {
  it('because what it locks is looked for once', () => {
    const files = [
      ...product.filter(({ path }) => path.startsWith('src/')),
      ...readdirSync('sql/postgres').map((name) => {
        const path = join('sql/postgres', name);
        return { path, text: readFileSync(path, 'utf8') };
      }),
    ];
    const claims = files.filter(({ text }) => text.includes('SKIP LOCKED'));
    for (const ending of ['.sql', '.ts']) assert.ok(claims.some(({ path }) => path.endsWith(ending)));
    const unsafe = claims.flatMap(({ path, text }) =>
      findRepeatableClaims(text).map((line) => `${path}:${line}`),
    );
    assert.deepEqual(unsafe, [], 'Lock in WITH … AS MATERIALIZED (… FOR UPDATE SKIP LOCKED).');
  });

  it('and any other form is found', () => {
    const claim = 'SELECT id FROM t ORDER BY id LIMIT 5 FOR UPDATE SKIP LOCKED';
    const safe = [
      `WITH due AS MATERIALIZED (${claim}) UPDATE t SET a = 1 FROM due WHERE t.id = due.id`,
      `WITH due AS MATERIALIZED (SELECT id FROM t WHERE (a, b) > (1, 2)\n LIMIT 5 FOR NO KEY UPDATE SKIP LOCKED) SELECT 1`,
      `UPDATE t SET a = 1 WHERE id = ANY (ARRAY(${claim}))`,
    ];
    const unsafe = [
      claim,
      `UPDATE t SET a = 1 FROM (${claim}) due WHERE t.id = due.id`,
      `UPDATE t SET a = 1 WHERE id IN (${claim})`,
      `WITH due AS (${claim}) UPDATE t SET a = 1 FROM due WHERE t.id = due.id`,
      `WITH due AS NOT MATERIALIZED (${claim}) UPDATE t SET a = 1 FROM due WHERE t.id = due.id`,
      `WITH one AS MATERIALIZED (SELECT 1) UPDATE t SET a = 1 FROM (${claim}) due WHERE t.id = due.id`,
      `WITH due AS MATERIALIZED (SELECT id FROM (${claim}) d) SELECT 1`,
    ];
    for (const text of safe) assert.deepEqual(findRepeatableClaims(text), [], text);
    for (const text of unsafe) assert.deepEqual(findRepeatableClaims(text), [1], text);
  });
});

describe('timers are set by src/runtime, but for what one call waits for, and what a connection does', () => {
  const found = product
    .filter(({ path }) => path.startsWith('src/') && !path.startsWith('src/runtime/'))
    .flatMap((source) => findTimers(source).map((name) => `${source.path} ${name}`));
  holdToList('timers', toCounts(found));

  it('and what repeats is told in docs/workers.md', () => {
    const page = readFileSync('docs/workers.md', 'utf8');
    const repeating = found.flatMap((key) => /^(.*) setInterval$/.exec(key)?.[1] ?? []);
    assert.deepEqual(
      repeating.filter((path) => !page.includes(`\`${path}\``)),
      [],
      'Make it a worker, or say there why it is none.',
    );
  });

  it('knows a timer when it sees it', () => {
    const find = (text: string): readonly string[] => findTimers(readSource('a.ts', text));
    assert.deepEqual(find('this.#timer = setInterval(() => this.#look(), 5); setTimeout(end, 10).unref();'), [
      'setInterval',
      'setTimeout',
    ]);
    assert.deepEqual(find("import { setTimeout as sleep } from 'node:timers/promises';"), ['setTimeout']);
    assert.deepEqual(find('globalThis.setTimeout(end, 5);'), ['setTimeout']);
    assert.deepEqual(find('server.setTimeout(5000); clearTimeout(timer); setImmediate(go);'), []);
  });
});

describe('no test waits by a timer, but by test/support/pace.ts, which says why', () => {
  const found = tests
    .filter(({ path }) => path !== 'test/support/pace.ts')
    .flatMap((source) => findWaits(source).map((text) => `${source.path} ${text}`));
  holdToList('waits', toCounts(found));

  it('knows a wait when it sees it', () => {
    const find = (text: string): readonly string[] => findWaits(readSource('a.ts', text));
    assert.deepEqual(find("import { setImmediate, setTimeout as sleep } from 'node:timers/promises';"), [
      'setTimeout as sleep',
    ]);
    assert.deepEqual(find("import { scheduler } from 'timers/promises';"), ['scheduler']);
    assert.deepEqual(find("import * as timers from 'node:timers/promises';"), ['* as timers']);
    assert.deepEqual(find('await new Promise((resolve) => setTimeout(resolve, 20));'), [
      'setTimeout(resolve, 20)',
    ]);
    assert.deepEqual(find('new Promise<void>((done) => { setTimeout(() => done(), 20).unref(); });'), [
      'setTimeout(() => done(), 20)',
    ]);
    assert.deepEqual(find("import { setImmediate } from 'node:timers/promises';"), []);
    const faked =
      "mock.timers.enable({ apis: ['setTimeout'] }); new Promise((done) => setTimeout(done, 20));";
    assert.deepEqual(find(faked), []);
    assert.deepEqual(
      find("setTimeout(() => response.end('slow'), 20); new Promise((done) => go(done));"),
      [],
    );
  });
});

/**
 * Holds what was found to a list: what is not in it, or is more than it says, fails; so does a line that is not needed any more, or
 * says more than there is.
 */
function holdToList(name: string, found: ReadonlyMap<string, number>): void {
  const file = `test/tidy/${name}.txt`;
  const listed = readList(file);
  if (process.env['UPDATE_SNAPSHOT'] === '1') {
    const kept = [...listed].flatMap(([key, count]) => {
      const now = found.get(key);
      return now === undefined ? [] : [[key, Math.min(now, count)] as const];
    });
    writeList(file, kept);
  }
  const now = readList(file);
  it(`nothing that ${file} does not list`, () => {
    const news = [...found].filter(([key, count]) => count > (now.get(key) ?? 0));
    assert.deepEqual(news, [], 'Mend these: the list only shrinks.');
  });
  it(`nothing in ${file} that is mended`, () => {
    const over = [...now].filter(([key, count]) => count > (found.get(key) ?? 0));
    assert.deepEqual(over, [], 'Take these out, by UPDATE_SNAPSHOT=1 node --test test/tidy.test.ts');
  });
  it(`${file} is sorted`, () => {
    const keys = [...now.keys()];
    assert.deepEqual(keys, keys.toSorted());
  });
}

function readList(file: string): ReadonlyMap<string, number> {
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  return new Map(
    lines
      .filter((line) => line !== '')
      .map((line) => {
        const [, key = line, count = '1'] = /^(.*) (\d+)$/.exec(line) ?? [];
        return [key, Number(count)];
      }),
  );
}

function writeList(file: string, entries: readonly (readonly [string, number])[]): void {
  writeFileSync(file, entries.map(([key, count]) => `${key} ${count}\n`).join(''));
}

function toCounts(keys: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

/** What a file is, whichever product, protocol or store it is that of. */
function toPart(path: string): string {
  return path
    .replace(/^(src\/(?:channels|protocols|simulators))\/[^/]+\//, '$1/')
    .replaceAll(/(?:sqlite|postgres)[-/]?(?:damage\/)?/g, '');
}

function isTest(path: string): boolean {
  return path.startsWith('test/');
}

function toPaths(of: readonly Source[]): readonly string[] {
  return of.map(({ path }) => path);
}

/** All files that some files use, and those that these use. */
function reach(from: readonly string[], by: readonly Use[]): ReadonlySet<string> {
  const next = Map.groupBy(by, (use) => use.from);
  const reached = new Set(from);
  for (const path of reached) for (const { to } of next.get(path) ?? []) reached.add(to);
  return reached;
}

/** The sources that a text names, in commands or addresses. */
function findNamed(text: string, folder = '.'): readonly string[] {
  return [...text.matchAll(/[\w@./-]+\.(?:tsx?|c?js)\b/g)]
    .map(([name]) => join(folder, name))
    .filter((path) => paths.has(path));
}

/** Sources that a page tells a reader to run. */
function namedInPages(): ReadonlySet<string> {
  const pages = ['README.md', ...readFolders('docs').flatMap((folder) => toPages(folder))];
  const commands = pages.flatMap((page) =>
    [...readFileSync(page, 'utf8').matchAll(/\bnode (?:--\S+ )*([\w./-]+)/g)].map(([, path = '']) => path),
  );
  return new Set(commands);
}

function toPages(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name));
}

function readFolders(root: string): readonly string[] {
  const inside = readdirSync(root, { recursive: true, withFileTypes: true });
  return [root, ...inside.filter((one) => one.isDirectory()).map((one) => join(one.parentPath, one.name))];
}

/** What a comment names that is not in the repository: a chapter of a paper, or a page. */
function findPapers(comment: string, pages: ReadonlySet<string>): readonly string[] {
  const chapters = comment.match(chapter);
  const named = comment.match(/(?<![\w/.-])[\w/.-]*\w\.md\b/g) ?? [];
  const gone = named.filter((page) => !pages.has(page.split('/').at(-1) ?? ''));
  return [...(chapters ?? []), ...gone];
}

/** Sources that a comment names, by their name or the end of their path, and that are not in the repository. */
function findGone(comment: string, files: ReadonlySet<string>): readonly string[] {
  const named = comment.match(/(?<![\w/.*-])[\w/.-]*\w\.tsx?\b/g) ?? [];
  return named.filter((name) => ![...files].some((file) => `/${file}`.endsWith(`/${name}`)));
}

/** Where ids are reckoned with: a time multiplied into one, a time divided out of one, one more or one less. */
function findIdArithmetic({ tree }: Source): readonly string[] {
  const found: string[] = [];
  walk(tree, (node) => {
    if (ts.isBinaryExpression(node) && arithmetic.has(node.operatorToken.kind)) {
      const operands = [node.left, node.right];
      const isSum = /^[+-]$/.test(node.operatorToken.getText());
      const isIds = isSum
        ? operands.some(isId) && operands.some((one) => ts.isNumericLiteral(one))
        : operands.some((one) => isFactor(one, node.operatorToken.kind));
      if (isIds) found.push(node.getText().replaceAll(/\s+/g, ' '));
    }
    if (ts.isStringLiteralLike(node) || ts.isTemplateExpression(node))
      found.push(
        ...(node.getText().match(/\b\w+ (?:[*/] 4096|(?:<<|>>) 12)\b|\b(?:\w+_)?id [+-] \d+/g) ?? []),
      );
  });
  return found;
}

/** The names of what the interfaces of a source can be asked. */
function findMethods({ tree }: Source): readonly string[] {
  const found: string[] = [];
  walk(tree, (node) => {
    if (ts.isMethodSignature(node)) found.push(node.name.getText());
  });
  return found;
}

/** The titles of a source's tests, as they are written. */
function findTitles({ tree }: Source): readonly string[] {
  const found: string[] = [];
  walk(tree, (node) => {
    if (!ts.isCallExpression(node) || !/^(?:test|it)$/.test(node.expression.getText())) return;
    found.push(node.arguments[0]?.getText().slice(1, -1) ?? '');
  });
  return found;
}

function namesVerbs(title: string, verbs: ReadonlySet<string>): boolean {
  const [, named = ''] = /^([\w, ]+): /.exec(title) ?? [];
  return named.split(', ').every((verb) => verbs.has(verb));
}

/** Lists of words that are written out as an event's identity. */
function findIdentities({ tree }: Source): readonly string[] {
  const found: string[] = [];
  walk(tree, (node) => {
    const isNamed = ts.isPropertyAssignment(node) || ts.isVariableDeclaration(node);
    if (!isNamed || node.name.getText() !== 'identity' || node.initializer === undefined) return;
    for (const value of toBranches(node.initializer))
      if (ts.isArrayLiteralExpression(value)) found.push(value.getText().replaceAll(/\s+/g, ' '));
  });
  return found;
}

/** Where the type of a store, or of one of its two ports, is used whole. */
function findWholeStores({ tree }: Source): readonly string[] {
  const found: string[] = [];
  walk(tree, (node) => {
    if (!ts.isTypeReferenceNode(node) || !/^(?:Store|Engine|Views)$/.test(node.typeName.getText())) return;
    const { parent } = node;
    const isPicked = ts.isTypeReferenceNode(parent) && parent.typeName.getText() === 'Pick';
    const isAskedForVerbs = ts.isTypeOperatorNode(parent) || ts.isIndexedAccessTypeNode(parent);
    if (!isPicked && !isAskedForVerbs) found.push(parent.getText());
  });
  return found;
}

/** The first line of each statement of three lines and more that no constant or function stands for, or one without a sentence. */
function findNameless({ tree }: Source): readonly string[] {
  const found: string[] = [];
  walk(tree, (node) => {
    if (!ts.isTemplateExpression(node) && !ts.isStringLiteralLike(node)) return;
    const lines = node.getText().slice(1, -1).split('\n');
    if (
      lines.length < 3 ||
      !/^\s*(?:SELECT|INSERT|UPDATE|DELETE|WITH|LOCK|CREATE|ALTER)\b/.test(lines[0] ?? '')
    )
      return;
    if (!isNamed(node)) found.push(lines[0]?.trim() ?? '');
  });
  return found;
}

/** Whether an expression is what a constant of its module holds, or a function of it gives, which a comment tells of. */
function isNamed(node: ts.Expression): boolean {
  let top: ts.Node = node;
  let isInFunction = false;
  while (!ts.isSourceFile(top.parent)) {
    isInFunction ||= ts.isBlock(top);
    top = top.parent;
  }
  const isGiven = ts.isVariableStatement(top)
    ? !isInFunction
    : ts.isFunctionDeclaration(top) && ts.isReturnStatement(node.parent);
  return isGiven && ts.getJSDocCommentsAndTags(top).length > 0;
}

/**
 * The lines of selects that lock and skip where PostgreSQL may run them again, as it may a subquery for each row that it is joined to: each time
 * they give other rows, so that no limit holds. A materialized WITH and an array are run once.
 */
function findRepeatableClaims(text: string): readonly number[] {
  return [...text.matchAll(/SKIP LOCKED/g)]
    .filter(
      ({ index }) =>
        !/(?:\bAS MATERIALIZED|\bANY\s*\(\s*ARRAY)\s*$/.test(text.slice(0, findBracket(text, index))),
    )
    .map(({ index }) => text.slice(0, index).split('\n').length);
}

/** Where the bracket opens in which a place of a text stands; 0 where there is none. */
function findBracket(text: string, place: number): number {
  let depth = 0;
  for (let at = place; at > 0; at -= 1) {
    if (text[at] === ')') depth += 1;
    if (text[at] !== '(') continue;
    if (depth === 0) return at;
    depth -= 1;
  }
  return 0;
}

/** Where a timer is set, by the name of what sets it. */
function findTimers({ tree }: Source): readonly string[] {
  const found: string[] = [];
  walk(tree, (node) => {
    const name = ts.isCallExpression(node)
      ? node.expression.getText()
      : ts.isImportSpecifier(node)
        ? (node.propertyName ?? node.name).getText()
        : '';
    const [, timer] = /^(?:globalThis\.)?(setTimeout|setInterval)$/.exec(name) ?? [];
    if (timer !== undefined) found.push(timer);
  });
  return found;
}

/** Where a test lets time go by: a timer that is a promise, or that a promise waits for. */
function findWaits({ tree, text: source }: Source): readonly string[] {
  // Where the clock is a fake one, nothing goes by.
  if (/\btimers\.enable\(\{ apis: \['setTimeout'/.test(source)) return [];
  const found: string[] = [];
  const collect = (executor: ts.Node): void =>
    walk(executor, (node) => {
      if (ts.isCallExpression(node) && node.expression.getText() === 'setTimeout') found.push(node.getText());
    });
  walk(tree, (node) => {
    if (ts.isNewExpression(node) && node.expression.getText() === 'Promise') node.arguments?.forEach(collect);
    if (!ts.isImportDeclaration(node) || !/timers\/promises/.test(node.moduleSpecifier.getText())) return;
    const bindings = node.importClause?.namedBindings;
    if (bindings === undefined) return;
    const names = ts.isNamedImports(bindings)
      ? bindings.elements.map((one) => one.getText())
      : [bindings.getText()];
    found.push(...names.filter((name) => !name.startsWith('setImmediate')));
  });
  return found.map((text) => text.replaceAll(/\s+/g, ' '));
}

function toBranches(node: ts.Expression): readonly ts.Expression[] {
  if (ts.isParenthesizedExpression(node)) return toBranches(node.expression);
  return ts.isConditionalExpression(node)
    ? [...toBranches(node.whenTrue), ...toBranches(node.whenFalse)]
    : [node];
}

function isId(node: ts.Expression): boolean {
  return /(?:^|\.|[a-z])(?:id|Id)$/.test(node.getText()) && /(?:^|\.)id$|Id$/.test(node.getText());
}

function isFactor(node: ts.Expression, operator: ts.SyntaxKind): boolean {
  const text = node.getText().replaceAll('_', '').replace(/n$/, '');
  const isShift =
    operator === ts.SyntaxKind.LessThanLessThanToken ||
    operator === ts.SyntaxKind.GreaterThanGreaterThanToken;
  return isShift ? text === '12' : text === '4096' || text === '0x1000' || text === '2 ** 12';
}
