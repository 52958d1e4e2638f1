// What Meta's words for the state of a template mean, wherever they come: in a webhook, in a list, or as the answer to a question
// (Graph API, message_templates; webhook message_template_status_update; docs/protocols/whatsapp.md). The words are the same on all its channels.
import type { AuditStatus } from '../../domain/receipt.ts';
import { toText } from './json.ts';
import type { Json } from './json.ts';

/** A flagged template may still be sent; an archived, locked or deleted one may not. */
const states: ReadonlyMap<string, AuditStatus> = new Map<string, AuditStatus>([
  ['APPROVED', 'pass'],
  ['REINSTATED', 'pass'],
  ['UNARCHIVED', 'pass'],
  ['FLAGGED', 'pass'],
  ['REJECTED', 'fail'],
  ['PENDING', 'auditing'],
  ['IN_APPEAL', 'auditing'],
  ['PAUSED', 'paused'],
  ['DISABLED', 'disabled'],
  ['LOCKED', 'disabled'],
  ['LIMIT_EXCEEDED', 'disabled'],
  ['ARCHIVED', 'disabled'],
  ['PENDING_DELETION', 'disabled'],
  ['DELETED', 'disabled'],
]);

/** Words that a receipt tells in full by its own; any other travels along beside it. */
const plainWords: ReadonlySet<string> = new Set(['APPROVED', 'REJECTED', 'PENDING', 'PAUSED', 'DISABLED']);

export const templateWords: readonly string[] = [...states.keys()];

/** Where a template stands by a word. */
interface TemplateState {
  /** As Meta wrote it; empty where there was none. */
  readonly word: string;
  /** Null for a word that is not known, which says nothing of where it stands. */
  readonly status: AuditStatus | null;
  /** Whether the status says all that the word does. */
  readonly isPlain: boolean;
}

/** Reads a word in either case. */
export function readTemplateState(value: Json | undefined): TemplateState {
  const word = typeof value === 'string' ? (toText(value) ?? '') : '';
  const upper = word.toUpperCase();
  return { word, status: states.get(upper) ?? null, isPlain: plainWords.has(upper) };
}
