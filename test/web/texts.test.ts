import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import { glossary } from '../../web/src/pages/glossary-texts.ts';
import { channelTexts } from '../../web/src/i18n/channel-texts.ts';
import { en as first } from '../../web/src/i18n/en.ts';
import { attemptOutcomes } from '../../src/domain/delivery.ts';
import { findingsZh } from '../../src/domain/findings-zh.ts';
import { tellBy } from '../../web/src/i18n/findings.ts';
import { changeTexts } from '../../web/src/pages/settings/change-texts.ts';
import { toKindText } from '../../web/src/i18n/kinds-zh.ts';
import { meaningsZh } from '../../web/src/i18n/meanings-zh.ts';
import { pageTexts } from '../../web/src/i18n/page-texts.ts';
import { zh as firstZh } from '../../web/src/i18n/zh.ts';
import { readWorkersPage } from '../docs/workers-page.ts';
import { inboundKinds } from '../../src/domain/receipt.ts';
import { refusalCodes } from '../../src/domain/refusal.ts';
import { faultTexts } from '../../src/domain/faults.ts';
import { settingTable } from '../../src/config/table.ts';
import {
  checkNames,
  checkTexts,
  gradeTexts,
  noticeTexts,
  preflightNames,
  preflightTexts,
  standstillTexts,
  stateTexts,
} from '../../src/domain/findings.ts';

const folder = fileURLToPath(new URL('../../web/src', import.meta.url));
/** Those that come with the first page, and those that come with the pages that show them. */
const en = { ...first, ...channelTexts.en, ...pageTexts.en };
const zh = { ...firstZh, ...channelTexts.zh, ...pageTexts.zh };
const english = Object.entries<string>(en);
const chinese: Readonly<Record<string, string>> = zh;

const placeholders = (text: string): string[] => [...text.matchAll(/\{\w+\}/g)].map(([name]) => name).sort();

test('both languages of the console have the same texts with the same values to fill in', () => {
  assert.ok(english.length > 500);
  const tables = [first, channelTexts.en, pageTexts.en];
  assert.equal(
    english.length,
    tables.reduce((sum, table) => sum + Object.keys(table).length, 0),
  );
  assert.deepEqual(Object.keys(en).sort(), Object.keys(zh).sort());
  for (const [key, text] of english) {
    assert.notEqual(text.trim(), '', key);
    assert.notEqual(chinese[key]?.trim() ?? '', '', key);
    assert.deepEqual(placeholders(chinese[key] ?? ''), placeholders(text), key);
  }
});

test('every kind of message has a name in Chinese', () => {
  for (const kind of [...inboundKinds, 'template'])
    assert.match(toKindText(kind, 'zh'), /^\p{Script=Han}+$/u, kind);
  assert.equal(toKindText('image', 'en'), 'image');
  assert.equal(toKindText('constructor', 'zh'), 'constructor');
});

test('the glossary explains the same words in both languages, each once', () => {
  const idsOf = (language: 'en' | 'zh'): string[] =>
    glossary[language].flatMap(({ terms }) => terms.map(({ id }) => id));
  assert.deepEqual(idsOf('zh'), idsOf('en'));
  assert.equal(new Set(idsOf('en')).size, idsOf('en').length);
  for (const id of ['mt', 'mo', 'lane', 'pushed', 'given-up']) assert.ok(idsOf('en').includes(id), id);
  for (const { terms } of [...glossary.en, ...glossary.zh])
    for (const { id, word, meaning } of terms) assert.ok(word.trim() !== '' && meaning.trim() !== '', id);
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
    [findingsZh.states, stateTexts],
    [findingsZh.faults, faultTexts],
    [findingsZh.preflightNames, preflightNames],
  ] as const;
  for (const [inChinese, inEnglish] of pairs) {
    assert.deepEqual(Object.keys(inChinese).sort(), Object.keys(inEnglish).sort());
    const texts: Readonly<Record<string, string>> = inChinese;
    for (const [code, text] of Object.entries<string>(inEnglish)) {
      assert.match(texts[code] ?? '', /\p{Script=Han}/u, code);
      assert.deepEqual(placeholders(texts[code] ?? ''), placeholders(text), code);
    }
  }
  assert.deepEqual(Object.keys(findingsZh.refusals).sort(), Object.keys(refusalCodes).sort());
  for (const [code, text] of Object.entries(findingsZh.refusals)) {
    assert.match(text, /\p{Script=Han}/u, code);
    for (const name of placeholders(text)) assert.ok(['{text}', '{parameter}'].includes(name), code);
  }
  assert.deepEqual(Object.keys(findingsZh.checkNames).sort(), Object.keys(checkNames).sort());
  assert.deepEqual(Object.keys(findingsZh.outcomes).sort(), [...attemptOutcomes].sort());
});

test('every action of the log of changes is a sentence in both languages, about the same thing', () => {
  const { en: inEnglish, zh: inChinese } = changeTexts;
  assert.deepEqual(Object.keys(inEnglish).sort(), Object.keys(inChinese).sort());
  for (const [action, text] of Object.entries(inEnglish))
    assert.deepEqual(placeholders(inChinese[action] ?? ''), placeholders(text), action);
  const sources = fileURLToPath(new URL('../../src/store', import.meta.url));
  const families = [...new Set(Object.keys(inEnglish).map((action) => action.split('.')[0]))];
  const action = new RegExp(`'((?:${families.join('|')})\\.[a-z_]+)', (?:subject|\`|'|\\n)`, 'g');
  const recorded = readdirSync(sources, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) =>
      [...readFileSync(join(sources, file), 'utf8').matchAll(action)].map(([, name = '']) => name),
    );
  assert.ok(recorded.length > 50, `${recorded.length} places`);
  assert.deepEqual(
    [...new Set(recorded)].filter((name) => !(name in inEnglish)),
    [],
  );
});

