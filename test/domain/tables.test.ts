// The small decisions of the domain, each by a table.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toAccountId } from '../../src/domain/account.ts';
import {
  isOpen,
  mergeCredentials,
  toOpenCredentials,
  withoutExpiredSecrets,
} from '../../src/domain/channel.ts';
import type { Channel } from '../../src/domain/channel.ts';
import { patientCams, presets, toDestinationSettings, toRetryDelay } from '../../src/domain/delivery.ts';
import { isErrorCode } from '../../src/domain/errors.ts';
import { isTaken } from '../../src/domain/fallback.ts';
import { faultOf, toFaultText } from '../../src/domain/faults.ts';
import { checked, checkTexts, noticed, toCheckName, tried } from '../../src/domain/findings.ts';
import { isGroupMessageId, toOutboundLane, toTaskKey } from '../../src/domain/message.ts';
import type { NewOutboundMessage } from '../../src/domain/message.ts';
import { fillVariables, findTemplateVariables, findTexts, findVariables } from '../../src/domain/template.ts';
import { toFileType, toMaxBytes, toUploadId } from '../../src/domain/upload.ts';
import { isAtLeast, toUserName, toUserRole, userRoles } from '../../src/domain/user.ts';
import { requireExpected } from '../../src/domain/version.ts';
import { isGatewayError } from '../support/errors.ts';

test('an account is a number of at most 16 digits', () => {
  assert.deepEqual(['1', '9007199254740991'].map(toAccountId), [1, Number.MAX_SAFE_INTEGER]);
  for (const text of ['', '0', '01', '-1', '1.5', '9007199254740992', '12345678901234567', ' 1'])
    assert.equal(toAccountId(text), undefined, text);
});

test('credentials are merged, null takes one away, and old secrets end by their time', () => {
  assert.deepEqual(mergeCredentials({ a: '1', b: '2' }, { a: null, c: '3' }), { b: '2', c: '3' });
  const credentials = {
    appSecret: 'n',
    appSecretPrevious: 'o',
    appSecretPreviousUntil: '2026-11-01T00:00:00Z',
  };
  const channel = { credentials } as unknown as Channel;
  const end = Date.UTC(2026, 10, 1);
  assert.equal(withoutExpiredSecrets(channel, end - 1), channel);
  assert.equal(withoutExpiredSecrets(channel, end).credentials['appSecretPrevious'], undefined);
  assert.equal(withoutExpiredSecrets(channel, end).credentials['appSecret'], 'n');
});

test('the settings of a number that is not proven stay closed', () => {
  const open = (['unknown', 'verified', 'pending', 'failed'] as const).map((verification) =>
    isOpen({ verification }),
  );
  assert.deepEqual(open, [true, true, false, false]);
});

test('a destination is pushed to by its preset, or by settings of its own', () => {
  assert.deepEqual(toDestinationSettings('cams'), {
    preset: 'cams',
    batchSize: 1,
    concurrency: 32,
    timeoutMs: 3000,
    scheduleMs: presets.cams.scheduleMs,
  });
  assert.equal(toDestinationSettings(patientCams), patientCams);
  assert.equal(patientCams.scheduleMs, presets.standard.scheduleMs);
  assert.deepEqual(
    [0, 1, 2].map((tries) => toRetryDelay([0, 5000], tries, 0.5, null)),
    [0, 5000, undefined],
  );
  assert.equal(toRetryDelay([0, 5000], 1, 0.5, 7000), 7000);
});

test('codes, answers and texts are what the tables say', () => {
  assert.ok(isErrorCode('not_found') && !isErrorCode('toString') && !isErrorCode(''));
  assert.deepEqual([null, 199, 200, 299, 300].map(isTaken), [false, false, true, true, false]);
  assert.equal(checked('senders_added', { count: 2 }).text, 'The channel has senders, 2 in all.');
  assert.equal(tried('receipt_taken', { said: '200' }).text, 'A signed test receipt was acknowledged (200).');
  const { text, params } = noticed('channel_unwell', { findings: 'The token ended.', channelId: 'c1' });
  assert.deepEqual(
    [text, params],
    ['The channel c1 does not pass its check. The token ended.', { channelId: 'c1' }],
  );
});

test('what a vendor said ends as a sentence before the next one, once', () => {
  const advice = 'Put a new accessToken of a system user who may use the WABA.';
  for (const [said, told] of [
    ['(#190) Invalid token', '(#190) Invalid token.'],
    ['Invalid token.', 'Invalid token.'],
    ['Who asks?', 'Who asks?'],
  ] as const) {
    assert.equal(checked('token_refused', { said }).text, `${told} ${advice}`);
    assert.equal(
      checked('token_invalid_said', { said }).text,
      `The access token is not valid: ${told} ${advice}`,
    );
  }
  assert.equal(tried('receipt_taken', { said: '200' }).text, 'A signed test receipt was acknowledged (200).');
});

test('a finding is a sentence of its own, whatever name stands before it', () => {
  const cut = Object.values(checkTexts).filter((text) => /^(?:Is|Has|Set|Without|\{count\})\b/.test(text));
  assert.deepEqual(cut, []);
});

