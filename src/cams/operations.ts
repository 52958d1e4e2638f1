import { knownOperations } from './known-operations.ts';
import { listMessages } from './messages.ts';
import { enableMetrics, getPhoneNumberMetric, getTemplateMetric } from './metrics.ts';
import type { Handle } from './operation.ts';
import {
  bindInstagramPage,
  bindMessengerPage,
  deleteInstagramPage,
  deleteMessengerPage,
  getInstagramPages,
  getMessengerPages,
  listInstagramPage,
} from './pages.ts';
import { sendMassMessage, sendMessage } from './sending.ts';
import {
  bindWaba,
  createInstance,
  deleteInstance,
  getHealthStatus,
  getOpenStatus,
  getPhoneNumberVerificationStatus,
  listInstances,
  listViberServices,
  queryBindWaba,
  queryInstance,
  queryPhoneNumbers,
  queryTokenForMnsQueue,
  syncPhoneNumbers,
  updateAccountWebhook,
  updateInstance,
  updatePhoneWebhook,
} from './settings.ts';
import {
  createTemplate,
  deleteTemplate,
  getTemplateDetail,
  listTemplates,
  modifyTemplate,
  modifyTemplateProperties,
} from './templates.ts';
import { generatePresignedUrl, getUploadAuthorization } from './uploads.ts';

export const camsVersion = '2020-06-06';
export const dybaseVersion = '2017-05-25';

/** An operation that is offered. */
export interface Operation {
  readonly handle: Handle;
  /** Calls a second that the original service takes of one account. */
  readonly perSecond: number;
}

const offered: Readonly<Record<string, Readonly<Record<string, Operation>>>> = {
  [camsVersion]: {
    SendChatappMessage: { handle: sendMessage, perSecond: 250 },
    SendChatappMassMessage: { handle: sendMassMessage, perSecond: 10 },
    ListChatappMessage: { handle: listMessages, perSecond: 10 },
    CreateChatappTemplate: { handle: createTemplate, perSecond: 50 },
    ModifyChatappTemplate: { handle: modifyTemplate, perSecond: 50 },
    DeleteChatappTemplate: { handle: deleteTemplate, perSecond: 5 },
    GetChatappTemplateDetail: { handle: getTemplateDetail, perSecond: 5 },
    ListChatappTemplate: { handle: listTemplates, perSecond: 5 },
    ModifyChatappTemplateProperties: { handle: modifyTemplateProperties, perSecond: 10 },
    UpdatePhoneWebhook: { handle: updatePhoneWebhook, perSecond: 10 },
    UpdateAccountWebhook: { handle: updateAccountWebhook, perSecond: 10 },
    QueryChatappPhoneNumbers: { handle: queryPhoneNumbers, perSecond: 10 },
    ChatappSyncPhoneNumber: { handle: syncPhoneNumbers, perSecond: 10 },
    GetPhoneNumberVerificationStatus: { handle: getPhoneNumberVerificationStatus, perSecond: 10 },
    ListInstance: { handle: listInstances, perSecond: 10 },
    QueryInstance: { handle: queryInstance, perSecond: 10 },
    CreateInstance: { handle: createInstance, perSecond: 10 },
    UpdateInstance: { handle: updateInstance, perSecond: 10 },
    DeleteInstance: { handle: deleteInstance, perSecond: 10 },
    ChatappBindWaba: { handle: bindWaba, perSecond: 10 },
    QueryChatappBindWaba: { handle: queryBindWaba, perSecond: 10 },
    ListViberServiceMessage: { handle: listViberServices, perSecond: 10 },
    GetWhatsappHealthStatus: { handle: getHealthStatus, perSecond: 5 },
    GetChatappPhoneNumberMetric: { handle: getPhoneNumberMetric, perSecond: 50 },
    EnableWhatsappROIMetric: { handle: enableMetrics, perSecond: 5 },
    GetChatappTemplateMetric: { handle: getTemplateMetric, perSecond: 50 },
    GetChatappOpenStatus: { handle: getOpenStatus, perSecond: 10 },
    OpenChatappService: { handle: getOpenStatus, perSecond: 10 },
    GetChatappUploadAuthorization: { handle: getUploadAuthorization, perSecond: 5 },
    GeneratePresignedUrl: { handle: generatePresignedUrl, perSecond: 10 },
    GetFbMessengerPages: { handle: getMessengerPages, perSecond: 10 },
    BindMessengerPage: { handle: bindMessengerPage, perSecond: 10 },
    DeleteMessengerPage: { handle: deleteMessengerPage, perSecond: 10 },
    GetFbInstagramPages: { handle: getInstagramPages, perSecond: 10 },
    BindInstagramPage: { handle: bindInstagramPage, perSecond: 10 },
    ListInstagramPage: { handle: listInstagramPage, perSecond: 10 },
    DeleteInstagramPage: { handle: deleteInstagramPage, perSecond: 10 },
  },
  [dybaseVersion]: {
    QueryTokenForMnsQueue: { handle: queryTokenForMnsQueue, perSecond: 10 },
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
