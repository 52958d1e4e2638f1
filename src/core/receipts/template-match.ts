// Which template of ours an audit is of, how it is told then, and what it changes.
import type { Channel } from '../../domain/channel.ts';
import { isAskedReview, toReviewIdentity } from '../../domain/identity.ts';
import type { AuditFacts, ChannelEvent } from '../../domain/receipt.ts';
import type { AskedStatus, Template } from '../../domain/template.ts';
import type { Directory } from '../../store/directory.ts';
import type { TemplateChange } from '../../store/store.ts';

/** An audit of a template that is known here is told under our own code, and changes the template. */
export async function matchTemplate(
  { directory }: { readonly directory: Pick<Directory, 'templateNow'> },
  { accountId, id }: Channel,
  event: Pick<ChannelEvent, 'identity' | 'occurredAt'>,
  facts: AuditFacts,
): Promise<{
  readonly facts: AuditFacts;
  readonly template: TemplateChange | null;
  readonly identity: ChannelEvent['identity'];
}> {
  const { identity } = event;
  const unmatched = { facts, template: null, identity };
  const { event: what, templateName, templateCode, language, auditStatus, reason, status } = facts;
  const name = templateName ?? templateCode;
  if (name === undefined || language === undefined) return unmatched;
  // Told reviews are few, and which of them is news depends on the one before: nothing remembered will do.
  const template = await directory.templateNow(accountId, id, name, language);
  if (template === undefined || isOfAnother(event, facts, template)) return unmatched;
  const change: TemplateChange = {
    code: template.code,
    language,
    ...(auditStatus === undefined ? {} : { status: auditStatus, reason: reason ?? '' }),
    ...(what === 'templateQualityUpdate' && status !== undefined ? { quality: status } : {}),
    ...(what === 'templateCategoryUpdate' && status !== undefined ? { category: status } : {}),
  };
  const isOurs = templateCode === undefined || templateCode === template.code;
  return {
    facts: {
      ...facts,
      templateCode: template.code,
      ...(isOurs ? {} : { channelTemplateCode: templateCode }),
    },
    template: change,
    identity: isAsked(event, facts, template) ? toReviewIdentity(template, template.asked) : identity,
  };
}

/** How far a channel's clock may be behind what was asked of it. */
const askedSkewMs = 60_000;

/**
 * Whether the channel tells late what it was asked for before, and nothing else has been told of the template since: that is the
 * same receipt.
 */
function isAsked(
  { occurredAt }: Pick<ChannelEvent, 'occurredAt'>,
  { event, auditStatus }: AuditFacts,
  template: Template,
): template is Template & { readonly asked: AskedStatus } {
  const { asked, status, updatedAt } = template;
  return (
    event === 'template' &&
    asked !== null &&
    occurredAt <= asked.at + askedSkewMs &&
    auditStatus === asked.status &&
    (status === asked.status || updatedAt === asked.updatedAt)
  );
}

/**
 * Whether the channel speaks of a template of that name that was here before this one, and tells late that it is gone, or of
 * what this one said before it was changed: until it is handed in again, no verdict is on what it says now.
 */
function isOfAnother(
  { identity }: Pick<ChannelEvent, 'identity'>,
  { templateCode, auditStatus }: AuditFacts,
  template: Template,
): boolean {
  const { code, vendorId, createdAt, updatedAt, isEdited } = template;
  if (templateCode === undefined || templateCode === code) return false;
  if (vendorId !== null && templateCode !== vendorId) return true;
  // What was asked for here was asked of what the template says.
  if (isAskedReview(identity)) return false;
  if (vendorId !== null) return isEdited && auditStatus !== undefined;
  return auditStatus === 'disabled' || updatedAt > createdAt;
}
