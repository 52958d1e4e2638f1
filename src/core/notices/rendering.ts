// What a target is told at once: a message of groups, each with a heading and its first notices.
import { clip } from '../../domain/cut.ts';
import { noticeSeverities, severities, toNoticeKind } from '../../domain/notice.ts';
import type { Notice, Severity } from '../../domain/notice.ts';
import type { NoticeMessage, ToldGroup } from '../../domain/notice-message.ts';
import type { NoticeGroup, NoticeTarget, TargetLanguage, Telling } from '../../domain/notice-target.ts';
import { toTime } from '../../domain/time.ts';
import { putIntoWords, phrases } from './texts.ts';

/** Characters of a title, of a line and of a subject that is shown. */
const maxTitle = 150;
const maxLine = 600;
const maxSubject = 80;

interface Rendered extends Pick<Telling, 'message' | 'attempt' | 'groups'> {
  readonly at: number;
  readonly link: string | null;
}

/** Puts a message into words, in the language of its target. */
export function render(
  { language }: Pick<NoticeTarget, 'language'>,
  { message, attempt, groups, at, link }: Rendered,
): NoticeMessage {
  const told = groups.map((group) => toTold(group, language));
  const severity = told.map((group) => group.severity).reduce(toWorse, 'info');
  const title = toOneLine(toTitle(told, severity, language), maxTitle);
  return { id: message, attempt, at, title, severity, groups: told, link };
}

/** A message that says that it is a test. */
export function renderTest(
  { language }: Pick<NoticeTarget, 'language'>,
  { id, at, link }: { readonly id: string; readonly at: number; readonly link: string | null },
): NoticeMessage {
  const { test } = phrases[language];
  return { id, attempt: 1, at, title: `[Chasqui] ${test}`, severity: 'info', groups: [], link };
}

function toTold(group: NoticeGroup, language: TargetLanguage): ToldGroup {
  const { about, code, raised, ended, standing, samples } = group;
  const { account, times, over, more } = phrases[language];
  const count = raised + ended;
  const state = ended > 0 && standing === 0 ? 'over' : raised > 0 ? 'raised' : 'eased';
  const heading = [
    code,
    ...(count > 1 ? [times(count)] : []),
    ...(about === null ? [] : [account(about)]),
    ...(state === 'over' ? [over] : []),
  ].join(' · ');
  const lines = samples.map((notice) => toLine(notice, language));
  if (count > samples.length) lines.push(more(count - samples.length));
  return { about, code, severity: noticeSeverities[code], state, count, heading, lines, samples };
}

/** When, what, and what it is about. */
function toLine(notice: Notice, language: TargetLanguage): string {
  const { isEnd } = toNoticeKind(notice);
  const { over } = phrases[language];
  const text = toOneLine(putIntoWords(notice, language), maxLine);
  const subject = putIntoWords({ ...notice, text: toOneLine(notice.subject, maxSubject) }, 'en');
  return `${toTime(notice.at)} ${isEnd ? `${over}: ` : ''}${text} [${subject}]`;
}

function toTitle(told: readonly ToldGroup[], severity: Severity, language: TargetLanguage): string {
  const { severities: names, over, notices } = phrases[language];
  const isOver = told.every(({ state }) => state !== 'raised');
  const mark = `[Chasqui] ${isOver ? over : names[severity]}`;
  const count = told.reduce((sum, group) => sum + group.count, 0);
  const [first] = told.flatMap(({ samples }) => samples);
  if (count === 1 && first !== undefined) return `${mark}: ${putIntoWords(first, language)}`;
  return `${mark}: ${notices(count)} (${told.map(({ code }) => code).join(', ')})`;
}

function toWorse(one: Severity, other: Severity): Severity {
  return severities.indexOf(one) < severities.indexOf(other) ? other : one;
}

/** A text without control characters, line breaks of every kind among them, and no longer than `max` characters. */
function toOneLine(text: string, max: number): string {
  const line = text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();
  return line.length <= max ? line : `${clip(line, max - 1)}…`;
}
