// The JSON of sessions, users, keys and accounts.
import { Type } from '@fastify/type-provider-typebox';
import { largestLimits, limitNames } from '../../domain/limits.ts';
import type { LimitName } from '../../domain/limits.ts';
import { keyRoles } from '../../domain/account.ts';
import { userRoles } from '../../domain/user.ts';
import { passwordLength } from '../../core/accounts/passwords.ts';
import { closed, DigitsId, NullableTime, Time } from './schemas.ts';

const UserName = Type.String({
  minLength: 1,
  maxLength: 100,
  description: 'Letters and digits of any language and . _ @ + -; upper and lower case are the same.',
  examples: ['ana@example.com', '李雷'],
});
/** Of a password that is only looked at, so it may be any. */
const AnyPassword = Type.String({ minLength: 1, maxLength: 1024 });
const NewPassword = Type.String({
  minLength: 1,
  maxLength: passwordLength.max,
  description: `At least ${passwordLength.min} characters, and none of those that are guessed first.`,
  examples: ['correct horse battery'],
});
const Code = Type.String({
  pattern: '^[0-9]{6}$',
  description: 'Of the authenticator app.',
  examples: ['123456'],
});
const Issuer = Type.Union([Type.String(), Type.Null()], {
  description: "The company's provider by which the user signs in; null of one with a password here.",
});
const KeyId = Type.String({ minLength: 1, maxLength: 128 });
const KeySecret = Type.String({ minLength: 1, maxLength: 256 });

/** Which of the sessions that a browser keeps goes on. */
export const SwitchBody = Type.Object(
  { account: Type.String({ maxLength: 20, description: 'Uid of an account of `others`.' }) },
  { additionalProperties: false, examples: [{ account: '1000000000000002' }] },
);

export const AccountAnswer = Type.Object(
  {
    id: DigitsId,
    name: Type.String(),
    first: Type.Boolean({ description: 'Made at the first start: its owners make the other accounts.' }),
    createdAt: Time,
  },
  { title: 'Account' },
);

export const SessionAnswer = Type.Object(
  {
    state: Type.Enum(['setup', 'signed_out', 'signed_in'], {
      description: '`setup`: the account of the first start has no user yet.',
    }),
    account: Type.Optional(AccountAnswer),
    user: Type.Optional(
      Type.Object({
        id: Type.Union([Type.String(), Type.Null()], { description: 'Null when an access key signed in.' }),
        name: Type.String(),
        role: Type.Enum([...userRoles]),
        issuer: Issuer,
        totp: Type.Boolean({ description: 'Whether signing in takes a code.' }),
        recoveryCodes: Type.Integer({ description: 'How many recovery codes are left.' }),
      }),
    ),
    others: Type.Optional(
      Type.Array(
        Type.Object({
          account: Type.Object({ id: Type.String(), name: Type.String() }),
          user: Type.Object({ name: Type.String(), role: Type.Enum([...userRoles]) }),
        }),
        { description: 'Sessions of other accounts that this browser keeps, to switch to.' },
      ),
    ),
    idleExpiresAt: Type.Optional(Time),
    expiresAt: Type.Optional(Time),
    ways: Type.Object(
      {
        password: Type.Boolean({
          description: 'False where a password opens nothing but what an operator made it for.',
        }),
        company: Type.Union(
          [
            Type.Object({
              label: Type.Union([Type.String(), Type.Null()], { description: 'What its button says.' }),
            }),
            Type.Null(),
          ],
          { description: "Sign-in by the company's provider; null where there is none." },
        ),
      },
      { description: 'How people sign in; an access key always does.' },
    ),
    version: Type.String(),
  },
  { title: 'Session' },
);

const keep = Type.Optional(
  Type.Boolean({
    description:
      'Keep the session of another account that this browser uses, to switch back to; it ends when left out.',
  }),
);

export const CompanySignInQuery = Type.Object({ keep }, closed);

export const CompanySignInAnswer = Type.Object(
  { url: Type.String({ description: 'Where the browser has to go.' }) },
  { title: 'CompanySignIn' },
);

export const SetupBody = Type.Object(
  { keyId: KeyId, keySecret: KeySecret, name: UserName, password: NewPassword },
  closed,
);

export const SignInBody = Type.Object(
  {
    name: Type.Optional(UserName),
    password: Type.Optional(AnyPassword),
    code: Type.Optional(Code),
    recoveryCode: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 64,
        description: 'One of the recovery codes, in the place of a code of the app; it is used up.',
      }),
    ),
    newPassword: Type.Optional({
      ...NewPassword,
      description: 'In the place of a password that is good for one sign-in.',
    }),
    account: Type.Optional(
      Type.String({ maxLength: 20, description: 'Uid of the account; the first one when left out.' }),
    ),
    keyId: Type.Optional(KeyId),
    keySecret: Type.Optional(KeySecret),
    keep,
  },
  { ...closed, examples: [{ name: 'ana@example.com', password: 'correct horse battery' }] },
);

export const PasswordBody = Type.Object({ password: AnyPassword }, closed);
export const NewPasswordBody = Type.Object({ password: AnyPassword, newPassword: NewPassword }, closed);
export const CodeBody = Type.Object({ code: Code }, closed);
export const CodeSecretAnswer = Type.Object(
  {
    secret: Type.String({ description: 'In Base32; shown this once.' }),
    uri: Type.String({ description: 'For a QR code.' }),
  },
  { title: 'CodeSecret' },
);

