// Notices in words, in the language of whoever is told.
import { findingsZh } from '../../domain/findings-zh.ts';
import { toCheckName, toParamWord } from '../../domain/findings.ts';
import type { Params } from '../../domain/findings.ts';
import type { Notice, NoticeFinding, Severity } from '../../domain/notice.ts';
import type { TargetLanguage } from '../../domain/notice-target.ts';

interface Words {
  readonly severities: Readonly<Record<Severity, string>>;
  readonly over: string;
  readonly account: (id: number) => string;
  readonly times: (count: number) => string;
  readonly notices: (count: number) => string;
  readonly more: (count: number) => string;
  readonly look: string;
  readonly test: string;
}

/** What stands around the texts of notices. */
export const phrases: Readonly<Record<TargetLanguage, Words>> = {
  en: {
    severities: { info: 'Info', warning: 'Warning', error: 'Error', critical: 'Critical' },
    over: 'Over',
    account: (id) => `account ${id}`,
    times: (count) => `${count} times`,
    notices: (count) => `${count} notices`,
    more: (count) => `… and ${count} more; all are in the list of notices.`,
    look: 'Console',
    test: 'This is a test: notices of Chasqui arrive here.',
  },
  zh: {
    severities: { info: '提示', warning: '警告', error: '错误', critical: '严重' },
    over: '已结束',
    account: (id) => `账号 ${id}`,
    times: (count) => `${count} 次`,
    notices: (count) => `${count} 条通知`,
    more: (count) => `……另有 ${count} 条，完整内容见通知列表。`,
    look: '控制台',
    test: '这是一条测试消息：Chasqui 的通知会发送到这里。',
  },
};

/** The text of a notice: in English as it was told, in another language by its code where there is a text and all it speaks of. */
export function putIntoWords(notice: Notice, language: TargetLanguage): string {
  return withoutNumbers((language === 'zh' ? toChinese(notice) : undefined) ?? notice.text);
}

/** Telephone numbers, of which the last digits are left: a notice may name a number of the business, and goes to who knows where. */
function withoutNumbers(text: string): string {
  return text.replace(/(?<![\w.-])\+?\d{7,15}(?![\w-])/g, (number) => `…${number.slice(-4)}`);
}

function toChinese({ code, params, findings }: Notice): string | undefined {
  const told = findings.map(toSentence);
  if (told.includes(undefined)) return undefined;
  const values = told.length === 0 ? params : { ...params, findings: told.join('') };
  return fillAll(findingsZh.notices[code], values);
}

function toSentence({ name, code, params }: NoticeFinding): string | undefined {
  const text = fillAll(findingsZh.checks[code], params);
  return text === undefined ? undefined : `${toCheckName(name, findingsZh.checkNames)}：${text}`;
}

/** Undefined where a value is missing, as in a notice of an older service. */
function fillAll(text: string, params: Params): string | undefined {
  const names = [...text.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  if (!names.every((name) => params[name] !== undefined)) return undefined;
  return text.replace(/\{(\w+)\}/g, (whole, name: string) =>
    toParamWord(name, params[name] ?? whole, findingsZh.outcomes),
  );
}
