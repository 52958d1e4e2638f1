import { useSignedIn } from '../../app/session.ts';
import type { Template } from '../../api/model.ts';
import type { DraftFields, Mode } from './draft.ts';

/** What was written and not handed in; it outlives a reload of the page, and no more than its tab. */
interface KeptDraft {
  readonly fields: Partial<DraftFields>;
  readonly mode: Mode;
  /** Of the template when its editor was opened; a change by somebody else is told then as ever. */
  readonly version: string | null;
}

/** Where a draft is kept: by account and person, so that who signs in next in the same tab does not find it. */
function toKey(
  accountId: string,
  user: string,
  template: Pick<Template, 'channelId' | 'code' | 'language'> | null,
) {
  const place = template === null ? 'new' : [template.channelId, template.code, template.language].join('/');
  return `chasqui.template-draft ${accountId} ${user} ${place}`;
}

/** The draft of a template, or of a new one. A browser that keeps nothing is no fault: then there is none. */
export function useKeptDraft(template: Pick<Template, 'channelId' | 'code' | 'language'> | null) {
  const { account, user } = useSignedIn();
  const key = toKey(String(account.id), user.name, template);
  return {
    read: (): KeptDraft | null => {
      try {
        const text = sessionStorage.getItem(key);
        return text === null ? null : (JSON.parse(text) as KeptDraft);
      } catch {
        // Not allowed here, or not ours.
        return null;
      }
    },
    write: (draft: KeptDraft): void => {
      try {
        sessionStorage.setItem(key, JSON.stringify(draft));
      } catch {
        // Full, or not allowed: a reload then begins anew, as it always did.
      }
    },
    forget: (): void => {
      try {
        sessionStorage.removeItem(key);
      } catch {
        // Not allowed here: nothing was kept.
      }
    },
  };
}

export type DraftKeeper = ReturnType<typeof useKeptDraft>;
