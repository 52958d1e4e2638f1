import { Type } from '@fastify/type-provider-typebox';
import type { Static } from '@fastify/type-provider-typebox';
import type { FastifyReply } from 'fastify';
import type { AccountId } from '../domain/account.ts';
import { toDestinationSettings } from '../domain/delivery.ts';
import type { Destination, DestinationSettings } from '../domain/delivery.ts';
import { versionOfDestination } from '../domain/version.ts';
import type { ApiDeps } from './deps.ts';
import { changeHeaders, readExpected, tell } from './versions.ts';
import { needs } from './access.ts';
import { callerOf } from './auth.ts';
import { toAttempt } from './deliveries.ts';
import { describe, notFound, toTime } from './route.ts';
import type { Api } from './route.ts';
import {
  DestinationAnswer,
  DestinationBody,
  PreflightAnswer,
  RotateSecretBody,
  SecretsAnswer,
  TestEventAnswer,
  maxCounted,
} from './schemas-deliveries.ts';
import { DigitsId, pageOf } from './schemas.ts';

type Answer = Static<typeof DestinationAnswer>;
type Counts = { readonly waiting: number; readonly dead: number };

const DestinationParams = Type.Object({ destinationId: DigitsId });

/** Callback URLs: how they are pushed to, in what state they are, and what signs for them. */
export function destinationApi(
  api: Api,
  { store, now, sendTestEvent, preflight, generateSecret }: ApiDeps,
): void {
  const schema = { params: DestinationParams };

  async function find(accountId: AccountId, destinationId: string): Promise<Destination> {
    const destination = await store.findDestination(accountId, Number(destinationId));
    if (destination === undefined) throw notFound('destination');
    return destination;
  }

  /** How much waits for each, and is dead. */
  async function count(accountId: AccountId): Promise<ReadonlyMap<number, Counts>> {
    const counts = await store.countByDestination(accountId, maxCounted);
    return new Map(counts.map((one) => [one.destinationId, one]));
  }

  async function send(reply: FastifyReply, accountId: AccountId, destinationId: string) {
    const [destination, counts] = await Promise.all([find(accountId, destinationId), count(accountId)]);
    return tell(reply, versionOfDestination(destination)).send(toAnswer(destination, counts));
  }

  function toAnswer(destination: Destination, counts: ReadonlyMap<number, Counts>): Answer {
    const { id, url, state, stateReason, stateSince, settings, secrets, createdAt } = destination;
    const valid = secrets.filter(({ expiresAt }) => expiresAt === null || expiresAt > now());
    return {
      id,
      url,
      state,
      stateReason,
      stateSince: toTime(stateSince),
      ...settings,
      scheduleMs: [...settings.scheduleMs],
      secrets: valid.length,
      waiting: counts.get(id)?.waiting ?? 0,
      dead: counts.get(id)?.dead ?? 0,
      createdAt: toTime(createdAt),
    };
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
        'Change how a callback URL is pushed to, or switch it on or off',
        'destinations',
        { ...schema, body: DestinationBody, headers: changeHeaders },
        { 200: DestinationAnswer },
        'not_found',
        'changed_meanwhile',
      ),
    },
    async (request, reply) => {
      const { accountId, actor } = callerOf(request);
      const expected = readExpected(request);
      const { id, settings } = await find(accountId, request.params.destinationId);
      const { state, preset, ...given } = request.body;
      // A preset brings its own schedule and time limit; batch size and concurrency stay unless they are given too.
      const base: DestinationSettings =
        preset === undefined
          ? settings
          : {
              ...toDestinationSettings(preset),
              batchSize: settings.batchSize,
              concurrency: settings.concurrency,
            };
      const hasSettings = preset !== undefined || Object.keys(given).length > 0;
      if (hasSettings)
        await store.setDestinationSettings(accountId, id, { ...base, ...given }, actor, expected);
      if (state !== undefined)
        await store.setDestinationState(
          accountId,
          id,
          state,
          state === 'off' ? 'Switched off by an operator.' : 'Switched on by an operator.',
          actor,
          hasSettings ? undefined : expected,
        );
      return send(reply, accountId, request.params.destinationId);
    },
  );

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

function toSecrets({ secrets }: Destination, now: number): Static<typeof SecretsAnswer> {
  const valid = secrets.filter(({ expiresAt }) => expiresAt === null || expiresAt > now);
  return {
    secrets: valid.map(({ secret, expiresAt }) => ({
      secret,
      expiresAt: expiresAt === null ? null : toTime(expiresAt),
    })),
  };
}
