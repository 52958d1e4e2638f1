import { randomBytes } from 'node:crypto';
import { Type } from '@fastify/type-provider-typebox';
import type { Static } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import type { AccessKey } from '../domain/account.ts';
import { GatewayError } from '../domain/errors.ts';
import type { ApiDeps } from './deps.ts';
import { callerOf } from './auth.ts';
import { describe, notFound, toPageRequest, toTime } from './route.ts';
import type { Api } from './route.ts';
import {
  AccountAnswer,
  ChangeAnswer,
  KeyAnswer,
  listQuery,
  NewKeyAnswer,
  NoticeAnswer,
  pageOf,
  RotateKeyBody,
} from './schemas.ts';

const maxKeys = 100;

const KeyParams = Type.Object({ keyId: Type.String({ maxLength: 128 }) });

/** Makes an access key in the shape that the cloud's own have. */
export function generateKey(): { id: string; secret: string } {
  return {
    id: `LTAI${randomBytes(15).toString('hex').slice(0, 20)}`,
    secret: randomBytes(24).toString('base64url').slice(0, 30),
  };
}

/** The account itself, its keys, and what happened to it. */
export function accountApi(api: Api, { store, now }: ApiDeps): void {
  const schema = { params: KeyParams };

  api.get(
    '/account',
    {
      schema: describe('The account of the key', 'account', {}, { 200: AccountAnswer }),
    },
    async (request) => {
      const { accountId } = callerOf(request);
      const account = (await store.listAccounts()).find(({ id }) => id === accountId);
      if (account === undefined) throw notFound('account');
      return { id: String(account.id), name: account.name, createdAt: toTime(account.createdAt) };
    },
  );

  api.get(
    '/keys',
    { schema: describe('List access keys', 'keys', {}, { 200: pageOf(KeyAnswer) }) },
    async (request) => ({
      items: (await store.listKeys(callerOf(request).accountId)).map(toAnswer),
      next: null,
    }),
  );

  async function createKey(request: FastifyRequest): Promise<Static<typeof NewKeyAnswer>> {
    const { accountId, actor } = callerOf(request);
    if ((await store.listKeys(accountId)).length >= maxKeys)
      throw new GatewayError('conflict', `An account has at most ${maxKeys} keys.`);
    const key = generateKey();
    await store.createKey({ ...key, accountId }, actor);
    return { ...key, state: 'active', createdAt: toTime(now()) };
  }

  api.post(
    '/keys',
    {
      schema: describe(
        'Make an access key; its secret is shown once',
        'keys',
        {},
        { 201: NewKeyAnswer },
        'conflict',
      ),
    },
    async (request, reply) => reply.code(201).send(await createKey(request)),
  );

  api.post(
    '/keys/:keyId/rotate',
    {
      schema: describe(
        'Make a new key in the place of an old one, which is disabled',
        'keys',
        { ...schema, body: RotateKeyBody },
        { 201: NewKeyAnswer },
        'not_found',
        'conflict',
      ),
    },
    async (request, reply) => {
      const { accountId, actor } = callerOf(request);
      const { keyId } = request.params;
      if (!(await store.listKeys(accountId)).some(({ id }) => id === keyId)) throw notFound('key');
      const key = await createKey(request);
      // Disabled second: a crash in between leaves a key too many, never one too few.
      if (request.body.keepOld !== true) await store.setKeyState(accountId, keyId, 'disabled', actor);
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
        schema: describe(
          `${verb === 'disable' ? 'Disable' : 'Enable'} an access key`,
          'keys',
          schema,
          {
            200: KeyAnswer,
          },
          'not_found',
          'conflict',
        ),
      },
      async (request) => {
        const { accountId, actor } = callerOf(request);
        const { keyId } = request.params;
        if (state === 'disabled') await refuseLastKey(accountId, keyId);
        if (!(await store.setKeyState(accountId, keyId, state, actor))) throw notFound('key');
        const key = (await store.listKeys(accountId)).find(({ id }) => id === keyId);
        if (key === undefined) throw notFound('key');
        return toAnswer(key);
      },
    );
  }

  /** Without any key nobody could make another. */
  async function refuseLastKey(accountId: number, keyId: string): Promise<void> {
    const active = (await store.listKeys(accountId)).filter((key) => key.state === 'active');
    if (active.length === 1 && active[0]?.id === keyId)
      throw new GatewayError('conflict', 'This is the last key that works. Make another one first.');
  }

  api.get(
    '/notices',
    {
      schema: describe(
        'List operator notices, newest first',
        'journal',
        { querystring: listQuery({}) },
        { 200: pageOf(NoticeAnswer) },
      ),
    },
    async (request) => {
      const { items, next } = await store.listNotices(
        callerOf(request).accountId,
        toPageRequest(request.query),
      );
      return {
        items: items.map(({ id, at, code, subject, text }) => ({
          id: String(id),
          at: toTime(at),
          code,
          subject,
          text,
        })),
        next,
      };
    },
  );

  api.get(
    '/changes',
    {
      schema: describe(
        'List who changed what, newest first',
        'journal',
        { querystring: listQuery({}) },
        { 200: pageOf(ChangeAnswer) },
      ),
    },
    async (request) => {
      const { items, next } = await store.listChanges(
        callerOf(request).accountId,
        toPageRequest(request.query),
      );
      return {
        items: items.map(({ id, at, actor, action, subject, detail }) => ({
          id: String(id),
          at: toTime(at),
          actor,
          action,
          subject,
          detail,
        })),
        next,
      };
    },
  );
}

function toAnswer({ id, state, createdAt }: AccessKey): Static<typeof KeyAnswer> {
  return { id, state, createdAt: toTime(createdAt) };
}
