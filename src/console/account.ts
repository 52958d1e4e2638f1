import { randomBytes } from 'node:crypto';
import { Type } from 'typebox';
import type { AccessKey } from '../domain/account.ts';
import { GatewayError } from '../domain/errors.ts';
import { describe, notFound, toPageRequest, toTime } from './api.ts';
import type { Api, ApiContext } from './api.ts';
import { ChangeAnswer, KeyAnswer, NoticeAnswer, PageOf, PageQuery, Time } from './schemas.ts';

const KeyParams = Type.Object({ keyId: Type.String({ maxLength: 128 }) });

/** Makes an access key in the shape that the cloud's own have. */
export function generateKey(): { id: string; secret: string } {
  return {
    id: `LTAI${randomBytes(15).toString('hex').slice(0, 20)}`,
    secret: randomBytes(24).toString('base64url').slice(0, 30),
  };
}

/** The account itself, its keys, and what happened to it. */
export function accountApi(api: Api, { store, who, now }: ApiContext): void {
  const schema = { params: KeyParams };

  api.get(
    '/account',
    {
      schema: describe(
        'The account of the key',
        'account',
        {},
        { 200: Type.Object({ id: Type.String(), name: Type.String(), createdAt: Time }) },
      ),
    },
    async (request) => {
      const { accountId } = who(request);
      const account = (await store.listAccounts()).find(({ id }) => id === accountId);
      if (account === undefined) throw notFound('account');
      return { id: String(account.id), name: account.name, createdAt: toTime(account.createdAt) };
    },
  );

  api.get(
    '/keys',
    { schema: describe('List access keys', 'keys', {}, { 200: PageOf(KeyAnswer) }) },
    async (request) => ({
      items: (await store.listKeys(who(request).accountId)).map(toAnswer),
      next: null,
    }),
  );

  api.post(
    '/keys',
    { schema: describe('Make an access key; its secret is shown once', 'keys', {}, { 201: KeyAnswer }) },
    async (request, reply) => {
      const { accountId, actor } = who(request);
      const key = generateKey();
      await store.createKey({ ...key, accountId }, actor);
      return reply
        .code(201)
        .send({ id: key.id, state: 'active', createdAt: toTime(now()), secret: key.secret });
    },
  );

  for (const [verb, state] of [
    ['disable', 'disabled'],
    ['enable', 'active'],
  ] as const) {
    api.post(
      `/keys/:keyId/${verb}`,
      {
        schema: describe(`${verb === 'disable' ? 'Disable' : 'Enable'} an access key`, 'keys', schema, {
          200: KeyAnswer,
        }),
      },
      async (request) => {
        const { accountId, actor } = who(request);
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
        { querystring: PageQuery },
        { 200: PageOf(NoticeAnswer) },
      ),
    },
    async (request) => {
      const { items, next } = await store.listNotices(who(request).accountId, toPageRequest(request.query));
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
        { querystring: PageQuery },
        { 200: PageOf(ChangeAnswer) },
      ),
    },
    async (request) => {
      const { items, next } = await store.listChanges(who(request).accountId, toPageRequest(request.query));
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

function toAnswer({ id, state, createdAt }: AccessKey): { id: string; state: string; createdAt: string } {
  return { id, state, createdAt: toTime(createdAt) };
}
