// The settings of the service: what is in force, where it comes from, and those that are set while it runs.
import { Type } from '@fastify/type-provider-typebox';
import type { Static } from '@fastify/type-provider-typebox';
import { notFound } from '../../domain/errors.ts';
import { toTime } from '../../domain/time.ts';
import { needsFirstAccount } from './access.ts';
import { callerOf } from './auth.ts';
import type { ApiDeps, SettingInForce } from './deps.ts';
import { describe } from './route.ts';
import type { Api } from './route.ts';
import { closed, pageOf, Time } from './schemas.ts';

const SettingAnswer = Type.Object(
  {
    key: Type.String(),
    env: Type.String(),
    value: Type.Unknown({ description: 'Of a secret only whether it is set.' }),
    unit: Type.String(),
    meaning: Type.String(),
    isLive: Type.Boolean({ description: 'Whether it may be set while the service runs.' }),
    source: Type.Enum(['default', 'file', 'environment', 'command line', 'console'], {
      description:
        'Where its value comes from. What a file, the environment or the command line gives stays fixed; `console`: it was set while the service ran.',
    }),
    initial: Type.Unknown({ description: 'Its default.' }),
    set: Type.Union(
      [
        Type.Object({
          at: Time,
          by: Type.String({ examples: ['user/ana'] }),
          value: Type.String({ description: 'What it was set to, as in the settings file.' }),
          isInForce: Type.Boolean({
            description: 'False where the file, the environment or the command line of this node goes first.',
          }),
        }),
        Type.Null(),
      ],
      { description: 'When, by whom and to what it was set while the service ran; null where it was not.' },
    ),
  },
  { title: 'Setting' },
);

const SettingBody = Type.Object(
  { value: Type.Union([Type.String({ maxLength: 1000 }), Type.Number(), Type.Boolean()]) },
  { ...closed, examples: [{ value: 180 }] },
);

const ofSetting = { params: Type.Object({ key: Type.String({ minLength: 1, maxLength: 64 }) }) };

export function settingApi(api: Api, deps: ApiDeps): void {
  listSettings(api, deps);
  setSetting(api, deps);
  resetSetting(api, deps);
}

function listSettings(api: Api, { settings }: ApiDeps): void {
  api.get(
    '/settings',
    {
      ...needsFirstAccount('viewer'),
      schema: describe('List the settings in force', 'settings', {}, { 200: pageOf(SettingAnswer) }),
    },
    async () => ({ items: settings.list().map(toAnswer), next: null }),
  );
}

function setSetting(api: Api, { settings }: ApiDeps): void {
  api.post(
    '/settings/:key',
    {
      ...needsFirstAccount('owner'),
      schema: describe(
        'Set a setting while the service runs, on all nodes',
        'settings',
        { ...ofSetting, body: SettingBody },
        { 200: SettingAnswer },
        'not_found',
        'wrong_state',
      ),
    },
    async (request) => {
      const { key } = request.params;
      await settings.set(callerOf(request), key, String(request.body.value));
      return find(settings, key);
    },
  );
}

function resetSetting(api: Api, { settings }: ApiDeps): void {
  api.post(
    '/settings/:key/reset',
    {
      ...needsFirstAccount('owner'),
      schema: describe(
        'Let go of what was set while the service ran: the default is in force again',
        'settings',
        ofSetting,
        { 200: SettingAnswer },
        'not_found',
      ),
    },
    async (request) => {
      const { key } = request.params;
      await settings.unset(callerOf(request), key);
      return find(settings, key);
    },
  );
}

function find({ list }: ApiDeps['settings'], key: string): Static<typeof SettingAnswer> {
  const found = list().find((one) => one.key === key);
  if (found === undefined) throw notFound('setting');
  return toAnswer(found);
}

function toAnswer({ set, ...setting }: SettingInForce): Static<typeof SettingAnswer> {
  return { ...setting, set: set === null ? null : { ...set, at: toTime(set.at) } };
}
