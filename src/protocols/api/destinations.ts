import { Type } from '@fastify/type-provider-typebox';
import type { Static } from '@fastify/type-provider-typebox';
import type { FastifyReply } from 'fastify';
import type { AccountId, Actor } from '../../domain/account.ts';
import { toDestinationSettings } from '../../domain/delivery.ts';
import type { Destination, DestinationPause, DestinationSettings } from '../../domain/delivery.ts';
import { versionOfDestination } from '../../domain/version.ts';
import type { Expected } from '../../domain/version.ts';
import { parseCallbackUrl } from '../../domain/callback-url.ts';
import { FieldError, GatewayError, notFound } from '../../domain/errors.ts';
import type { DestinationCounts } from '../../store/store.ts';
import type { ApiDeps } from './deps.ts';
import { changeHeaders, readExpected, tell } from './versions.ts';
import { needs } from './access.ts';
import { callerOf } from './auth.ts';
import { toAttempt } from './deliveries.ts';
import { toTime } from '../../domain/time.ts';
import { describe } from './route.ts';
import type { Api } from './route.ts';
import {
  DestinationAnswer,
  DestinationBody,
  HandOverAnswer,
  HandOverBody,
  PreflightAnswer,
  RemovalAnswer,
  RotateSecretBody,
  SecretsAnswer,
  TestEventAnswer,
  maxCounted,
} from './schemas-deliveries.ts';
import { DigitsId, pageOf } from './schemas.ts';
import { warn } from './webhooks.ts';

type Answer = Static<typeof DestinationAnswer>;

/** Deliveries that one step changes, so that nobody else waits for long. */
const stepRows = 500;
const removalTries = 5;

const DestinationParams = Type.Object({ destinationId: DigitsId });

