import { Type } from '@fastify/type-provider-typebox';
import { needsFirstAccount } from './access.ts';
import type { ApiDeps } from './deps.ts';
import { describe } from './route.ts';
import type { Api } from './route.ts';
import { pageOf } from './schemas.ts';

const SettingAnswer = Type.Object(
  {
    key: Type.String(),
    env: Type.String(),
    value: Type.Unknown({ description: 'Of a secret only whether it is set.' }),
    unit: Type.String(),
    meaning: Type.String(),
  },
  { title: 'Setting' },
);

/** The settings in force for the whole service, limits and retention among them; secrets are not shown. */
export function settingApi(api: Api, { settings }: ApiDeps): void {
  api.get(
    '/settings',
    {
      ...needsFirstAccount('viewer'),
      schema: describe('List the settings in force', 'settings', {}, { 200: pageOf(SettingAnswer) }),
    },
    async () => ({ items: [...settings], next: null }),
  );
}
