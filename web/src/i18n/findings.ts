// What the service found, in the reader's words: by its code where there is a text for that, else as the service told it.
import type { Attention, ChannelCheck, Destination, NoticeFinding, Preflight } from '../api/model.ts';
import { preflightNames, toCheckName, toParamWord } from '../../../src/domain/findings.ts';
import { fill } from './texts.ts';
import type { Params } from './texts.ts';

type Texts = Readonly<Record<string, string>>;

/** The texts of a language by the service's codes; null for English, which the service tells itself. */
export type FindingTexts = Readonly<
  Record<
    | 'checkNames'
    | 'checks'
    | 'faults'
    | 'refusals'
    | 'outcomes'
    | 'preflightNames'
    | 'preflight'
    | 'grades'
    | 'notices'
    | 'states',
    Texts
  >
>;

/** What the service refused, as far as it is about a value that was given. */
interface Refused {
  readonly message: string;
  readonly field: string | null;
  readonly fault: { readonly code: string; readonly params: Params } | null;
  readonly refusal: { readonly code: string; readonly params: Params } | null;
}

interface Told {
  readonly name: string;
  readonly text: string;
}

/** How what was found is told in the reader's language. */
export interface TellFinding {
  readonly check: (check: ChannelCheck['checks'][number]) => Told;
  readonly grade: (preflight: Preflight) => string;
  readonly preflight: (check: Preflight['checks'][number]) => Told;
  readonly notice: (notice: Pick<Attention, 'params' | 'findings' | 'text'>) => string;
  /** What is wrong with a value, to stand at its field. */
  readonly fault: (problem: Refused) => string;
  /** The same, to stand anywhere. */
  readonly detail: (problem: Refused) => string;
  readonly state: (reason: StateReason) => string;
}

/** Why a callback URL is in its state. */
export type StateReason = Pick<Destination, 'stateReason' | 'stateReasonCode' | 'stateReasonParams'>;

/** Tells by the texts of a language; by none, and where a text or one of its values is missing, as the service does. */
export function tellBy(texts: FindingTexts | null): TellFinding {
  const tries: Texts = texts?.preflightNames ?? preflightNames;
  return {
    check: (check) => {
      if (texts === null) return { name: toCheckName(check.name), text: check.text };
      const text = fillAll(texts.checks[check.code], check.params);
      return {
        name: toCheckName(check.name, texts.checkNames),
        text: text === null ? check.text : toSender(check.senderId) + text,
      };
    },
    grade: ({ grade, text }) => texts?.grades[grade] ?? text,
    preflight: ({ name, code, params, text }) => ({
      name: tries[name] ?? name,
      text: fillAll(texts?.preflight[code], params) ?? text,
    }),
    notice: ({ params, findings = [], text }) => {
      if (texts === null) return text;
      const told = findings.map((finding) => toSentence(texts, finding));
      if (told.includes(null)) return text;
      const values = told.length === 0 ? params : { ...params, findings: told.join('') };
      const words = Object.fromEntries(
        Object.entries(values).map(([name, value]) => [name, toParamWord(name, value, texts.outcomes)]),
      );
      return fillAll(texts.notices[String(params['noticeCode'])], words) ?? text;
    },
    fault: (problem) => toFaultText(texts, problem) ?? toPlainSentence(problem.message, problem.field),
    detail: (problem) => {
      const told = toFaultText(texts, problem);
      if (told !== null) return problem.field === null ? told : `${problem.field}：${told}`;
      const { refusal } = problem;
      const rule =
        texts === null || refusal === null ? null : fillAll(texts.refusals[refusal.code], refusal.params);
      return rule ?? problem.message;
    },
    state: ({ stateReason, stateReasonCode, stateReasonParams }) =>
      fillAll(texts?.states[stateReasonCode ?? ''], stateReasonParams) ?? stateReason,
  };
}

function toSentence(texts: FindingTexts, { name, code, params, senderId }: NoticeFinding): string | null {
  const text = fillAll(texts.checks[code], params);
  return text === null ? null : `${toCheckName(name, texts.checkNames)}：${toSender(senderId)}${text}`;
}

function toSender(senderId: string | undefined): string {
  return senderId === undefined ? '' : `${senderId}：`;
}

/** Null in English, which the service tells itself, and where there is no text. */
function toFaultText(texts: FindingTexts | null, { fault }: Refused): string | null {
  return texts === null || fault === null ? null : fillAll(texts.faults[fault.code], fault.params);
}

/** What the service says of a field, without the field's name in front. */
function toPlainSentence(message: string, field: string | null): string {
  const text = field !== null && message.startsWith(`${field}: `) ? message.slice(field.length + 2) : message;
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** Null where there is no text, or a value is missing as in a notice of an older service. */
function fillAll(text: string | undefined, params: Readonly<Record<string, string | number>>): string | null {
  if (text === undefined) return null;
  const names = [...text.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  return names.every((name) => params[name] !== undefined) ? fill(text, params) : null;
}