/** Callback URLs: how they are pushed to, in what state they are, and what signs for them. */
export function destinationApi(
  api: Api,
  { store, now, checkUrl, findHostWithoutAddress, sendTestEvent, preflight, generateSecret }: ApiDeps,
): void {
  const schema = { params: DestinationParams };

  async function find(accountId: AccountId, destinationId: string): Promise<Destination> {
    const destination = await store.findDestination(accountId, Number(destinationId));
    if (destination === undefined) throw notFound('destination');
    return destination;
  }

  /** How much waits for each, and is dead. */
  async function count(accountId: AccountId): Promise<ReadonlyMap<number, DestinationCounts>> {
    const counts = await store.countByDestination(accountId, maxCounted);
    return new Map(counts.map((one) => [one.destinationId, one]));
  }

  /** `urls`: those that were just set, to warn of. */
  async function send(
    reply: FastifyReply,
    accountId: AccountId,
    destinationId: string,
    urls: Readonly<Record<string, string>> = {},
  ) {
    const [destination, counts] = await Promise.all([find(accountId, destinationId), count(accountId)]);
    return tell(reply, versionOfDestination(destination)).send({
      ...toAnswer(destination, counts),
      ...(await warn({ findHostWithoutAddress }, urls)),
    });
  }

  function toAnswer(destination: Destination, counts: ReadonlyMap<number, DestinationCounts>): Answer {
    const { id, name, url, state, stateReason, stateSince, settings, secrets, createdAt, pause } =
      destination;
    const valid = secrets.filter(({ expiresAt }) => expiresAt === null || expiresAt > now());
    return {
      id,
      name,
      url,
      state,
      stateReason,
      stateSince: toTime(stateSince),
      pause: pause === null || pause.until <= now() ? null : toPauseAnswer(pause),
      ...settings,
      scheduleMs: [...settings.scheduleMs],
      secrets: valid.length,
      waiting: counts.get(id)?.waiting ?? 0,
      unwanted: counts.get(id)?.unwanted ?? 0,
      dead: counts.get(id)?.dead ?? 0,
      createdAt: toTime(createdAt),
    };
  }

  /** Names it, or gives it another URL; then all that waits is due, because it waited for the old one. */
  async function change(
    accountId: AccountId,
    id: number,
    { name, url }: { readonly name: string | undefined; readonly url: string | undefined },
    actor: Actor,
    expected: Expected | undefined,
  ): Promise<void> {
    const parsed = url === undefined ? undefined : parseCallbackUrl(url);
    if (parsed !== undefined) {
      const fault = 'fault' in parsed ? parsed.fault : await checkUrl(parsed.url);
      if (fault !== null) throw new FieldError('bad_callback_url', 'url', `url: ${fault}`);
    }
    const known = parsed === undefined ? undefined : await store.findDestination(accountId, id);
    const wanted = {
      ...(name === undefined ? {} : { name: name.trim() }),
      ...(parsed !== undefined && 'url' in parsed ? { url: parsed.url } : {}),
    };
    const outcome = await store.changeDestination(accountId, id, wanted, actor, expected);
    if (outcome === 'missing') throw notFound('destination');
    if (outcome === 'taken')
      throw new FieldError(
        'conflict',
        'url',
        'There is a destination of this URL already. Hand what waits for this one over to it, then remove this one.',
      );
    if (wanted.url !== undefined && wanted.url !== known?.url) await hasten(accountId, id);
  }

  /** Makes all due that waits. */
  async function hasten(accountId: AccountId, id: number): Promise<void> {
    while ((await store.hasten(accountId, id, stepRows)) === stepRows);
  }

  /** Walks over all that is not over of a destination, step by step; resolves to how many `work` took. */
  async function eachStep(
    accountId: AccountId,
    destinationId: number,
    work: (deliveryIds: readonly number[]) => Promise<number>,
  ): Promise<number> {
    let total = 0;
    let cursor: string | undefined;
    do {
      const page = { limit: stepRows, ...(cursor === undefined ? {} : { cursor }) };
      const { items, next } = await store.listBacklog(accountId, { destinationId }, page);
      if (items.length > 0) total += await work(items.map(({ deliveryId }) => deliveryId));
      cursor = next ?? undefined;
    } while (cursor !== undefined);
    return total;
  }

  api.get(
    '/destinations',
    {
      ...needs('viewer'),
      schema: describe('List callback URLs', 'destinations', {}, { 200: pageOf(DestinationAnswer) }),
    },
    async (request) => {
      const { accountId } = callerOf(request);
      const [destinations, counts] = await Promise.all([store.listDestinations(accountId), count(accountId)]);
      return { items: destinations.map((destination) => toAnswer(destination, counts)), next: null };
    },
  );

  api.get(
    '/destinations/:destinationId',
    {
      ...needs('viewer'),
      schema: describe(
        'Read a callback URL',
        'destinations',
        schema,
        { 200: DestinationAnswer },
        'not_found',
      ),
    },
    (request, reply) => send(reply, callerOf(request).accountId, request.params.destinationId),
  );

  api.patch(
    '/destinations/:destinationId',
    {
      ...needs('operator'),
      schema: describe(
        'Change how a callback URL is pushed to, switch it on or off, name it, or give it another address',
        'destinations',
        { ...schema, body: DestinationBody, headers: changeHeaders },
        { 200: DestinationAnswer },
        'not_found',
        'bad_callback_url',
        'conflict',
        'changed_meanwhile',
      ),
    },
    async (request, reply) => {
      const { accountId, actor } = callerOf(request);
      const expected = readExpected(request);
      const { id, settings, state: before, pause } = await find(accountId, request.params.destinationId);
      const { state, preset, name, url, ...given } = request.body;
      // A preset brings its own schedule and time limit; batch size and concurrency stay unless they are given too.
      const base: DestinationSettings =
        preset === undefined
          ? settings
          : {
              ...toDestinationSettings(preset),
              batchSize: settings.batchSize,
              concurrency: settings.concurrency,
            };
      const isChanged = name !== undefined || url !== undefined;
      if (isChanged) await change(accountId, id, { name, url }, actor, expected);
      const hasSettings = preset !== undefined || Object.keys(given).length > 0;
      if (hasSettings)
        await store.setDestinationSettings(
          accountId,
          id,
          { ...base, ...given },
          actor,
          isChanged ? undefined : expected,
        );
      if (state !== undefined)
        await store.setDestinationState(
          accountId,
          id,
          state,
          state === 'off' ? 'Switched off by an operator.' : 'Switched on by an operator.',
          actor,
          hasSettings || isChanged ? undefined : expected,
        );
      // What it answered before somebody saw to it is no reason to wait any longer.
      if (state === 'active' && (before === 'off' || (pause?.until ?? 0) > now()))
        await hasten(accountId, id);
      return send(reply, accountId, request.params.destinationId, url === undefined ? {} : { url });
    },
  );

  api.post(
    '/destinations/:destinationId/hand-over',
    {
      ...needs('operator'),
      schema: describe(
        'Hand what waits for a callback URL over to another one, a batch at a time',
        'destinations',
        { ...schema, body: HandOverBody },
        { 200: HandOverAnswer },
        'not_found',
      ),
    },
    async (request) => {
      const { accountId, actor } = callerOf(request);
      const { to, limit = stepRows, cursor, dryRun = false } = request.body;
      const { id } = await find(accountId, request.params.destinationId);
      const target = await find(accountId, String(to));
      if (target.id === id)
        throw new FieldError('bad_request', 'to', 'Give another destination than the one that hands over.');
      const page = { limit, ...(cursor === undefined ? {} : { cursor }) };
      const { items, next } = await store.listBacklog(accountId, { destinationId: id }, page);
      const ids = items.map(({ deliveryId }) => deliveryId);
      const handedOver = dryRun ? ids.length : await store.handOver(accountId, ids, to, actor);
      return { handedOver, next };
    },
  );

  api.delete(
    '/destinations/:destinationId',
    {
      ...needs('operator'),
      schema: describe(
        'Remove a callback URL that no settings name, and give up what waits for it',
        'destinations',
        {
          ...schema,
          querystring: Type.Object({
            dryRun: Type.Optional(Type.Boolean({ description: 'Only tells what would be given up.' })),
          }),
          headers: changeHeaders,
        },
        { 200: RemovalAnswer },
        'not_found',
        'wrong_state',
        'changed_meanwhile',
      ),
    },
    async (request) => {
      const { accountId, actor } = callerOf(request);
      const { id, url } = await find(accountId, request.params.destinationId);
      const expected = readExpected(request);
      await requireUnused(accountId, url);
      const dead = (await count(accountId)).get(id)?.dead ?? 0;
      if (request.query.dryRun === true)
        return { givenUp: await eachStep(accountId, id, (ids) => Promise.resolve(ids.length)), dead };
      // A receipt that came under settings of a moment ago may be added behind the walk.
      let givenUp = 0;
      for (let tries = 0; tries < removalTries; tries += 1) {
        givenUp += await eachStep(accountId, id, (ids) => store.giveUpDeliveries(accountId, ids, actor));
        const outcome = await store.removeDestination(accountId, id, actor, expected);
        if (outcome === 'done') return { givenUp, dead };
        if (outcome === 'missing') throw notFound('destination');
        if (outcome === 'in_use') await requireUnused(accountId, url);
      }
      throw new GatewayError('wrong_state', 'Receipts for this destination keep coming. Try again.');
    },
  );

  /** Throws `wrong_state`, with what names the URL, unless nothing does. */
  async function requireUnused(accountId: AccountId, url: string): Promise<void> {
    for (const { id, webhook } of await store.listChannels(accountId)) {
      const senders = await store.listSenders(accountId, id);
      const sender = senders.find((one) => [one.webhook.statusUrl, one.webhook.inboundUrl].includes(url));
      if (sender === undefined && webhook.auditUrl !== url) continue;
      const whose = sender === undefined ? `channel ${id}` : `sender ${sender.id} of channel ${id}`;
      throw new GatewayError(
        'wrong_state',
        `Settings name this URL, those of ${whose} for one. Give them another or none first, or give the destination another URL.`,
      );
    }
  }

  api.get(
    '/destinations/:destinationId/secrets',
    {
      ...needs('operator'),
      schema: describe(
        'Show the signing secrets',
        'destinations',
        schema,
        { 200: SecretsAnswer },
        'not_found',
      ),
    },
    async (request) =>
      toSecrets(await find(callerOf(request).accountId, request.params.destinationId), now()),
  );

  api.post(
    '/destinations/:destinationId/secrets/rotate',
    {
      ...needs('operator'),
      schema: describe(
        'Make a new signing secret; the old one signs along for a while',
        'destinations',
        { ...schema, body: RotateSecretBody },
        { 200: SecretsAnswer },
        'not_found',
      ),
    },
    async (request) => {
      const { accountId, actor } = callerOf(request);
      const { id, secrets } = await find(accountId, request.params.destinationId);
      const [newest] = secrets;
      const overlapMs = (request.body.overlapSeconds ?? 86_400) * 1000;
      const kept =
        newest === undefined || overlapMs === 0 ? [] : [{ ...newest, expiresAt: now() + overlapMs }];
      await store.setDestinationSecrets(
        accountId,
        id,
        [{ secret: generateSecret(), expiresAt: null }, ...kept],
        actor,
      );
      return toSecrets(await find(accountId, request.params.destinationId), now());
    },
  );

  api.post(
    '/destinations/:destinationId/test',
    {
      ...needs('operator'),
      schema: describe(
        'Post a test event and show the answer',
        'destinations',
        schema,
        { 200: TestEventAnswer },
        'not_found',
        'too_many',
      ),
    },
    async (request) => {
      const { request: sent, attempt } = await sendTestEvent(
        await find(callerOf(request).accountId, request.params.destinationId),
      );
      return { request: { ...sent, headers: { ...sent.headers } }, attempt: toAttempt(attempt) };
    },
  );

  api.post(
    '/destinations/:destinationId/preflight',
    {
      ...needs('operator'),
      schema: describe(
        'Grade a callback endpoint by some thirty test receipts, a few of them forged on purpose',
        'destinations',
        schema,
        { 200: PreflightAnswer },
        'not_found',
        'too_many',
      ),
    },
    async (request) => {
      const { grade, text, checks } = await preflight(
        await find(callerOf(request).accountId, request.params.destinationId),
      );
      return { grade, text, checks: [...checks] };
    },
  );
}

function toPauseAnswer({ until, status, askedMs }: DestinationPause): Answer['pause'] {
  const asked =
    askedMs === null ? 'without saying for how long' : `and asked for ${Math.ceil(askedMs / 1000)} s`;
  return {
    until: toTime(until),
    status,
    askedSeconds: askedMs === null ? null : askedMs / 1000,
    reason: `It answered ${status} ${asked}.`,
  };
}

function toSecrets({ secrets }: Destination, now: number): Static<typeof SecretsAnswer> {
  const valid = secrets.filter(({ expiresAt }) => expiresAt === null || expiresAt > now);
  return {
    secrets: valid.map(({ secret, expiresAt }) => ({
      secret,
      expiresAt: expiresAt === null ? null : toTime(expiresAt),
    })),
  };
}