/** What a person may be refused; the other codes say all by themselves, or quote a vendor. */
const refusedToPeople = ['conflict', 'forbidden', 'last_one', 'limit_reached', 'wrong_state'];
/** Met by commands, by portal links and at the company's sign-in, none of which tells it by the console's texts. */
const toldElsewhere = ['accounts/company-sign-in.ts', 'accounts/way-back.ts', 'protocols/api/portal.ts'];

test('what the core and the API refuse has a code by which it is told in Chinese', () => {
  const inEnglishAlone = new RegExp(
    `new GatewayError\\(\\s*'(?:${refusedToPeople.join('|')})',\\s*['"\`]([^'"\`]*)`,
    'g',
  );
  const found = ['core', 'protocols/api', 'operations'].flatMap((folder) => {
    const sources = fileURLToPath(new URL(`../../src/${folder}`, import.meta.url));
    return readdirSync(sources, { recursive: true, encoding: 'utf8' })
      .filter(
        (file) =>
          file.endsWith('.ts') && !toldElsewhere.includes(join(folder === 'core' ? '' : folder, file)),
      )
      .flatMap((file) =>
        [...readFileSync(join(sources, file), 'utf8').matchAll(inEnglishAlone)].map(([, text]) => text),
      );
  });
  assert.deepEqual(found.sort(), [
    '${resolve(dataDir)} is not your folder. Call the command as the user that the service runs as.',
    'A key of role ${role} is for machines; it cannot sign in.',
    'A portal link may not do this.',
    'The portal link does not open this sender.',
    'This is for holders of a portal link.',
    'This takes a key of role full.',
  ]);
});

test('what the service found is told by its code, and in English where the console does not know the code', () => {
  const tell = tellBy(findingsZh);
  const params = { said: 'Session has expired.' };
  const finding = { name: 'number 1555', code: 'token_expired', params } as const;
  const expired = '访问令牌已过期或被撤销，请生成新令牌。服务商信息：Session has expired.';
  const check = { ...finding, ok: false, text: 'In English.', senderId: '12' };
  assert.deepEqual(tell.check(check), { name: '电话号码 1555', text: `12：${expired}` });
  assert.equal(tell.check({ ...check, params: {} }).text, 'In English.');
  assert.deepEqual(tellBy(null).check(check), { name: 'Number 1555', text: 'In English.' });
  assert.equal(tellBy(null).check({ ...check, name: 'appSecretPrevious' }).name, 'App secret, the old one');
  const notice = {
    code: 'notice',
    cause: 'channel_unwell',
    about: null,
    severity: 'warning',
    subject: 'channel/shop',
    params: { channelId: 'shop', noticeCode: 'channel_unwell' },
    findings: [finding, { ...finding, name: 'appSecretPrevious', senderId: '12' }],
    since: null,
    text: 'In English.',
  } as const;
  const both = `电话号码 1555：${expired}应用密钥（旧密钥）：12：${expired}`;
  assert.equal(tell.notice({ ...notice, findings: [...notice.findings] }), `通道 shop 的检查未通过。${both}`);
  assert.equal(tell.notice({ ...notice, findings: [] }), 'In English.');
  const died = {
    destinationId: 1,
    host: 'shop.example',
    tries: 11,
    outcome: 'timeout',
    noticeCode: 'delivery_died',
  };
  assert.match(tell.notice({ ...notice, findings: [], params: died }), /（最近一次：响应超时）/);
  const tried = { name: 'tls', code: 'tls_there', result: 'ok', params: {}, text: 'In English.' } as const;
  assert.deepEqual(tellBy(null).preflight(tried), { name: 'Encryption', text: 'In English.' });
  const ofTomorrow = { channelId: 'shop', noticeCode: 'of_tomorrow' };
  assert.equal(tell.notice({ ...notice, findings: [], params: ofTomorrow }), 'In English.');
});

test('why a delivery is left as it is is told in the words of the service', () => {
  const told = english
    .filter(([key]) => key.startsWith('standstill.'))
    .map(([key, text]) => [key.slice('standstill.'.length), text]);
  assert.deepEqual(Object.fromEntries(told), standstillTexts);
});

test('why a callback URL is in its state is told by the code, and by the text where there is none', () => {
  const tell = tellBy(findingsZh);
  const stateReason = 'In English.';
  const params = { host: 'shop.example', failures: 10, outcome: '超时' };
  const told = { stateReason, stateReasonCode: 'opened', stateReasonParams: params } as const;
  assert.match(tell.state(told), /^shop\.example 的回调连续失败 10 次（最近一次：超时）/);
  assert.equal(tell.state({ ...told, stateReasonParams: {} }), stateReason);
  assert.equal(tell.state({ ...told, stateReasonCode: null }), stateReason);
  assert.equal(tellBy(null).state(told), stateReason);
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

test('what a rule of messages refuses is told by its code, and in English as the service does', () => {
  const refused = (code: string, params: Record<string, string>) => ({
    ...{ message: 'In English.', field: null, fault: null },
    refusal: { code, params },
  });
  const missing = refused('parameter_missing', { text: 'X', parameter: 'Label' });
  assert.equal(tellBy(findingsZh).detail(missing), '缺少参数 Label。');
  assert.equal(tellBy(null).detail(missing), 'In English.');
  for (const one of [refused('parameter_missing', {}), refused('a_rule_of_tomorrow', { text: 'X' })])
    assert.equal(tellBy(findingsZh).detail(one), 'In English.');
});
