// Links by which somebody outside looks after senders: made, listed and revoked by owners.
import { Type } from '@fastify/type-provider-typebox';
import type { Static } from '@fastify/type-provider-typebox';
import { makePortalLink, revokePortalLink } from '../../core/accounts/portal-links.ts';
import { findSender } from '../../core/channels/ownership.ts';
import type { AccountId } from '../../domain/account.ts';
import type { PortalLink, PortalSender } from '../../domain/portal-link.ts';
import { toTime } from '../../domain/time.ts';
import { needs } from './access.ts';
import { callerOf } from './auth.ts';
import type { ApiDeps } from './deps.ts';
import { describe, NoContent } from './route.ts';
import type { Api } from './route.ts';
import { NewPortalLinkAnswer, NewPortalLinkBody, PortalLinkAnswer } from './schemas-portal.ts';
import { pageOf } from './schemas.ts';

/** What these routes work with. */
type LinkApiDeps = ApiDeps<
  'createPortalLink' | 'findChannel' | 'findSender' | 'listPortalLinks' | 'revokePortalLink'
>;

const hourMs = 60 * 60 * 1000;

export function portalLinkApi(api: Api, deps: LinkApiDeps): void {
  listLinks(api, deps);
  makeLink(api, deps);
  revokeLink(api, deps);
}

function listLinks(api: Api, { store }: LinkApiDeps): void {
  api.get(
    '/portal-links',
    {
      ...needs('owner'),
      schema: describe('List portal links', 'portal', {}, { 200: pageOf(PortalLinkAnswer) }),
    },
    async (request) => ({
      items: (await store.listPortalLinks(callerOf(request).accountId)).map(toAnswer),
      next: null,
    }),
  );
}

function makeLink(api: Api, deps: LinkApiDeps): void {
  api.post(
    '/portal-links',
    {
      ...needs('owner'),
      schema: describe(
        'Make a link by which somebody outside looks after senders',
        'portal',
        { body: NewPortalLinkBody },
        { 201: NewPortalLinkAnswer },
        'not_found',
        'limit_reached',
      ),
    },
    async (request, reply) => {
      const { name, colour = null, access = 'read', hours = 24 } = request.body;
      const caller = callerOf(request);
      const wanted = request.body.senders;
      const senders = wanted && (await findSenders(deps, caller.accountId, wanted));
      const given = { name, colour, access, senders, lifeMs: hours * hourMs };
      const { link, token } = await makePortalLink(deps, caller, given);
      return reply.code(201).send({ ...toAnswer(link), token, url: `${deps.portalUrl()}#token=${token}` });
    },
  );
}

function revokeLink(api: Api, deps: LinkApiDeps): void {
  api.post(
    '/portal-links/:linkId/revoke',
    {
      ...needs('owner'),
      schema: describe(
        'Revoke a portal link',
        'portal',
        { params: Type.Object({ linkId: Type.String({ maxLength: 64 }) }) },
        { 204: NoContent },
        'not_found',
      ),
    },
    async (request, reply) => {
      await revokePortalLink(deps, callerOf(request), request.params.linkId);
      return reply.code(204).send(null);
    },
  );
}

/** The senders that are meant, as their channels have them. Throws `not_found`. */
async function findSenders(
  { store }: LinkApiDeps,
  accountId: AccountId,
  wanted: readonly PortalSender[],
): Promise<readonly PortalSender[]> {
  const found: PortalSender[] = [];
  for (const { channelId, senderId } of wanted) {
    const { id } = await findSender(store, accountId, channelId, senderId);
    found.push({ channelId, senderId: id });
  }
  return found;
}

function toAnswer({ accountId: _own, senders, ...link }: PortalLink): Static<typeof PortalLinkAnswer> {
  const { createdAt, expiresAt, revokedAt, usedAt } = link;
  return {
    ...link,
    senders: senders?.map(({ channelId, senderId }) => ({ channelId, senderId })) ?? null,
    createdAt: toTime(createdAt),
    expiresAt: toTime(expiresAt),
    revokedAt: revokedAt === null ? null : toTime(revokedAt),
    usedAt: usedAt === null ? null : toTime(usedAt),
  };
}
