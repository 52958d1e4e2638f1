import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import { en } from '../../console/src/i18n/en.ts';
import { zh } from '../../console/src/i18n/zh.ts';

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
