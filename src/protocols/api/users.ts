import { Type } from '@fastify/type-provider-typebox';
import type { Static } from '@fastify/type-provider-typebox';
import type { Passwords } from '../../core/accounts/passwords.ts';
import { addUser, changeUser, findUser, removeUser } from '../../core/accounts/users.ts';
import { toTime } from '../../domain/time.ts';
import type { User } from '../../domain/user.ts';
import { versionOfUser } from '../../domain/version.ts';
import { needs } from './access.ts';
import { callerOf } from './auth.ts';
import type { ApiDeps } from './deps.ts';
import { describe, NoContent } from './route.ts';
import type { Api } from './route.ts';
import { pageOf } from './schemas.ts';
import { NewUserBody, UserAnswer, UserBody } from './schemas-users.ts';
import { changeHeaders, readExpected, tell } from './versions.ts';

const ofUser = { params: Type.Object({ userId: Type.String({ maxLength: 64 }) }) };

/** What the routes of people work with. */
interface UserApiDeps extends ApiDeps<'changeUser' | 'createUser' | 'deleteUser' | 'listUsers'> {
  readonly passwords: Passwords;
}

/** The people of an account; each change of a user's password or state ends his sessions. */
export function userApi(api: Api, deps: UserApiDeps): void {
  listUsers(api, deps);
  makeUser(api, deps);
  readUser(api, deps);
  patchUser(api, deps);
  deleteUser(api, deps);
}

function listUsers(api: Api, { store }: UserApiDeps): void {
  api.get(
    '/users',
    { ...needs('owner'), schema: describe('List users by name', 'users', {}, { 200: pageOf(UserAnswer) }) },
    async (request) => ({
      items: (await store.listUsers(callerOf(request).accountId)).map(toAnswer),
      next: null,
    }),
  );
}

function makeUser(api: Api, deps: UserApiDeps): void {
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
    async (request, reply) =>
      reply.code(201).send(toAnswer(await addUser(deps, callerOf(request), request.body))),
  );
}

function readUser(api: Api, { store }: UserApiDeps): void {
  api.get(
    '/users/:userId',
    {
      ...needs('owner'),
      schema: describe('Read a user', 'users', ofUser, { 200: UserAnswer }, 'not_found'),
    },
    async (request, reply) => {
      const user = await findUser(store, callerOf(request).accountId, request.params.userId);
      return tell(reply, versionOfUser(user)).send(toAnswer(user));
    },
  );
}

function patchUser(api: Api, deps: UserApiDeps): void {
  api.patch(
    '/users/:userId',
    {
      ...needs('owner'),
      schema: describe(
        'Change a user’s role, state or password, or take his codes away',
        'users',
        { ...ofUser, body: UserBody, headers: changeHeaders },
        { 200: UserAnswer },
        'not_found',
        'last_one',
        'wrong_state',
        'too_many',
        'changed_meanwhile',
      ),
    },
    async (request, reply) => {
      const expected = readExpected(request);
      const user = await changeUser(deps, callerOf(request), request.params.userId, request.body, expected);
      return tell(reply, versionOfUser(user)).send(toAnswer(user));
    },
  );
}

function deleteUser(api: Api, deps: UserApiDeps): void {
  api.delete(
    '/users/:userId',
    {
      ...needs('owner'),
      schema: describe(
        'Take a user away',
        'users',
        { ...ofUser, headers: changeHeaders },
        { 204: NoContent },
        'not_found',
        'last_one',
        'wrong_state',
        'changed_meanwhile',
      ),
    },
    async (request, reply) => {
      await removeUser(deps, callerOf(request), request.params.userId, readExpected(request));
      return reply.code(204).send(null);
    },
  );
}

function toAnswer(user: User): Static<typeof UserAnswer> {
  const { id, name, role, state, identity, totpActive, recoveryCodes } = user;
  const { passwordEndsAt, createdAt, signedInAt, usedAt } = user;
  return {
    id,
    name,
    role,
    state,
    issuer: identity?.issuer ?? null,
    totp: totpActive,
    recoveryCodes: recoveryCodes.length,
    passwordEndsAt: passwordEndsAt === null ? null : toTime(passwordEndsAt),
    createdAt: toTime(createdAt),
    signedInAt: signedInAt === null ? null : toTime(signedInAt),
    usedAt: usedAt === null ? null : toTime(usedAt),
  };
}