export const RecoveryCodesAnswer = Type.Object(
  {
    codes: Type.Array(Type.String(), {
      description: 'Each good for one sign-in without the app; shown this once.',
    }),
  },
  { title: 'RecoveryCodes' },
);

export const UserAnswer = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    role: Type.Enum([...userRoles]),
    state: Type.Enum(['active', 'disabled']),
    issuer: Issuer,
    totp: Type.Boolean(),
    recoveryCodes: Type.Integer({ description: 'How many recovery codes are left.' }),
    passwordEndsAt: Type.Union([Time, Type.Null()], {
      description: 'Of a password that is good for one sign-in: until when. Null of any other.',
    }),
    createdAt: Time,
    signedInAt: NullableTime,
    usedAt: Type.Union([Time, Type.Null()], {
      description: 'When the user was last at work here, to about a minute; null for never.',
    }),
  },
  { title: 'User' },
);

export const NewUserBody = Type.Object(
  { name: UserName, role: Type.Enum([...userRoles]), password: NewPassword },
  { ...closed, examples: [{ name: 'bo@example.com', role: 'operator', password: 'correct horse battery' }] },
);

export const UserBody = Type.Object(
  {
    role: Type.Optional(Type.Enum([...userRoles])),
    state: Type.Optional(Type.Enum(['active', 'disabled'])),
    password: Type.Optional(NewPassword),
    totp: Type.Optional(
      Type.Literal(false, { description: 'Takes the authenticator app away, for a user who lost it.' }),
    ),
  },
  { ...closed, examples: [{ role: 'viewer' }] },
);

/** A schema for each limit. */
function ofLimits<T>(make: (name: LimitName) => T): Record<LimitName, T> {
  return Object.fromEntries(limitNames.map((name) => [name, make(name)])) as Record<LimitName, T>;
}

/** A limit, or none. */
function toLimit(name: LimitName, whenNull: string) {
  return Type.Union([Type.Integer({ minimum: 0, maximum: largestLimits[name] }), Type.Null()], {
    description: `${limitMeanings[name]}; 0 is any number, null ${whenNull}.`,
  });
}

const limitMeanings: Readonly<Record<LimitName, string>> = {
  requestsPerSecond: 'Requests in a second, on each node',
  queuedMessages: 'Messages in the queues of the account up to which more may be put in',
  storedBytes: 'Bytes of files of the account up to which more may be uploaded',
};

export const LimitChangesBody = Type.Partial(
  Type.Object(ofLimits((name) => toLimit(name, 'the default of all accounts'))),
  { ...closed, examples: [{ requestsPerSecond: 100, storedBytes: null }] },
);

export const AccountLimitsAnswer = Type.Object(
  ofLimits((name) =>
    Type.Object(
      {
        limit: Type.Union([Type.Integer(), Type.Null()], {
          description: 'What is in force; null for any number.',
        }),
        set: Type.Union([Type.Integer(), Type.Null()], {
          description: 'What was set for this account; null where the default holds, 0 for any number.',
        }),
        used: Type.Union([Type.Integer(), Type.Null()], {
          description:
            name === 'requestsPerSecond'
              ? 'In the last second, on the node that answers; null where they are not counted.'
              : 'What it holds, whoever put it there.',
        }),
      },
      { description: `${limitMeanings[name]}.` },
    ),
  ),
  { title: 'AccountLimits' },
);

const keySettings = {
  name: Type.String({ maxLength: 100, pattern: '^[^\\u0000-\\u001f\\u007f]*$' }),
  role: Type.Enum([...keyRoles], {
    description:
      '`full`: everything. `send`: send messages. `receive`: take receipts and queue messages. `read`: look, but at no secret.',
  }),
  addresses: Type.Array(Type.String({ maxLength: 50 }), {
    maxItems: 50,
    description: 'Addresses and CIDR ranges that it may be used from; empty for any.',
    examples: [['192.0.2.0/24']],
  }),
};

const keyLimits = Type.Object(
  ofLimits((name) => toLimit(name, 'none of its own')),
  {
    description: "What may be done with it, within its account's limits.",
  },
);

export const KeyBody = Type.Partial(
  Type.Object({ ...keySettings, limits: Type.Partial(keyLimits, closed) }),
  {
    ...closed,
    examples: [{ name: 'puller', role: 'receive', addresses: ['192.0.2.7'] }],
  },
);

const keyMembers = {
  id: Type.String(),
  ...keySettings,
  limits: keyLimits,
  state: Type.Enum(['active', 'disabled']),
  createdAt: Time,
  usedAt: Type.Union([Time, Type.Null()], { description: 'To about a minute; null when it never was.' }),
};
export const KeyAnswer = Type.Object(keyMembers, { title: 'Key' });
export const NewKeyAnswer = Type.Object(
  { ...keyMembers, secret: Type.String({ description: 'Shown this once.' }) },
  { title: 'NewKey' },
);
export const RotateKeyBody = Type.Object(
  {
    keepOld: Type.Optional(
      Type.Boolean({ description: 'Leaves the old key active, to be disabled once nobody uses it.' }),
    ),
  },
  closed,
);

export const AccountBody = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 200, pattern: '^[^\\u0000-\\u001f\\u007f]*$' }),
    id: Type.Optional(
      Type.String({ pattern: '^[1-9][0-9]{0,15}$', description: 'Uid; at random when left out.' }),
    ),
  },
  { ...closed, examples: [{ name: 'Second shop' }] },
);
export const NewAccountAnswer = Type.Object(
  { account: AccountAnswer, key: NewKeyAnswer },
  { title: 'NewAccount' },
);
