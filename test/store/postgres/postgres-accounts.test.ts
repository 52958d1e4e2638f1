// A statement on a table that grows names the account, so that it touches one account's rows only, and one worker's where
// tables are distributed by account (docs/scaling.md).
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import ts from 'typescript';

const growing =
  /\b(?:FROM|INTO|UPDATE|JOIN|USING)\s+(raw_event|receipt|content|media|media_chunk|delivery|attempt|destination_hold|outbound|send_attempt|message|queue_tally|queue_trace|change|rate|queue_rate|upload|fallback|fallback_attempt)\b/i;
const root = join(import.meta.dirname, '../../..');

/** What looks at all accounts, none of it for a request. */
const wide: readonly (readonly [RegExp, string])[] = [
  [/FROM outbound o WHERE \$\{(where|served)/, 'put together, with the account as its first condition'],
  [
    /FROM media WHERE (state|created_at)/,
    'the fetcher and the sweep of media, through indexes of what is pending or old',
  ],
  [
    /UPDATE media SET due_at = \$1 WHERE state = 'pending' AND due_at >/,
    'the fetcher, after a clock was wrong',
  ],
  [/FROM outbound o WHERE o\.state <= 1 AND .* o\.expires_at <= \$1/, 'the expiry of messages, by its index'],
  [/sum\(bytes\).* FROM media/, 'a gauge of the storage used'],
  [/FROM upload WHERE created_at/, 'the sweep of uploads, by their age'],
  [/sum\(bytes\).* FROM upload/, 'a gauge of the storage used'],
  [/FROM destination_hold\s+WHERE until >/, 'a look at which node has what, one row a busy destination'],
];

function findStray(statements: readonly string[]): string[] {
  return statements.filter(
    (sql) => growing.test(sql) && !/account_id/.test(sql) && !wide.some(([pattern]) => pattern.test(sql)),
  );
}

/** The statements of all functions of the schema. */
function readFunctions(): string[] {
  const folder = join(root, 'sql/postgres');
  return readdirSync(folder).flatMap((file) => {
    const sql = readFileSync(join(folder, file), 'utf8').replaceAll(/--.*$/gm, '');
    return [...sql.matchAll(/AS \$\$([\s\S]*?)\$\$/g)].flatMap(([, body = '']) => body.split(';'));
  });
}

/** The texts of the adapter that hold SQL, what is filled in left out. */
function readAdapter(): string[] {
  const folder = join(root, 'src/store');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return files
    .filter((file) => /postgres.*\.ts$/.test(file))
    .flatMap((file) => {
      const source = ts.createSourceFile(
        file,
        readFileSync(join(folder, file), 'utf8'),
        ts.ScriptTarget.Latest,
      );
      const texts: string[] = [];
      const visit = (node: ts.Node): void => {
        if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) texts.push(node.text);
        else if (ts.isTemplateExpression(node)) texts.push(node.getText(source));
        ts.forEachChild(node, visit);
      };
      visit(source);
      return texts.filter((text) => /\b(SELECT|INSERT|UPDATE|DELETE)\b/.test(text));
    });
}

test('every statement of a function on a table that grows names the account', () => {
  const statements = readFunctions();
  assert.ok(statements.filter((sql) => growing.test(sql)).length > 30);
  assert.deepEqual(findStray(statements), []);
});

test('every statement of the adapter on a table that grows names the account, or is known to look at all', () => {
  const statements = readAdapter();
  assert.ok(statements.filter((sql) => growing.test(sql)).length > 40);
  assert.deepEqual(findStray(statements), []);
});

test('a statement that does not is found', () => {
  assert.equal(findStray(['DELETE FROM message WHERE id = $1']).length, 1);
});
