import { randomBytes } from 'node:crypto';
import { Type } from '@fastify/type-provider-typebox';
import type { Static } from '@fastify/type-provider-typebox';
import type { AccessKey, AccountId, KeySettings } from '../../domain/account.ts';
import { FieldError, GatewayError } from '../../domain/errors.ts';
import { toRange } from '../../http/addresses.ts';
import { versionOfKey } from '../../domain/version.ts';
import type { ApiDeps } from './deps.ts';
import { needs } from './access.ts';
import type { Caller } from './access.ts';
import { callerOf } from './auth.ts';
import { toTime } from '../../domain/time.ts';
import { describe, notFound } from './route.ts';
import type { Api } from './route.ts';
import { pageOf } from './schemas.ts';
import { KeyAnswer, KeyBody, NewKeyAnswer, RotateKeyBody } from './schemas-users.ts';
import { changeHeaders, readExpected, tell } from './versions.ts';

const maxKeys = 100;

const KeyParams = Type.Object({ keyId: Type.String({ maxLength: 128 }) });

/** Makes an access key in the shape that the cloud's own have. */
export function generateKey(): { id: string; secret: string } {
  return {
    id: `LTAI${randomBytes(15).toString('hex').slice(0, 20)}`,
    secret: randomBytes(24).toString('base64url').slice(0, 30),
  };
}

/** Access keys: what they may do, from where, and when they were last used. */
export function keyApi(api: Api, { store, now }: ApiDeps): void {
  const schema = { params: KeyParams };

  async function find(accountId: AccountId, keyId: string): Promise<AccessKey> {
    const key = (await store.listKeys(accountId)).find(({ id }) => id === keyId);
    if (key === undefined) throw notFound('key');
    return key;
  }

  async function create(
    { accountId, actor }: Caller,
    settings: KeySettings,
  ): Promise<Static<typeof NewKeyAnswer>> {
    checkAddresses(settings);
    if ((await store.listKeys(accountId)).length >= maxKeys)
      throw new GatewayError('limit_reached', `An account has at most ${maxKeys} keys.`);
    const key = { ...generateKey(), accountId, name: '', role: 'full' as const, addresses: [], ...settings };
    await store.createKey(key, actor);
    return {
      ...toKeyAnswer({ ...key, state: 'active', createdAt: now(), usedAt: null }),
      secret: key.secret,
    };
  }

  api.get(
    '/keys',
    { ...needs('owner'), schema: describe('List access keys', 'keys', {}, { 200: pageOf(KeyAnswer) }) },
    async (request) => ({
      items: (await store.listKeys(callerOf(request).accountId)).map(toKeyAnswer),
      next: null,
    }),
  );

  api.post(
    '/keys',
    {
      ...needs('owner'),
      schema: describe(
        'Make an access key; its secret is shown once',
        'keys',
        { body: KeyBody },
        { 201: NewKeyAnswer },
        'limit_reached',
      ),
    },
    async (request, reply) => reply.code(201).send(await create(callerOf(request), toSettings(request.body))),
  );

  api.get(
    '/keys/:keyId',
    {
      ...needs('owner'),
      schema: describe('Read an access key', 'keys', schema, { 200: KeyAnswer }, 'not_found'),
    },
    async (request, reply) => {
      const key = await find(callerOf(request).accountId, request.params.keyId);
      return tell(reply, versionOfKey(key)).send(toKeyAnswer(key));
    },
  );

  api.patch(
    '/keys/:keyId',
    {
      ...needs('owner'),
      schema: describe(
        'Change what a key is called, what it may do, or from where',
        'keys',
        { ...schema, body: KeyBody, headers: changeHeaders },
        { 200: KeyAnswer },
        'not_found',
        'last_one',
        'changed_meanwhile',
      ),
    },
    async (request, reply) => {
      const { accountId, actor } = callerOf(request);
      const { keyId } = request.params;
      const settings = toSettings(request.body);
      checkAddresses(settings);
      if (settings.role !== undefined && settings.role !== 'full') await refuseLastKey(accountId, keyId);
      const isThere = await store.setKeySettings(accountId, keyId, settings, actor, readExpected(request));
      if (!isThere) throw notFound('key');
      const key = await find(accountId, keyId);
      return tell(reply, versionOfKey(key)).send(toKeyAnswer(key));
    },
  );

  api.post(
    '/keys/:keyId/rotate',
    {
      ...needs('owner'),
      schema: describe(
        'Make a new key in the place of an old one, which is disabled',
        'keys',
        { ...schema, body: RotateKeyBody },
        { 201: NewKeyAnswer },
        'not_found',
        'limit_reached',
      ),
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const { keyId } = request.params;
      const { name, role, addresses } = await find(caller.accountId, keyId);
      const key = await create(caller, { name, role, addresses });
      // Disabled second: a crash in between leaves a key too many, never one too few.
      if (request.body.keepOld !== true)
        await store.setKeyState(caller.accountId, keyId, 'disabled', caller.actor);
      return reply.code(201).send(key);
    },
  );

  for (const [verb, state] of [
    ['disable', 'disabled'],
    ['enable', 'active'],
  ] as const) {
    api.post(
      `/keys/:keyId/${verb}`,
      {
        ...needs('owner'),
        schema: describe(
          `${verb === 'disable' ? 'Disable' : 'Enable'} an access key`,
          'keys',
          schema,
          { 200: KeyAnswer },
          'not_found',
          'last_one',
        ),
      },
      async (request) => {
        const { accountId, actor } = callerOf(request);
        const { keyId } = request.params;
        if (state === 'disabled') await refuseLastKey(accountId, keyId);
        if (!(await store.setKeyState(accountId, keyId, state, actor))) throw notFound('key');
        return toKeyAnswer(await find(accountId, keyId));
      },
    );
  }

  /** Without any key of all rights nobody could make another. */
  async function refuseLastKey(accountId: AccountId, keyId: string): Promise<void> {
    const full = (await store.listKeys(accountId)).filter(
      ({ state, role }) => state === 'active' && role === 'full',
    );
    if (full.length === 1 && full[0]?.id === keyId)
      throw new GatewayError(
        'last_one',
        'This is the last key that may do everything. Make another one first.',
      );
  }
}

/** A key as answered, without its secret. */
export function toKeyAnswer(key: Omit<AccessKey, 'secret' | 'accountId'>): Static<typeof KeyAnswer> {
  const { id, name, role, addresses, state, createdAt, usedAt } = key;
  return {
    id,
    name,
    role,
    addresses: [...addresses],
    state,
    createdAt: toTime(createdAt),
    usedAt: usedAt === null ? null : toTime(usedAt),
  };
}

/** The members that were given; left out ones are undefined. */
function toSettings({ name, role, addresses }: Static<typeof KeyBody>): KeySettings {
  return {
    ...(name === undefined ? {} : { name }),
    ...(role === undefined ? {} : { role }),
    ...(addresses === undefined ? {} : { addresses }),
  };
}

function checkAddresses({ addresses = [] }: KeySettings): void {
  const wrong = addresses.findIndex((text) => toRange(text) === undefined);
  if (wrong >= 0)
    throw new FieldError(
      'bad_request',
      `addresses.${wrong}`,
      `addresses.${wrong}: has to be an address or a CIDR range such as 192.0.2.0/24.`,
    );
}
