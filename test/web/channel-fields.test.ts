// What the API can set of a channel, the console's forms can: member by member of the schema.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { optionTypes, rotatableCredentials } from '../../src/domain/channel.ts';
import { ChannelBody, RotateCredentialsBody } from '../../src/protocols/api/schemas-channels.ts';
import {
  channelKinds,
  credentialFields,
  credentialNames,
  optionFields,
  optionNames,
  toType,
} from '../../web/src/pages/channels/fields.ts';
import { toCredentialChange, toCredentials, toOptions } from '../../web/src/pages/channels/values.ts';

const { credentials, options } = ChannelBody.properties;

test('every credential and every option that the API takes has a field in the console', () => {
  assert.deepEqual([...credentialNames].sort(), Object.keys(credentials.properties).sort());
  assert.deepEqual([...optionNames].sort(), Object.keys(options.properties).sort());
});

test('every kind of channel is offered the options that do something for it, and no others', () => {
  for (const name of optionNames) {
    const types = new Set(optionFields[name].kinds.map(toType));
    assert.deepEqual([...types].sort(), [...(optionTypes[name] ?? [])].sort(), name);
  }
  assert.deepEqual(
    new Set(channelKinds.map(toType)),
    new Set(['whatsapp', 'messenger', 'instagram', 'viber']),
  );
});

test('what is rotated is offered as a secret, and what stands beside it as an old one', () => {
  const secrets = credentialNames.filter((name) => credentialFields[name].part === 'secret');
  assert.deepEqual(
    [...secrets].sort(),
    Object.keys(RotateCredentialsBody.properties.credentials.properties).sort(),
  );
  const old = credentialNames.filter((name) => credentialFields[name].part === 'old');
  assert.deepEqual(
    [...old].sort(),
    rotatableCredentials.flatMap((name) => [`${name}Previous`, `${name}PreviousUntil`]).sort(),
  );
});

test('what is left empty is left out, and what could be read and was emptied is taken away', () => {
  assert.deepEqual(toCredentials({ appSecret: ' a ', accessToken: '', verifyToken: undefined }), {
    appSecret: 'a',
  });
  const openCredentials = {
    welcomeText: 'Hello',
    serviceId: '7',
    authTokenPreviousUntil: '2026-11-30T00:00:00.000Z',
  };
  assert.deepEqual(
    toCredentialChange({ welcomeText: '', serviceId: '8', authTokenPrevious: '' }, { openCredentials }),
    { serviceId: '8', welcomeText: null },
  );
  const until = new Date(0);
  assert.deepEqual(toCredentialChange({ authTokenPreviousUntil: until }, { openCredentials }), {
    authTokenPreviousUntil: '1970-01-01T00:00:00.000Z',
  });
});

test('the options of a kind are sent as a whole, without those of another', () => {
  assert.deepEqual(
    toOptions('whatsapp', { echoes: true, calls: false, mediaBy: 'upload', appId: ' 12 ', comments: true }),
    { echoes: true, mediaBy: 'upload', appId: '12' },
  );
  assert.deepEqual(toOptions('viber-business', { businessUrl: 'https://a.example/x', clientStatus: true }), {
    businessUrl: 'https://a.example/x',
  });
});
