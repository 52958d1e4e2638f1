// Who may call which route: each route says it, and one that says nothing stops the start.
import type { FastifyInstance } from 'fastify';
import type { AccountId, Actor, KeyRole } from '../../domain/account.ts';
import { FaultError, GatewayError } from '../../domain/errors.ts';
import { isAtLeast } from '../../domain/user.ts';
import { opensAccess, opensSender } from '../../domain/portal-link.ts';
import type { PortalAccess, PortalScope, PortalSender } from '../../domain/portal-link.ts';
import type { Session, User, UserRole } from '../../domain/user.ts';

/** Whose request it is, what he may do, and who its changes are recorded as made by. */
export interface Caller {
  readonly accountId: AccountId;
  readonly actor: Actor;
  /** As a person; null for keys of one direction. */
  readonly role: UserRole | null;
  /** Of the access key of the request; null in a session. */
  readonly keyRole: KeyRole | null;
  /** Null for a request with an access key. */
  readonly session: Session | null;
  /** Null for a key, and for a session that a key began. */
  readonly user: User | null;
  /** Of a holder of a portal link, who may do nothing but what routes for such say; null for everybody else. */
  readonly portal: PortalScope | null;
}

/** What a route asks of its caller. */
export interface Access {
  /** The least role of a person, and of a key that stands for one. */
  readonly role: UserRole;
  /** Keys of one direction that may call it as well. */
  readonly keys: readonly KeyRole[];
  /** Only for the account of the first start. */
  readonly firstAccount: boolean;
  /** Only for holders of a portal link that opens so much, and the sender that the path names. */
  readonly portal?: PortalAccess;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    readonly access?: Access;
  }
}

/** The part of a route's options that says who may call it. */
export function needs(role: UserRole, ...keys: KeyRole[]): { config: { access: Access } } {
  return { config: { access: { role, keys, firstAccount: false } } };
}

/** As {@link needs}, for what concerns the service as a whole. */
export function needsFirstAccount(role: UserRole): { config: { access: Access } } {
  return { config: { access: { role, keys: [], firstAccount: true } } };
}

/** As {@link needs}, for holders of a portal link and for nobody else. */
export function needsPortal(portal: PortalAccess): { config: { access: Access } } {
  return { config: { access: { role: 'owner', keys: [], firstAccount: false, portal } } };
}

/** Throws `forbidden` unless a portal link opens what a route does, and the sender that its path names. */
function checkPortal(scope: PortalScope, { portal }: Access, params: unknown): void {
  if (portal === undefined || !opensAccess(scope, portal))
    throw new GatewayError('forbidden', 'A portal link may not do this.');
  const { channelId, senderId } = params as Partial<PortalSender>;
  if (channelId === undefined && senderId === undefined) return;
  if (!opensSender(scope, { channelId: channelId ?? '', senderId: senderId ?? '' }))
    throw new GatewayError('forbidden', 'The portal link does not open this sender.');
}

/** Throws `forbidden` when the caller may not do what the route asks for. */
export function checkAccess({ role, keyRole, portal }: Caller, access: Access, params: unknown): void {
  if (portal !== null) {
    checkPortal(portal, access, params);
    return;
  }
  if (access.portal !== undefined)
    throw new GatewayError('forbidden', 'This is for holders of a portal link.');
  const isAllowed =
    (role !== null && isAtLeast(role, access.role)) || (keyRole !== null && access.keys.includes(keyRole));
  if (isAllowed) return;
  throw keyRole === null
    ? new FaultError('forbidden', 'role_needed', { needed: access.role, own: role ?? 'none' })
    : new FaultError('forbidden', 'key_role', { role: keyRole });
}

/** Makes a scope refuse to start with a route that does not say who may call it. */
export function requireAccess(scope: FastifyInstance): void {
  scope.addHook('onRoute', ({ method, url, config, schema }) => {
    if (config?.access === undefined && schema?.hide !== true)
      throw new Error(`${String(method)} ${url} does not say who may call it: add needs(…).`);
  });
}
