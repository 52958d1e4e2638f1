/** Where help for a page is. */
interface HelpTopic {
  /** A page of the documentation, and a heading in it. */
  readonly doc: string;
  readonly heading?: string;
  /** Operations of the API that do what the page does. */
  readonly operations: readonly string[];
}

/** By the first part of a page's address; settings by their section too. */
export const helpTopics: Readonly<Record<string, HelpTopic>> = {
  '/': { doc: 'console', heading: 'see-what-happened', operations: ['getOverview', 'getWorkers'] },
  '/channels': {
    doc: 'console',
    heading: 'turn-receipts-on',
    operations: ['getChannels', 'putChannel', 'putChannelSenderWebhook', 'postChannelCheck'],
  },
  '/connect': { doc: 'channels', operations: ['putChannel', 'putChannelSender', 'postChannelSubscribe'] },
  '/messages': {
    doc: 'api',
    heading: 'follow-a-message',
    operations: ['getMessages', 'getMessage', 'postMessages'],
  },
  '/receipts': { doc: 'receipts', operations: ['getReceipts', 'getReceipt'] },
  '/raw-events': { doc: 'receipts', operations: ['getRawEvents', 'postRawEventReread'] },
  '/deliveries': {
    doc: 'api',
    heading: 'deliveries-that-failed',
    operations: ['getDeliveries', 'postDeliveriesReplay', 'postDeliveriesGiveUp'],
  },
  '/destinations': {
    doc: 'http-callbacks',
    operations: ['getDestination', 'patchDestination', 'postDestinationTest', 'postDestinationPreflight'],
  },
  '/queues': { doc: 'smq', operations: ['getQueues', 'putQueue', 'getQueueMessages', 'postQueueTokens'] },
  '/templates': {
    doc: 'sending',
    operations: ['getTemplates', 'postChannelTemplates', 'postChannelTemplatesImport'],
  },
  '/tail': { doc: 'api', heading: 'follow-a-message', operations: ['getTail'] },
  '/simulator': { doc: 'sandbox', operations: ['postSandboxInbound', 'postSandboxStatus'] },
  '/settings': { doc: 'console', operations: ['getAccount', 'getLimits'] },
  '/settings/me': {
    doc: 'console',
    heading: 'sign-in-without-the-app',
    operations: ['postSessionPassword', 'postSessionTotp'],
  },
  '/settings/users': { doc: 'sign-in', operations: ['getUsers', 'postUsers', 'patchUser'] },
  '/settings/keys': {
    doc: 'api',
    heading: 'access-keys',
    operations: ['getKeys', 'postKeys', 'postKeyRotate'],
  },
  '/settings/portal': {
    doc: 'portal',
    operations: ['getPortalLinks', 'postPortalLinks', 'postPortalLinkRevoke'],
  },
  '/settings/notices': {
    doc: 'notices',
    operations: ['getNotices', 'getNoticeTargets', 'postNoticeTargets'],
  },
  '/settings/all': { doc: 'configuration', operations: ['getSettings'] },
  '/settings/retention': { doc: 'configuration', operations: ['getSettings'] },
  '/settings/limits': { doc: 'configuration', operations: ['getSettings'] },
  '/settings/log': { doc: 'security', operations: ['getChanges'] },
  '/api': { doc: 'api', operations: [] },
  '/glossary': { doc: 'console', operations: [] },
  '/docs': { doc: 'README', operations: [] },
};

/** The help for the page at a path below the console. */
export function findHelp(path: string): HelpTopic {
  const [, first = '', second = ''] = path.split('/');
  return helpTopics[`/${first}/${second}`] ?? helpTopics[`/${first}`] ?? { doc: 'console', operations: [] };
}
