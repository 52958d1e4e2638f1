// What the service found, in the reader's words: by its code where there is a text for that, else as the service told it.
import type { Attention, ChannelCheck, NoticeFinding, Preflight } from '../api/model.ts';
import { fill } from './texts.ts';

type Texts = Readonly<Record<string, string>>;

/** The texts of a language by the service's codes; null for English, which the service tells itself. */
export type FindingTexts = Readonly<
  Record<'checkNames' | 'checks' | 'preflightNames' | 'preflight' | 'grades' | 'notices', Texts>
>;

interface Told {
  readonly name: string;
  readonly text: string;
}

/** How what was found is told in the reader's language. */
export interface TellFinding {
  readonly check: (check: ChannelCheck['checks'][number]) => Told;
  readonly grade: (preflight: Preflight) => string;
  readonly preflight: (check: Preflight['checks'][number]) => Told;
  readonly notice: (notice: Attention) => string;
}

/** Tells by the texts of a language; by none, and where a text or one of its values is missing, as the service does. */
export function tellBy(texts: FindingTexts | null): TellFinding {
  return {
    check: (check) => {
      if (texts === null) return check;
      const text = fillAll(texts.checks[check.code], check.params);
      return {
        name: toName(texts.checkNames, check.name),
        text: text === null ? check.text : toSender(check.senderId) + text,
      };
    },
    grade: ({ grade, text }) => texts?.grades[grade] ?? text,
    preflight: ({ name, code, params, text }) => ({
      name: texts?.preflightNames[name] ?? name,
      text: fillAll(texts?.preflight[code], params) ?? text,
    }),
    notice: ({ params, findings = [], text }) => {
      if (texts === null) return text;
      const told = findings.map((finding) => toSentence(texts, finding));
      if (told.includes(null)) return text;
      const values = told.length === 0 ? params : { ...params, findings: told.join('') };
      return fillAll(texts.notices[String(params['noticeCode'])], values) ?? text;
    },
  };
}

function toSentence(texts: FindingTexts, { name, code, params, senderId }: NoticeFinding): string | null {
  const text = fillAll(texts.checks[code], params);
  return text === null ? null : `${toName(texts.checkNames, name)}：${toSender(senderId)}${text}`;
}

function toSender(senderId: string | undefined): string {
  return senderId === undefined ? '' : `${senderId}：`;
}

/** The name of a check; a number's id stands behind it, and a setting's name before that of its old secret. */
function toName(names: Texts, name: string): string {
  if (name.startsWith('number ')) return `${names['number'] ?? ''} ${name.slice('number '.length)}`;
  if (name.endsWith('Previous')) return name.slice(0, -'Previous'.length) + (names['Previous'] ?? '');
  return names[name] ?? name;
}

/** Null where there is no text, or a value is missing as in a notice of an older service. */
function fillAll(text: string | undefined, params: Readonly<Record<string, string | number>>): string | null {
  if (text === undefined) return null;
  const names = [...text.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  return names.every((name) => params[name] !== undefined) ? fill(text, params) : null;
}
