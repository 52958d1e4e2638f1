// Every operation that is offered, each answer walked against the vendor's own table of types.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { offeredOperations } from '../../../src/protocols/cams/operations.ts';
import { system } from '../../../src/domain/account.ts';
import type { CamsApp } from '../../support/cams-app.ts';
import { countMessages, from, goodCalls, open, optionsOf } from './bed.ts';

const table = new URL('../../../../shared/spec/cams-openapi-ops.json', import.meta.url);

interface TypeTable {
  readonly ops: Readonly<
    Record<
      string,
      {
        readonly request: Readonly<Record<string, { readonly required?: boolean }>>;
        readonly response: Readonly<Record<string, { readonly type: unknown }>>;
      }
    >
  >;
}

/** Sends a message with the template, and has the channel take all that wait. */
async function takeAll({ call, store, accountId, clock, templateCode }: CamsApp & { templateCode: string }) {
  await call('SendChatappMassMessage', goodCalls(templateCode)['SendChatappMassMessage'] ?? {});
  const key = { accountId, channelId: 'sandbox', senderId: from };
  const claim = () => store.claimOutbound({ ...key, limit: 10, now: clock.now(), leaseMs: 1000 });
  for (let claimed = await claim(); claimed.length > 0; claimed = await claim())
    await store.settleOutbound(
      claimed.map(({ message: { id } }) => ({
        accountId,
        id,
        attempt: null,
        next: { kind: 'accepted', channelMessageId: `w${id}`, nextStepAt: null },
      })),
    );
}

/** What is needed beside what the table says, where no alternative is given. */
const alsoRequired: Readonly<Record<string, readonly string[]>> = {
  QueryTokenForMnsQueue: ['MessageType'],
  SendChatappMessage: ['MessageType', 'Content'],
  SendChatappMassMessage: ['TemplateCode', 'SenderList'],
  ModifyChatappTemplate: ['TemplateCode'],
  DeleteChatappTemplate: ['TemplateCode'],
  GetChatappTemplateDetail: ['TemplateCode'],
};

/** What the table calls required and callers leave out all the same: the number alone says whose messages. */
const optionalHere: Readonly<Record<string, readonly string[]>> = {
  ListChatappMessage: ['CustSpaceId'],
};

/** The vendor has codes of its own for some members that are missing. */
const businessCodes = [
  'TemplateCodeNotEmpty',
  'LanguageNotEmpty',
  'MessageTypeNotEmpty',
  'ContentNotEmpty',
].map((code) => `InvalidParameter.${code}`);

/** Says what of a value the TypeScript SDK would refuse. */
function findMismatch(value: unknown, type: unknown, path: string): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (type === 'string') return typeof value === 'string' ? undefined : `${path} is no string`;
  if (type === 'number') return typeof value === 'number' ? undefined : `${path} is no number`;
  if (type === 'boolean') return typeof value === 'boolean' ? undefined : `${path} is no boolean`;
  if (typeof type !== 'object' || type === null) return undefined;
  if ('array' in type) {
    if (!Array.isArray(value)) return `${path} is no array`;
    return value.map((item, n) => findMismatch(item, type.array, `${path}[${n}]`)).find(Boolean);
  }
  if (typeof value !== 'object' || Array.isArray(value)) return `${path} is no object`;
  if (!('object' in type)) return undefined;
  const members = type.object as Readonly<Record<string, { readonly type: unknown }>>;
  return Object.entries(value)
    .map(([name, item]) =>
      name in members
        ? findMismatch(item, members[name]?.type, `${path}.${name}`)
        : `${path}.${name} is not in the table`,
    )
    .find(Boolean);
}

