import { Type } from '@fastify/type-provider-typebox';
import type { Static } from '@fastify/type-provider-typebox';
import type { NewlyMadeKey } from '../../core/accounts/keys.ts';
import { changeKey, createKey, findKey, rotateKey, switchKey } from '../../core/accounts/keys.ts';
import type { AccessKey, KeySettings } from '../../domain/account.ts';
import { FieldError } from '../../domain/errors.ts';
import { faultOf, faultTexts } from '../../domain/faults.ts';
import { toTime } from '../../domain/time.ts';
import { versionOfKey } from '../../domain/version.ts';
import { toRange } from '../../http/addresses.ts';
import { needs } from './access.ts';
import { callerOf } from './auth.ts';
import type { ApiDeps } from './deps.ts';
import { describe } from './route.ts';
import type { Api } from './route.ts';
import { pageOf } from './schemas.ts';
import { KeyAnswer, KeyBody, NewKeyAnswer, RotateKeyBody } from './schemas-users.ts';
import { changeHeaders, readExpected, tell } from './versions.ts';

/** What these routes work with. */
type KeyApiDeps = ApiDeps<'createKey' | 'listKeys' | 'setKeySettings' | 'setKeyState'>;

const ofKey = { params: Type.Object({ keyId: Type.String({ maxLength: 128 }) }) };

/** Access keys: what they may do, from where, and when they were last used. */
export function keyApi(api: Api, deps: KeyApiDeps): void {
  listKeys(api, deps);
  makeKey(api, deps);
  readKey(api, deps);
  patchKey(api, deps);
  replaceKey(api, deps);
  switchKeyTo('disabled', api, deps);
  switchKeyTo('active', api, deps);
}

function listKeys(api: Api, { store }: KeyApiDeps): void {
  api.get(
    '/keys',
    {
      ...needs('owner'),
      schema: describe('List access keys', 'keys', {}, { 200: pageOf(KeyAnswer) }),
    },
    async (request) => ({
      items: (await store.listKeys(callerOf(request).accountId)).map(toKeyAnswer),
      next: null,
    }),
  );
}

function makeKey(api: Api, deps: KeyApiDeps): void {
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
    async (request, reply) => {
      const key = await createKey(deps, callerOf(request), readSettings(request.body));
      return reply.code(201).send(toNewKeyAnswer(key));
    },
  );
}

function readKey(api: Api, { store }: KeyApiDeps): void {
  api.get(
    '/keys/:keyId',
    {
      ...needs('owner'),
      schema: describe('Read an access key', 'keys', ofKey, { 200: KeyAnswer }, 'not_found'),
    },
    async (request, reply) => {
      const key = await findKey(store, callerOf(request).accountId, request.params.keyId);
      return tell(reply, versionOfKey(key)).send(toKeyAnswer(key));
    },
  );
}

function patchKey(api: Api, deps: KeyApiDeps): void {
  api.patch(
    '/keys/:keyId',
    {
      ...needs('owner'),
      schema: describe(
        'Change what a key is called, what it may do, how much, or from where',
        'keys',
        { ...ofKey, body: KeyBody, headers: changeHeaders },
        { 200: KeyAnswer },
        'not_found',
        'last_one',
        'changed_meanwhile',
      ),
    },
    async (request, reply) => {
      const settings = readSettings(request.body);
      const expected = readExpected(request);
      const key = await changeKey(deps, callerOf(request), request.params.keyId, settings, expected);
      return tell(reply, versionOfKey(key)).send(toKeyAnswer(key));
    },
  );
}

function replaceKey(api: Api, deps: KeyApiDeps): void {
  api.post(
    '/keys/:keyId/rotate',
    {
      ...needs('owner'),
      schema: describe(
        'Make a new key in the place of an old one, which is disabled',
        'keys',
        { ...ofKey, body: RotateKeyBody },
        { 201: NewKeyAnswer },
        'not_found',
        'limit_reached',
      ),
    },
    async (request, reply) => {
      const { keepOld = false } = request.body;
      const key = await rotateKey(deps, callerOf(request), request.params.keyId, keepOld);
      return reply.code(201).send(toNewKeyAnswer(key));
    },
  );
}

function switchKeyTo(state: AccessKey['state'], api: Api, deps: KeyApiDeps): void {
  const [verb, summary] =
    state === 'disabled'
      ? (['disable', 'Disable an access key'] as const)
      : (['enable', 'Enable an access key'] as const);
  api.post(
    `/keys/:keyId/${verb}`,
    {
      ...needs('owner'),
      schema: describe(summary, 'keys', ofKey, { 200: KeyAnswer }, 'not_found', 'last_one'),
    },
    async (request) => toKeyAnswer(await switchKey(deps, callerOf(request), request.params.keyId, state)),
  );
}

/** A key as answered, without its secret. */
export function toKeyAnswer(
  key: Omit<AccessKey, 'secret' | 'accountId' | 'accountLimits'>,
): Static<typeof KeyAnswer> {
  const { id, name, role, addresses, limits, state, createdAt, usedAt } = key;
  return {
    id,
    name,
    role,
    addresses: [...addresses],
    limits: {
      requestsPerSecond: limits.requestsPerSecond ?? null,
      queuedMessages: limits.queuedMessages ?? null,
      storedBytes: limits.storedBytes ?? null,
    },
    state,
    createdAt: toTime(createdAt),
    usedAt: usedAt === null ? null : toTime(usedAt),
  };
}

/** A key as answered once, when it is made. */
function toNewKeyAnswer(key: NewlyMadeKey): Static<typeof NewKeyAnswer> {
  return { ...toKeyAnswer(key), secret: key.secret };
}

/** The members that were given; left out ones are undefined. Throws `bad_request` for what is no range of addresses. */
function readSettings({ name, role, addresses, limits }: Static<typeof KeyBody>): KeySettings {
  const wrong = addresses?.findIndex((text) => toRange(text) === undefined) ?? -1;
  if (wrong >= 0)
    throw new FieldError(
      'bad_request',
      `addresses.${wrong}`,
      `addresses.${wrong}: ${faultTexts.key_address}`,
      faultOf('key_address'),
    );
  return {
    ...(name === undefined ? {} : { name }),
    ...(role === undefined ? {} : { role }),
    ...(addresses === undefined ? {} : { addresses }),
    ...(limits === undefined ? {} : { limits }),
  };
}
