// The API's answers by name, for those who show them.
import type { components } from './schema.d.ts';

type Schemas = components['schemas'];

export type Account = Schemas['Account'];
export type Channel = Schemas['Channel'];
export type ChannelCheck = Schemas['ChannelCheck'];
export type ChannelWebhook = Schemas['ChannelWebhook'];
export type Change = Schemas['Change'];
export type Delivery = Schemas['Delivery'];
export type Destination = Schemas['Destination'] & {
  waiting?: number;
  dead?: number;
  oldestAt?: string | null;
  nextTryAt?: string | null;
};
export type Key = Schemas['Key'] & { name?: string; role?: string; usedAt?: string | null };
export type Queue = Schemas['Queue'];
export type QueueMessage = Schemas['QueueMessage'];
export type Receipt = Schemas['Receipt'];
export type Sender = Schemas['Sender'] & { verification?: 'verified' | 'pending' | 'failed' | 'unknown' };
export type SenderWebhook = Schemas['SenderWebhook'];
export type TestEvent = Schemas['TestEvent'];
export type Timeline = Schemas['Timeline'];
export type Attempt = Timeline['deliveries'][number]['tries'][number];
export type ChannelType = Channel['type'];
export type SenderType = Sender['type'];
export type Role = 'owner' | 'operator' | 'viewer';

export interface Session {
  state: 'setup' | 'signed_out' | 'signed_in';
  account?: { id: string; name: string; first: boolean };
  user?: { id: string | null; name: string; role: Role; totp: boolean };
  idleExpiresAt?: string;
  expiresAt?: string;
  version: string;
}

export interface User {
  id: string;
  name: string;
  role: Role;
  state: 'active' | 'disabled';
  totp: boolean;
  createdAt: string;
  signedInAt: string | null;
}

export interface Point {
  at: string;
  statuses: number;
  inbounds: number;
  audits: number;
  pushed: number;
  pushFailed: number;
  dead: number;
  sent: number;
  sendFailed: number;
}

export type Totals = Omit<Point, 'at'>;

export interface Attention {
  code: string;
  severity: 'error' | 'warning';
  subject: string;
  params: Record<string, unknown>;
  since: string | null;
  text: string;
}

export interface Overview {
  at: string;
  attention: Attention[];
  rates: { hour: Point[]; day: Point[] };
  totals: { hour: Totals; day: Totals };
}

export interface Message {
  direction: 'mt' | 'mo';
  messageId: string;
  channelMessageId: string | null;
  channelId: string;
  channelType: ChannelType;
  senderId: string | null;
  number: string;
  at: string;
  type: string;
  text: string;
  templateCode: string | null;
  templateName: string | null;
  language: string | null;
  taskId: string | null;
  groupId: string | null;
  state: 'queued' | 'accepted' | 'failed' | 'unknown' | 'received';
  status: null | 'sent' | 'delivered' | 'read' | 'failed' | 'deleted';
  receiptId: string | null;
}

export interface MessageEvent {
  at: string;
  kind: string;
  ref: Record<string, unknown>;
}

export interface Why {
  code: string;
  params: Record<string, unknown>;
  text: string;
}

export interface MessageDetail {
  /** Null when only receipts are known: the message was sent elsewhere. */
  message: Message | null;
  content: unknown;
  expiresAt: string | null;
  why: Why;
  /** All that is the matter, worst first. */
  reasons: Why[];
  events: MessageEvent[];
  receipts: Timeline[];
}

export type NewMessage =
  | { channelId: string; senderId: string; to: string; type: 'text'; text: string }
  | {
      channelId: string;
      senderId: string;
      to: string;
      type: 'template';
      templateCode: string;
      language: string;
      params?: Record<string, string>;
    };

export interface Template {
  channelId: string;
  code: string;
  language: string;
  name: string;
  type: 'WHATSAPP' | 'VIBER';
  category: string;
  components: Record<string, unknown>[];
  example: Record<string, string>;
  status: 'auditing' | 'pass' | 'fail' | 'unaudit' | 'disabled' | 'paused';
  reason: string;
  quality: string;
  allowSend: boolean;
  vendorId: string | null;
  reviewAt: string | null;
  createdAt: string;
  updatedAt: string;
}

export interface TemplateHistory {
  at: string;
  status: Template['status'];
  reason: string;
  quality?: string | null;
  receiptId: string | null;
  actor: string | null;
}

export interface SettingRow {
  key: string;
  env: string;
  value: string | number | boolean | null | string[];
  unit: string | null;
  source: string;
  meaning: string;
}