test('messages are told apart by channel, sender, recipient and task', () => {
  assert.ok(isGroupMessageId('1'.repeat(20)) && !isGroupMessageId('1'.repeat(21)));
  const lanes = [
    ['c', 's', 'u'],
    ['d', 's', 'u'],
    ['c', 't', 'u'],
    ['c', 's', 'v'],
  ].map(([channel = '', sender = '', to = '']) => toOutboundLane(channel, sender, to));
  assert.equal(new Set(lanes).size, 4);
  assert.ok(lanes.every((lane) => Number.isInteger(lane) && lane < 2 ** 48));
  const message = { channelId: 'c', senderId: 's', to: 'u', taskId: 't' } as NewOutboundMessage;
  assert.match(toTaskKey(message), /^[0-9a-f]{32}$/);
  assert.equal(toTaskKey(message), toTaskKey({ ...message }));
  assert.notEqual(toTaskKey(message), toTaskKey({ ...message, taskId: 'other' }));
});

test('variables are found in every text of a template, once each, and filled in', () => {
  assert.deepEqual(findVariables('$(a) and $(b), $(a) again, $()'), ['a', 'b']);
  assert.equal(fillVariables('$(a) and $(b)', { a: '1' }), '1 and $(b)');
  const buttons = { Type: 'BUTTONS', Buttons: [{ Type: 'URL', Text: 'Go', Url: 'https://a.example/$(c)' }] };
  const components = [{ Type: 'BODY', Text: 'Hi $(a)' }, buttons] as unknown as Parameters<
    typeof findTemplateVariables
  >[0];
  assert.deepEqual(findTexts(buttons), ['Go', 'https://a.example/$(c)']);
  assert.deepEqual(findTemplateVariables(components), ['a', 'c']);
});

test('a file is known by its extension, and what runs is none', () => {
  assert.equal(toFileType('a/b.JPG')?.mimeType, 'image/jpeg');
  assert.equal(toFileType('scan.pdf')?.kind, 'document');
  for (const key of ['a.exe', 'a', 'a.', 'pdf', 'a.constructor'])
    assert.equal(toFileType(key), undefined, key);
  assert.match(toUploadId(1, 'a.pdf'), /^[0-9a-f]{32}$/);
  assert.equal(new Set([toUploadId(1, 'a'), toUploadId(1, 'b'), toUploadId(2, 'a')]).size, 3);
  assert.equal(toMaxBytes('viber', 'audio'), 0);
  assert.ok(toMaxBytes('instagram', 'image') < toMaxBytes('messenger', 'image'));
});

test('each role may do what those before it may, and keys of one direction are for machines', () => {
  for (const [n, role] of userRoles.entries())
    assert.deepEqual(
      userRoles.map((least) => isAtLeast(role, least)),
      userRoles.map((_, other) => other <= n),
    );
  assert.deepEqual((['full', 'read', 'send', 'receive'] as const).map(toUserRole), [
    'owner',
    'viewer',
    null,
    null,
  ]);
  assert.equal(toUserName('  Ada@Example.COM '), 'ada@example.com');
  assert.equal(toUserName('李雷'), '李雷');
  assert.equal(toUserName('A\u0308nne'), '\u00e4nne', 'composed');
  assert.equal(toUserName('ΑΝΝΑ'), 'αννα');
  for (const name of [
    '',
    '-a',
    'a b',
    'a'.repeat(101),
    '\u0301a',
    'a\u200db',
    'a\u202eb',
    '\u3164',
    'a\ufe0f',
    'a\u0000',
    '李 雷',
  ])
    assert.equal(toUserName(name), undefined, JSON.stringify(name));
  for (const name of ['İstanbul', 'ẞ', 'ﬁ', 'Å', 'ǅ'])
    assert.equal(toUserName(toUserName(name) ?? ''), toUserName(name), name);
});

test('a write happens when what is there is as expected', () => {
  for (const [expected, version] of [
    [undefined, 'v1'],
    [{ kind: 'absent' }, undefined],
    [{ kind: 'present' }, 'v1'],
    [{ kind: 'versions', versions: ['v0', 'v1'] }, 'v1'],
  ] as const)
    assert.doesNotThrow(() => {
      requireExpected(expected, version);
    });
  for (const [expected, version, code] of [
    [{ kind: 'absent' }, 'v1', 'already_exists'],
    [{ kind: 'present' }, undefined, 'changed_meanwhile'],
    [{ kind: 'versions', versions: ['v0'] }, 'v1', 'changed_meanwhile'],
  ] as const)
    assert.throws(() => {
      requireExpected(expected, version);
    }, isGatewayError(code));
});

test('a fault says what it speaks of, in its text and beside it', () => {
  const fault = faultOf('too_long', { limit: 7 });
  assert.deepEqual(fault, { code: 'too_long', params: { limit: 7 } });
  assert.equal(toFaultText(fault), 'may have at most 7 characters.');
  assert.equal(toFaultText(faultOf('missing')), 'is missing.');
});

test('what is looked at by a check has a name for people', () => {
  assert.equal(toCheckName('appSecret'), 'App secret');
  assert.equal(toCheckName('appSecretPrevious'), 'App secret, the old one');
  assert.equal(toCheckName('number 1555'), 'Number 1555');
  assert.equal(toCheckName('of_tomorrow'), 'of_tomorrow');
});

test('of credentials those are open that hide nothing', () => {
  const credentials = {
    ...{
      appSecret: 'a',
      appSecretPrevious: 'b',
      verifyToken: 'c',
      accessToken: 'd',
      authToken: 'e',
      pathSecret: 'f',
    },
    ...{ appSecretPreviousUntil: '2027-01-01T00:00:00.000Z', welcomeText: 'Hello', serviceId: '7' },
  };
  assert.deepEqual(toOpenCredentials({ credentials }), {
    appSecretPreviousUntil: '2027-01-01T00:00:00.000Z',
    welcomeText: 'Hello',
    serviceId: '7',
  });
});
