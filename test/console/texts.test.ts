import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import { en } from '../../console/src/i18n/en.ts';
import { meaningsZh } from '../../console/src/i18n/meanings-zh.ts';
import { zh } from '../../console/src/i18n/zh.ts';
import { settingTable } from '../../src/config/table.ts';

const folder = fileURLToPath(new URL('../../console/src', import.meta.url));
const english = Object.entries<string>(en);
const chinese: Readonly<Record<string, string>> = zh;

const placeholders = (text: string): string[] => [...text.matchAll(/\{\w+\}/g)].map(([name]) => name).sort();

test('both languages of the console have the same texts with the same values to fill in', () => {
  assert.ok(english.length > 500);
  assert.deepEqual(Object.keys(en).sort(), Object.keys(zh).sort());
  for (const [key, text] of english) {
    assert.notEqual(text.trim(), '', key);
    assert.notEqual(chinese[key]?.trim() ?? '', '', key);
    assert.deepEqual(placeholders(chinese[key] ?? ''), placeholders(text), key);
  }
});

/** What stands the same in every language: names of other settings, of headers and codes, and numbers. */
const namesAndNumbers = (text: string): string[] =>
  [
    ...new Set(
      text.match(
        /[A-Z][A-Za-z0-9]*(?:[._-][A-Z0-9*][A-Za-z0-9*]*)+|[a-z]+_[a-z_]*|(?<![A-Za-z])\d+(?:\.\d+)*/g,
      ),
    ),
  ].sort();

test('every setting has a meaning in Chinese, with the names and numbers of the English one', () => {
  assert.deepEqual(Object.keys(meaningsZh).sort(), Object.keys(settingTable).sort());
  let compared = 0;
  for (const [key, { meaning }] of Object.entries(settingTable)) {
    const inChinese = meaningsZh[key] ?? '';
    assert.match(inChinese, /\p{Script=Han}.*。$/u, key);
    assert.deepEqual(namesAndNumbers(inChinese), namesAndNumbers(meaning), key);
    compared += namesAndNumbers(meaning).length;
  }
  assert.ok(compared > 20, `${compared} names and numbers`);
});

test('no text of the console stands in its tables for nothing', () => {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (file) => /\.tsx?$/.test(file) && !file.startsWith('i18n') && !file.endsWith('.d.ts'),
  );
  const code = files.map((file) => readFileSync(join(folder, file), 'utf8')).join('\n');
  // `role.${role}` uses every text that begins so.
  const families = [...code.matchAll(/`([a-z_.]+)\.\$\{/g)].map(([, family = '']) => `${family}.`);
  const unused = Object.keys(en).filter(
    (key) =>
      !code.includes(`'${key}'`) &&
      !code.includes(`"${key}"`) &&
      !families.some((family) => key.startsWith(family)),
  );
  assert.deepEqual(unused, []);
});
