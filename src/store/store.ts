/**
 * The store, as two ports and the rest. Each verb is one transaction: when its promise resolves, what it did has reached the disk; when
 * it rejects, it did nothing. All reject with `store_unavailable` when the store cannot be reached or cannot commit. Calls made while a
 * commit is under way share the next one. Times are epoch milliseconds.
 */
import type { Accounts, AccountViews } from './accounts/port.ts';
import type { AliasEngine, Aliases, AliasViews } from './aliases/port.ts';
import type { Backlog, BacklogViews } from './backlog/port.ts';
import type { Channels, ChannelViews } from './channels/port.ts';
import type { Deliveries, DeliveryEngine, DeliveryViews } from './deliveries/port.ts';
import type { Destinations, DestinationViews } from './destinations/port.ts';
import type { Dismissals, DismissalViews } from './dismissals/port.ts';
import type { Erasures, ErasureViews } from './erasures/port.ts';
import type { Fallbacks, FallbackViews } from './fallbacks/port.ts';
import type { Journal, JournalViews } from './journal/port.ts';
import type { Leases } from './leases/port.ts';
import type { MediaFiles, MediaViews } from './media/port.ts';
import type { NonceEngine, Nonces } from './nonces/port.ts';
import type { Notices, NoticeViews } from './notices/port.ts';
import type { OutboundEngine, Outbounds, OutboundViews } from './outbound/port.ts';
import type { QueueEngine, Queues, QueueViews } from './queues/port.ts';
import type { Rates, RateViews } from './rates/port.ts';
import type { ReceiptEngine, Receipts, ReceiptViews } from './receipts/port.ts';
import type { Remarks, RemarkViews } from './remarks/port.ts';
import type { PortalLinks, PortalLinkViews } from './portals/port.ts';
import type { KeptSettings, SettingViews } from './settings/port.ts';
import type { Templates, TemplateViews } from './templates/port.ts';
import type { Upkeep, Watched } from './upkeep/port.ts';
import type { Uploads } from './uploads/port.ts';
import type { Users, UserViews } from './users/port.ts';

export type * from './accounts/port.ts';
export type * from './aging/port.ts';
export type * from './aliases/port.ts';
export type * from './backlog/port.ts';
export type * from './channels/port.ts';
export type * from './deliveries/port.ts';
export type * from './destinations/port.ts';
export type * from './dismissals/port.ts';
export type * from './erasures/port.ts';
export type * from './fallbacks/port.ts';
export type * from './journal/port.ts';
export type * from './leases/port.ts';
export type * from './media/port.ts';
export type * from './nonces/port.ts';
export type * from './notices/port.ts';
export type * from './outbound/port.ts';
export type * from './page.ts';
export type * from './queues/port.ts';
export * from './rates/port.ts';
export type * from './receipts/port.ts';
export type * from './remarks/port.ts';
export type * from './portals/port.ts';
export type * from './settings/port.ts';
export type * from './templates/port.ts';
export type * from './upkeep/port.ts';
export type * from './uploads/port.ts';
export type * from './users/port.ts';

/**
 * The hot paths: taking in, pushing, sending, queues. What is here is called for every message, so its cost is measured
 * (docs/performance.md), and every part of it works on one account's rows.
 */
export interface Engine
  extends ReceiptEngine, DeliveryEngine, OutboundEngine, QueueEngine, AliasEngine, NonceEngine, Watched {}

/** Lists and counts for people. None changes anything, and no hot path waits for one. */
export interface Views
  extends
    AccountViews,
    UserViews,
    ChannelViews,
    TemplateViews,
    ReceiptViews,
    RemarkViews,
    DeliveryViews,
    DestinationViews,
    BacklogViews,
    OutboundViews,
    FallbackViews,
    QueueViews,
    MediaViews,
    ErasureViews,
    AliasViews,
    JournalViews,
    NoticeViews,
    DismissalViews,
    RateViews,
    SettingViews,
    PortalLinkViews {}

/** Both, with what changes settings and what workers do besides. A caller is given the verbs that it uses. */
export interface Store
  extends
    Engine,
    Views,
    Accounts,
    Users,
    Channels,
    Receipts,
    Remarks,
    Deliveries,
    Destinations,
    Backlog,
    Outbounds,
    Fallbacks,
    Templates,
    Nonces,
    Queues,
    MediaFiles,
    Uploads,
    Erasures,
    Aliases,
    Journal,
    Notices,
    Dismissals,
    Rates,
    KeptSettings,
    PortalLinks,
    Leases,
    Upkeep {}
