// Utility templates of Messenger's Pages, as Meta lists them (Graph API, Page, message_templates, read 2026-11).
import type { Channel, Sender } from '../../domain/channel.ts';
import type { ChannelFault, ListedTemplate, TemplateList, UnreadTemplate } from '../channel.ts';
import { toFaultKind } from '../kit/graph-errors.ts';
import { readListed, toUnread } from '../kit/listed-templates.ts';
import type { Accounts } from './accounts.ts';
import { toFailureClass } from './errors.ts';

/** Members that Meta documents of such a template; it refuses a call that asks for others. */
const fields = 'id,name,language,category,status,components';

/** The templates of all Pages of a channel; the token needs `page_utility_messaging`. Never throws. */
export async function listPageTemplates(
  accounts: Accounts,
  channel: Channel,
  senders: readonly Sender[],
): Promise<TemplateList | ChannelFault> {
  const templates: ListedTemplate[] = [];
  const unread: UnreadTemplate[] = [];
  let isWhole = true;
  for (const { id, routeId } of senders) {
    const voice = await accounts.voiceOf(channel, id);
    const listed = await accounts.listEdge(channel, voice, 'message_templates', {
      query: { fields, limit: '50' },
      pick: (found) => {
        const template = readListed(found, { by: 'sender', id: routeId });
        if (template === undefined) unread.push(toUnread(found));
        return template;
      },
    });
    if (listed.kind === 'refused')
      return { fault: toFaultKind(toFailureClass(listed.error)), reason: listed.error.text };
    if (listed.kind !== 'ok') return { fault: 'later', reason: listed.text };
    templates.push(...listed.items);
    isWhole &&= listed.isWhole;
  }
  return { templates, isWhole: isWhole && unread.length === 0, unread };
}
