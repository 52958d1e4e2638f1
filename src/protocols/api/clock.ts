import { Type } from '@fastify/type-provider-typebox';
import { needsFirstAccount } from './access.ts';
import type { ApiDeps } from './deps.ts';
import { toTime } from '../../domain/time.ts';
import { describe } from './route.ts';
import type { Api } from './route.ts';

const ClockAnswer = Type.Object(
  {
    now: Type.String({ format: 'date-time', description: 'What is kept is dated by this.' }),
    doubt: Type.Union([Type.String(), Type.Null()], {
      description: 'Why nothing is taken on by that time; null while it is sound.',
    }),
    held: Type.Array(
      Type.Object({
        kind: Type.Union([
          Type.Literal('raw_events'),
          Type.Literal('receipts'),
          Type.Literal('messages'),
          Type.Literal('queue_messages'),
          Type.Literal('media'),
          Type.Literal('uploads'),
        ]),
        old: Type.Integer({ description: 'Rows that would go, counted up to a bound.' }),
        kept: Type.Integer({ description: 'Rows that would stay, counted up to a bound.' }),
      }),
      { description: 'What a sweep that waits would take; empty when none waits.' },
    ),
  },
  { title: 'Clock' },
);

/** The time that the service goes by, what speaks against it, and a person's word that it is right. */
export function clockApi(api: Api, { now, time }: ApiDeps): void {
  const answer = () => ({ now: toTime(now()), doubt: time.doubt(), held: [...time.held()] });
  api.get(
    '/clock',
    {
      ...needsFirstAccount('viewer'),
      schema: describe('Show the clock and the sweep that waits', 'settings', {}, { 200: ClockAnswer }),
    },
    async () => answer(),
  );
  api.post(
    '/clock/confirm',
    {
      ...needsFirstAccount('owner'),
      schema: describe(
        'Say that the clock is right: it is worked by again, and a sweep that waits goes on',
        'settings',
        {},
        { 200: ClockAnswer },
      ),
    },
    async () => {
      await time.confirm();
      return answer();
    },
  );
}
