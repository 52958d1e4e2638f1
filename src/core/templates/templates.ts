// Templates of an account: found, taken away, and what became of them.
import type { AccountId } from '../../domain/account.ts';
import { notFound } from '../../domain/errors.ts';
import type { AuditFacts, Receipt } from '../../domain/receipt.ts';
import type { Template } from '../../domain/template.ts';
import type { Expected } from '../../domain/version.ts';
import type { Store } from '../../store/store.ts';
import type { TemplateOwner } from './submission.ts';

/** One language of a template. */
type TemplateKey = Pick<Template, 'channelId' | 'code' | 'language'>;

/** Finds one language of a template. Throws `not_found`. */
export async function findTemplate(
  store: Pick<Store, 'findTemplates'>,
  accountId: AccountId,
  { channelId, code, language }: TemplateKey,
): Promise<Template> {
  const [template] = await store.findTemplates(accountId, { channelId, code, language });
  if (template === undefined) throw notFound('template');
  return template;
}

/** Takes one language of a template away, or all of them where none is named. Resolves to whether there was any. Throws `changed_meanwhile`. */
export async function removeTemplate(
  { store }: { readonly store: Pick<Store, 'deleteTemplate'> },
  { accountId, actor, expected }: TemplateOwner & { readonly expected?: Expected | undefined },
  { channelId, code, language }: Pick<Template, 'channelId' | 'code'> & { readonly language: string | null },
): Promise<boolean> {
  return (await store.deleteTemplate(accountId, channelId, code, language, actor, expected)) > 0;
}

/** A word of a template's review or of its standing, as it was recorded. */
interface TemplateEvent extends Pick<Receipt, 'receiptId' | 'recordedAt'> {
  readonly facts: AuditFacts;
}

/** Words of one template that are looked at, of each id that it has. */
const maxEvents = 500;

/** What became of a language of a template, newest first. */
export async function listTemplateEvents(
  store: Pick<Store, 'listReceipts'>,
  accountId: AccountId,
  { code, language, vendorId }: Pick<Template, 'code' | 'language' | 'vendorId'>,
): Promise<readonly TemplateEvent[]> {
  // What a vendor tells is filed under its own id.
  const ids = vendorId === null ? [code] : [code, vendorId];
  const pages = await Promise.all(
    ids.map((messageId) =>
      store.listReceipts(accountId, { type: 'ChatAppAudit', messageId }, { limit: maxEvents }),
    ),
  );
  return pages
    .flatMap(({ items }) => items)
    .toSorted((a, b) => b.recordedAt - a.recordedAt)
    .flatMap(({ facts, receiptId, recordedAt }) =>
      facts.type === 'ChatAppAudit' && facts.language === language ? [{ facts, receiptId, recordedAt }] : [],
    );
}
