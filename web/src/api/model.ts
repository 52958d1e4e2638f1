// The API's answers by name, for those who show them.
import type { components } from './schema.d.ts';

type Schemas = components['schemas'];

export type Attention = Schemas['Attention'];
export type Channel = Schemas['Channel'];
export type ChannelCheck = Schemas['ChannelCheck'];
export type ChannelWebhook = Schemas['ChannelWebhook'];
export type Change = Schemas['Change'];
export type Delivery = Schemas['Delivery'];
export type Destination = Schemas['Destination'];
export type FoundSender = Schemas['FoundSender'];
export type KeptEvent = Schemas['RawEvent'];
export type Key = Schemas['Key'];
export type NewKey = Schemas['NewKey'];
export type Preflight = Schemas['Preflight'];
export type Queue = Schemas['Queue'];
export type QueueMessage = Schemas['QueueMessage'];
export type Receipt = Schemas['Receipt'];
export type Sender = Schemas['Sender'];
export type SenderWebhook = Schemas['SenderWebhook'];
export type TestEvent = Schemas['TestEvent'];
export type Timeline = Schemas['Timeline'];
export type Attempt = Timeline['deliveries'][number]['tries'][number];
export type ChannelType = Channel['type'];
export type SenderType = Sender['type'];
export type Message = Schemas['Message'];
export type MessageDetail = Schemas['MessageStory'];
export type MessageEvent = MessageDetail['events'][number];
export type Session = Schemas['Session'];
export type Template = Schemas['Template'];
export type User = Schemas['User'];
export type Role = User['role'];
export type Why = Schemas['Why'];
export type NoticeFinding = Schemas['NoticeFinding'];
export type Overview = Schemas['Overview'];
export type Point = Schemas['RatePoint'];
export type SettingRow = Schemas['Setting'];
