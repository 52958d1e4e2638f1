import type { KeyRole } from '../../domain/account.ts';
import { knownOperations } from './known-operations.ts';
import { listMessages } from './message-list.ts';
import type { ListDeps } from './message-list.ts';
import { enableMetrics, getPhoneNumberMetric, getTemplateMetric } from './message-counts.ts';
import type { CountDeps } from './message-counts.ts';
import type { Answer, Call } from './operation.ts';
import {
  bindInstagramPage,
  bindMessengerPage,
  deleteInstagramPage,
  deleteMessengerPage,
  getInstagramPages,
  getMessengerPages,
  listInstagramPage,
} from './meta-pages.ts';
import type { PageDeps } from './meta-pages.ts';
import { sendMassMessage, sendMessage } from './send.ts';
import type { SendDeps } from './send.ts';
import {
  bindWaba,
  createInstance,
  deleteInstance,
  getOpenStatus,
  listInstances,
  queryBindWaba,
  queryInstance,
  updateInstance,
} from './channels.ts';
import type { InstanceDeps } from './channels.ts';
import { getHealthStatus } from './whatsapp-health.ts';
import {
  getPhoneNumberVerificationStatus,
  listViberServices,
  queryPhoneNumbers,
  syncPhoneNumbers,
} from './numbers.ts';
import type { NumberDeps } from './numbers.ts';
import { queryTokenForMnsQueue } from './queue-tokens.ts';
import type { QueueTokenDeps } from './queue-tokens.ts';
import {
  createTemplate,
  deleteTemplate,
  getTemplateDetail,
  listTemplates,
  modifyTemplate,
  modifyTemplateProperties,
} from './templates.ts';
import type { TemplateDeps } from './templates.ts';
import { generatePresignedUrl, getUploadAuthorization } from './uploads.ts';
import { updateAccountWebhook, updatePhoneWebhook } from './webhook-settings.ts';
import type { WebhookDeps } from './webhook-settings.ts';

const camsVersion = '2020-06-06';
const dybaseVersion = '2017-05-25';

/** What all that are offered work with together. */
export type OfferedDeps = TemplateDeps &
  InstanceDeps &
  PageDeps &
  SendDeps &
  NumberDeps &
  QueueTokenDeps &
  ListDeps &
  CountDeps &
  WebhookDeps;

type Handle = (deps: OfferedDeps, call: Call) => Promise<Answer>;

/** An operation that is offered. */
export interface Operation {
  readonly handle: Handle;
  /** Calls a second that the original service takes of one account. */
  readonly perSecond: number;
  /** Keys that may call it beside those that may do everything. */
  readonly roles: readonly KeyRole[];
}

const offered: Readonly<Record<string, Readonly<Record<string, Operation>>>> = {
  [camsVersion]: {
    SendChatappMessage: { handle: sendMessage, perSecond: 250, roles: ['send'] },
    SendChatappMassMessage: { handle: sendMassMessage, perSecond: 10, roles: ['send'] },
    ListChatappMessage: { handle: listMessages, perSecond: 10, roles: ['read'] },
    CreateChatappTemplate: { handle: createTemplate, perSecond: 50, roles: [] },
    ModifyChatappTemplate: { handle: modifyTemplate, perSecond: 50, roles: [] },
    DeleteChatappTemplate: { handle: deleteTemplate, perSecond: 5, roles: [] },
    GetChatappTemplateDetail: { handle: getTemplateDetail, perSecond: 5, roles: ['read'] },
    ListChatappTemplate: { handle: listTemplates, perSecond: 5, roles: ['read'] },
    ModifyChatappTemplateProperties: { handle: modifyTemplateProperties, perSecond: 10, roles: [] },
    UpdatePhoneWebhook: { handle: updatePhoneWebhook, perSecond: 10, roles: [] },
    UpdateAccountWebhook: { handle: updateAccountWebhook, perSecond: 10, roles: [] },
    QueryChatappPhoneNumbers: { handle: queryPhoneNumbers, perSecond: 10, roles: ['read'] },
    ChatappSyncPhoneNumber: { handle: syncPhoneNumbers, perSecond: 10, roles: [] },
    GetPhoneNumberVerificationStatus: {
      handle: getPhoneNumberVerificationStatus,
      perSecond: 10,
      roles: ['read'],
    },
    ListInstance: { handle: listInstances, perSecond: 10, roles: ['read'] },
    QueryInstance: { handle: queryInstance, perSecond: 10, roles: ['read'] },
    CreateInstance: { handle: createInstance, perSecond: 10, roles: [] },
    UpdateInstance: { handle: updateInstance, perSecond: 10, roles: [] },
    DeleteInstance: { handle: deleteInstance, perSecond: 10, roles: [] },
    ChatappBindWaba: { handle: bindWaba, perSecond: 10, roles: [] },
    QueryChatappBindWaba: { handle: queryBindWaba, perSecond: 10, roles: ['read'] },
    ListViberServiceMessage: { handle: listViberServices, perSecond: 10, roles: ['read'] },
    GetWhatsappHealthStatus: { handle: getHealthStatus, perSecond: 5, roles: ['read'] },
    GetChatappPhoneNumberMetric: { handle: getPhoneNumberMetric, perSecond: 50, roles: ['read'] },
    EnableWhatsappROIMetric: { handle: enableMetrics, perSecond: 5, roles: [] },
    GetChatappTemplateMetric: { handle: getTemplateMetric, perSecond: 50, roles: ['read'] },
    GetChatappOpenStatus: { handle: getOpenStatus, perSecond: 10, roles: ['read'] },
    OpenChatappService: { handle: getOpenStatus, perSecond: 10, roles: [] },
    GetChatappUploadAuthorization: { handle: getUploadAuthorization, perSecond: 5, roles: ['send'] },
    GeneratePresignedUrl: { handle: generatePresignedUrl, perSecond: 10, roles: ['send'] },
    GetFbMessengerPages: { handle: getMessengerPages, perSecond: 10, roles: ['read'] },
    BindMessengerPage: { handle: bindMessengerPage, perSecond: 10, roles: [] },
    DeleteMessengerPage: { handle: deleteMessengerPage, perSecond: 10, roles: [] },
    GetFbInstagramPages: { handle: getInstagramPages, perSecond: 10, roles: ['read'] },
    BindInstagramPage: { handle: bindInstagramPage, perSecond: 10, roles: [] },
    ListInstagramPage: { handle: listInstagramPage, perSecond: 10, roles: ['read'] },
    DeleteInstagramPage: { handle: deleteInstagramPage, perSecond: 10, roles: [] },
  },
  [dybaseVersion]: {
    QueryTokenForMnsQueue: { handle: queryTokenForMnsQueue, perSecond: 10, roles: ['receive'] },
  },
};

/** The names of all operations that are offered. */
export const offeredOperations: readonly string[] = Object.values(offered).flatMap(Object.keys);

/** What an operation's name and version come to. */
export function findOperation(
  version: string,
  name: string,
): Operation | 'unknown_version' | 'unknown' | 'not_offered' {
  const operations = offered[version];
  if (operations === undefined) return 'unknown_version';
  if (Object.hasOwn(operations, name)) return operations[name] ?? 'unknown';
  return version === camsVersion && knownOperations.has(name) ? 'not_offered' : 'unknown';
}