describe('every offered operation', { skip: existsSync(table) ? false : 'the table is not here' }, () => {
  const { ops } = existsSync(table)
    ? (JSON.parse(readFileSync(table, 'utf8')) as TypeTable)
    : { ops: {} as TypeTable['ops'] };

  it('answers what its table of types allows', async (t) => {
    for (const operation of offeredOperations) {
      const app = await open(t);
      const values = goodCalls(app.templateCode)[operation];
      assert.ok(values !== undefined, `${operation} has no call here`);
      // Something to list.
      await app.call('SendChatappMessage', goodCalls(app.templateCode)['SendChatappMessage'] ?? {});
      if (operation === 'ModifyChatappTemplate') {
        const [template] = await app.store.findTemplates(app.accountId, {});
        if (template !== undefined)
          await app.store.updateTemplate(app.accountId, { ...template, status: 'fail' }, system);
      }
      if (operation.endsWith('Metric')) await takeAll(app);
      const { status, body } = await app.call(operation, values, optionsOf(operation));
      if (operation.endsWith('Metric')) assert.notDeepEqual(body['Data'], [], operation);
      assert.deepEqual([status, body['Code']], [200, 'OK'], `${operation}: ${JSON.stringify(body)}`);
      const { response } = ops[operation] ?? { response: undefined };
      if (response === undefined) continue;
      for (const [name, value] of Object.entries(body))
        assert.equal(
          name in response ? findMismatch(value, response[name]?.type, name) : `${name} is not in the table`,
          undefined,
          operation,
        );
    }
  });

  it('says which required parameter is missing, and does nothing', async (t) => {
    const app = await open(t);
    let tried = 0;
    for (const operation of offeredOperations) {
      const values = goodCalls(app.templateCode)[operation] ?? {};
      const required = Object.entries(ops[operation]?.request ?? {})
        .filter(([, { required: isRequired }]) => isRequired === true)
        .map(([name]) => name)
        .filter((name) => optionalHere[operation]?.includes(name) !== true);
      // The operation of the other service has no row in the table; what the table calls optional is needed here by some.
      required.push(...(alsoRequired[operation] ?? []));
      for (const name of required) {
        assert.ok(name in values, `the call of ${operation} here has no ${name}`);
        const { [name]: _left, ...rest } = values;
        for (const incomplete of [rest, { ...rest, [name]: '' }]) {
          const { status, body } = await app.call(operation, incomplete, optionsOf(operation));
          const isBusiness = businessCodes.includes(String(body['Code']));
          assert.ok(
            isBusiness || body['Code'] === 'MissingParameter',
            `${operation}: ${JSON.stringify(body)}`,
          );
          assert.equal(status, isBusiness ? 200 : 400, `${operation} without ${name}`);
          assert.match(String(body['Message']), new RegExp(name), `${operation} without ${name}`);
          tried += 1;
        }
      }
    }
    assert.ok(tried > 40);
    assert.equal(await countMessages(app), 0);
  });

  it('takes text that cannot be stored, and JSON that is none, for what they are', async (t) => {
    const app = await open(t);
    let tried = 0;
    for (const operation of offeredOperations) {
      const values = goodCalls(app.templateCode)[operation] ?? {};
      for (const name of Object.keys(values))
        for (const bad of [
          '\0',
          'a\0b',
          '{"a":"\\ud800"}',
          '{"text":"\\u0000"}',
          '{',
          '[{}]',
          '+1',
          '-1',
          'x'.repeat(70_000),
        ]) {
          const { status, body } = await app.call(
            operation,
            { ...values, [name]: bad },
            { ...optionsOf(operation), form: true },
          );
          assert.ok(
            status < 500,
            `${operation} with ${name} ${JSON.stringify(bad.slice(0, 20))}: ${JSON.stringify(body)}`,
          );
          tried += 1;
        }
    }
    assert.ok(tried > 300);
  });
});

it('takes members of nested parameters in keys of any case', async (t) => {
  const app = await open(t);
  const recipient = {
    to: '8613900000001',
    TEMPLATEPARAMS: { name: 'Bob', p: 'x' },
    payload: ['yes'],
  };
  const sent = await app.call('SendChatappMassMessage', {
    ...(goodCalls(app.templateCode)['SendChatappMassMessage'] ?? {}),
    SenderList: JSON.stringify([recipient]),
  });
  assert.equal(sent.body['Code'], 'OK', sent.text);
  const [message] = (await app.store.listOutbound(app.accountId, {}, { limit: 1 })).items;
  assert.deepEqual(
    [message?.to, message?.envelope.templateParams, message?.envelope.payload],
    [recipient.to, { name: 'Bob', p: 'x' }, ['yes']],
  );
  const made = await app.call('CreateChatappTemplate', {
    ...(goodCalls(app.templateCode)['CreateChatappTemplate'] ?? {}),
    Components: JSON.stringify([
      { type: 'body', TEXT: 'Hi' },
      { TYPE: 'Buttons', buttons: [{ type: 'quick_reply', text: 'Yes' }] },
    ]),
  });
  assert.equal(made.body['Code'], 'OK', made.text);
  const [template] = await app.store.findTemplates(app.accountId, { name: 'other' });
  assert.deepEqual(template?.components, [
    { Type: 'BODY', Text: 'Hi' },
    { Type: 'BUTTONS', Buttons: [{ Type: 'QUICK_REPLY', Text: 'Yes' }] },
  ]);
});
