import { randomUUID } from 'node:crypto';
import { Type } from '@fastify/type-provider-typebox';
import type { Static } from '@fastify/type-provider-typebox';
import type { AccountId } from '../../domain/account.ts';
import { GatewayError, notFound } from '../../domain/errors.ts';
import type { User } from '../../domain/user.ts';
import { versionOfUser } from '../../domain/version.ts';
import type { UserChange } from '../../store/store.ts';
import type { ApiDeps } from './deps.ts';
import { needs } from './access.ts';
import { callerOf } from './auth.ts';
import { checkPassword } from '../../core/accounts/passwords.ts';
import type { Passwords } from '../../core/accounts/passwords.ts';
import { toTime } from '../../domain/time.ts';
import { describe, NoContent } from './route.ts';
import type { Api } from './route.ts';
import { pageOf } from './schemas.ts';
import { NewUserBody, UserAnswer, UserBody } from './schemas-users.ts';
import { requireName } from './sessions.ts';
import { changeHeaders, readExpected, tell } from './versions.ts';

const maxUsers = 1000;

const UserParams = Type.Object({ userId: Type.String({ maxLength: 64 }) });

/** The people of an account; each change of a user's password or state ends his sessions. */
export function userApi(api: Api, { store }: ApiDeps, passwords: Passwords): void {
  const schema = { params: UserParams };

  async function find(accountId: AccountId, userId: string): Promise<User> {
    const user = (await store.listUsers(accountId)).find(({ id }) => id === userId);
    if (user === undefined) throw notFound('user');
    return user;
  }

  api.get(
    '/users',
    { ...needs('owner'), schema: describe('List users by name', 'users', {}, { 200: pageOf(UserAnswer) }) },
    async (request) => ({
      items: (await store.listUsers(callerOf(request).accountId)).map(toAnswer),
      next: null,
    }),
  );

  api.post(
    '/users',
    {
      ...needs('owner'),
      schema: describe(
        'Add a user',
        'users',
        { body: NewUserBody },
        { 201: UserAnswer },
        'conflict',
        'limit_reached',
        'too_many',
      ),
    },
    async (request, reply) => {
      const { accountId, actor } = callerOf(request);
      const name = requireName(request.body.name);
      checkPassword('password', request.body.password, name);
      if ((await store.listUsers(accountId)).length >= maxUsers)
        throw new GatewayError('limit_reached', `An account has at most ${maxUsers} users.`);
      const password = await passwords.hash(request.body.password);
      const user = { id: randomUUID(), name, role: request.body.role, password };
      if ((await store.createUser(accountId, user, actor)) === 'exists')
        throw new GatewayError('conflict', 'There is a user of that name already.');
      return reply.code(201).send(toAnswer(await find(accountId, user.id)));
    },
  );

  api.get(
    '/users/:userId',
    {
      ...needs('owner'),
      schema: describe('Read a user', 'users', schema, { 200: UserAnswer }, 'not_found'),
    },
    async (request, reply) => {
      const user = await find(callerOf(request).accountId, request.params.userId);
      return tell(reply, versionOfUser(user)).send(toAnswer(user));
    },
  );

  api.patch(
    '/users/:userId',
    {
      ...needs('owner'),
      schema: describe(
        'Change a user’s role, state or password, or take his codes away',
        'users',
        { ...schema, body: UserBody, headers: changeHeaders },
        { 200: UserAnswer },
        'not_found',
        'last_one',
        'too_many',
        'changed_meanwhile',
      ),
    },
    async (request, reply) => {
      const { accountId, actor } = callerOf(request);
      const expected = readExpected(request);
      const user = await find(accountId, request.params.userId);
      const { role, state, password, totp } = request.body;
      if (password !== undefined) checkPassword('password', password, user.name);
      const change: UserChange = {
        ...(role === undefined ? {} : { role }),
        ...(state === undefined ? {} : { state }),
        ...(password === undefined ? {} : { password: await passwords.hash(password) }),
        ...(totp === undefined ? {} : { totpSecret: null, totpActive: false }),
      };
      refuse(await store.changeUser(accountId, user.id, change, actor, expected));
      const changed = await find(accountId, user.id);
      return tell(reply, versionOfUser(changed)).send(toAnswer(changed));
    },
  );

  api.delete(
    '/users/:userId',
    {
      ...needs('owner'),
      schema: describe(
        'Take a user away',
        'users',
        { ...schema, headers: changeHeaders },
        { 204: NoContent },
        'not_found',
        'last_one',
        'changed_meanwhile',
      ),
    },
    async (request, reply) => {
      const { accountId, actor } = callerOf(request);
      refuse(await store.deleteUser(accountId, request.params.userId, actor, readExpected(request)));
      return reply.code(204).send(null);
    },
  );
}

function refuse(outcome: 'done' | 'missing' | 'last_owner'): void {
  if (outcome === 'missing') throw notFound('user');
  if (outcome === 'last_owner')
    throw new GatewayError('last_one', 'This is the last owner who is active. Make another one first.');
}

function toAnswer(user: User): Static<typeof UserAnswer> {
  const { id, name, role, state, totpActive, createdAt, signedInAt } = user;
  return {
    id,
    name,
    role,
    state,
    totp: totpActive,
    createdAt: toTime(createdAt),
    signedInAt: signedInAt === null ? null : toTime(signedInAt),
  };
}
