import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import { en } from '../../web/src/i18n/en.ts';
import { findingsZh } from '../../src/domain/findings-zh.ts';
import { tellBy } from '../../web/src/i18n/findings.ts';
import { meaningsZh } from '../../web/src/i18n/meanings-zh.ts';
import { zh } from '../../web/src/i18n/zh.ts';
import { readWorkersPage } from '../docs/workers-page.ts';
import { settingTable } from '../../src/config/table.ts';
import {
  checkNames,
  checkTexts,
  gradeTexts,
  noticeTexts,
  preflightNames,
  preflightTexts,
} from '../../src/domain/findings.ts';

const folder = fileURLToPath(new URL('../../web/src', import.meta.url));
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

test('every worker has a name in the console', () => {
  const table = readFileSync(join(folder, 'pages/overview-workers.tsx'), 'utf8');
  for (const name of readWorkersPage().all) {
    const key = `worker.${name.replaceAll('.', '_')}`;
    assert.ok(key in en, key);
    assert.ok(table.replaceAll(`'${name}'`, name).includes(`${name}: '${key}',`), name);
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

test('everything that the service can find is told in Chinese too, with the values of the English text', () => {
  const pairs = [
    [findingsZh.checks, checkTexts],
    [findingsZh.preflight, preflightTexts],
    [findingsZh.notices, noticeTexts],
    [findingsZh.grades, gradeTexts],
  ] as const;
  for (const [inChinese, inEnglish] of pairs) {
    assert.deepEqual(Object.keys(inChinese).sort(), Object.keys(inEnglish).sort());
    const texts: Readonly<Record<string, string>> = inChinese;
    for (const [code, text] of Object.entries<string>(inEnglish)) {
      assert.match(texts[code] ?? '', /\p{Script=Han}/u, code);
      assert.deepEqual(placeholders(texts[code] ?? ''), placeholders(text), code);
    }
  }
  assert.deepEqual(Object.keys(findingsZh.checkNames).sort(), [...checkNames].sort());
  assert.deepEqual(Object.keys(findingsZh.preflightNames).sort(), [...preflightNames].sort());
});

test('what the service found is told by its code, and in English where the console does not know the code', () => {
  const tell = tellBy(findingsZh);
  const params = { said: 'Session has expired.' };
  const finding = { name: 'number 1555', code: 'token_expired', params } as const;
  const expired = '访问令牌已过期或被撤销，请生成新令牌。服务商信息：Session has expired.';
  const check = { ...finding, ok: false, text: 'In English.', senderId: '12' };
  assert.deepEqual(tell.check(check), { name: '电话号码 1555', text: `12：${expired}` });
  assert.equal(tell.check({ ...check, params: {} }).text, 'In English.');
  assert.equal(tellBy(null).check(check).text, 'In English.');
  const notice = {
    code: 'notice',
    severity: 'warning',
    subject: 'channel/shop',
    params: { channelId: 'shop', noticeCode: 'channel_unwell' },
    findings: [finding, { ...finding, name: 'appSecretPrevious', senderId: '12' }],
    since: null,
    text: 'In English.',
  } as const;
  const both = `电话号码 1555：${expired}appSecret（旧密钥）：12：${expired}`;
  assert.equal(tell.notice({ ...notice, findings: [...notice.findings] }), `通道检查未通过。${both}`);
  assert.equal(tell.notice({ ...notice, findings: [] }), 'In English.');
  const ofTomorrow = { channelId: 'shop', noticeCode: 'of_tomorrow' };
  assert.equal(tell.notice({ ...notice, findings: [], params: ofTomorrow }), 'In English.');
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
