// Vendors, and the addresses that they and consumers are given.
import type { Connector } from '../channels/channel.ts';
import { createInstagramConnector } from '../channels/instagram/connector.ts';
import { isInstagramLogin } from '../channels/messaging/accounts.ts';
import { createMessengerConnector } from '../channels/messenger/connector.ts';
import { createSandboxConnector } from '../channels/sandbox/connector.ts';
import { createViberConnector, toViberUrl } from '../channels/viber/connector.ts';
import { createWhatsappConnector } from '../channels/whatsapp/connector.ts';
import { createConnections } from '../core/channels/enquiries.ts';
import type { Connections } from '../core/channels/enquiries.ts';
import { createMediaLinks } from '../core/media/links.ts';
import type { MediaLinks } from '../core/media/links.ts';
import { createUploadLinks } from '../core/media/upload-links.ts';
import type { UploadLinks } from '../core/media/upload-links.ts';
import { createReceiptRenderer } from '../core/receipts/rendering.ts';
import type { RenderReceipt } from '../core/receipts/rendering.ts';
import type { Channel, ChannelType } from '../domain/channel.ts';
import { findConsoleUrl } from '../config/console-url.ts';
import { day } from './host.ts';
import type { Operations } from './operations.ts';

export interface Channels extends Operations {
  readonly random: () => number;
  /** Where the service listens, and where for the console: known for good once it does. */
  readonly place: { address: string; adminAddress: string };
  /** Base of the addresses that others follow, without a trailing slash. */
  readonly publicUrl: () => string;
  /** Base of the addresses at which browsers find the console, without a trailing slash. */
  readonly consoleUrl: () => string;
  readonly links: MediaLinks;
  readonly uploads: UploadLinks;
  readonly renderReceipt: RenderReceipt;
  readonly connectors: Readonly<Partial<Record<ChannelType, Connector>>>;
  readonly connections: Connections;
}

export function connectChannels(operations: Operations): Channels {
  const { settings, masterKey, store, now } = operations;
  const { host, port, adminPort } = settings;
  const address = `http://${host}:${port}`;
  const place = { address, adminAddress: adminPort === 0 ? address : `http://${host}:${adminPort}` };
  const publicUrl = (): string => settings.publicUrl ?? place.address;
  const consoleUrl = (): string => findConsoleUrl(settings) ?? place.adminAddress;
  const links = createMediaLinks({ masterKey, publicUrl, lifeMs: settings.mediaLinkDays * day, now });
  const connectors = createConnectors(operations);
  return {
    ...operations,
    random: Math.random,
    place,
    publicUrl,
    consoleUrl,
    links,
    uploads: createUploadLinks({ masterKey, publicUrl, links, store, now }),
    renderReceipt: createReceiptRenderer({
      mediaUrl: (...media) => links.url(...media),
      groupIds: settings.camsMassMessageId === 'group',
      strictTypes: settings.strictTypes,
    }),
    connectors,
    connections: createConnections({
      store,
      connectors,
      now,
      publicUrl,
      findVendorUrl: (channel) => toVendorUrl(settings, channel),
    }),
  };
}

function createConnectors({ settings, client, now, monotonic }: Operations): Channels['connectors'] {
  const {
    graphUrl,
    graphVersion,
    instagramUrl,
    viberBotUrl: botUrl,
    viberBusinessUrl: businessUrl,
  } = settings;
  const random = Math.random;
  return {
    whatsapp: createWhatsappConnector({ client, now, monotonic, random, graphUrl, graphVersion }),
    messenger: createMessengerConnector({ client, now, monotonic, graphUrl, graphVersion, instagramUrl }),
    instagram: createInstagramConnector({ client, now, monotonic, graphUrl, graphVersion, instagramUrl }),
    viber: createViberConnector({ client, now, botUrl, businessUrl }),
    sandbox: createSandboxConnector({ client, now }),
  };
}

/** Where a channel's vendor is called; undefined of the sandbox, which calls nobody. */
function toVendorUrl(
  { graphUrl, instagramUrl, viberBotUrl: botUrl, viberBusinessUrl: businessUrl }: Operations['settings'],
  channel: Channel,
): string | undefined {
  if (channel.type === 'sandbox') return undefined;
  if (channel.type === 'viber') return toViberUrl({ botUrl, businessUrl }, channel);
  return channel.type === 'instagram' && isInstagramLogin(channel) ? instagramUrl : graphUrl;
}
