import { Type } from '@fastify/type-provider-typebox';
import { toTime } from '../../domain/time.ts';
import { needsFirstAccount } from './access.ts';
import type { ApiDeps } from './deps.ts';
import { describe } from './route.ts';
import type { Api } from './route.ts';
import { NullableTime, Time } from './schemas.ts';

const nullable = (description: string) =>
  Type.Union([Type.Integer({ minimum: 0 }), Type.Null()], { description });

const WorkerAnswer = Type.Object(
  {
    name: Type.String({ examples: ['reviews'] }),
    state: Type.Enum(['new', 'idle', 'running', 'standby', 'stopped'], {
      description: '`standby`: another node does it for all nodes.',
    }),
    everyMs: nullable(
      'From the end of a run to the next; null for one that only runs when something wakes it.',
    ),
    runs: Type.Integer({ minimum: 0, description: 'Since the start of this process.' }),
    failures: Type.Integer({ minimum: 0 }),
    lastRunAt: NullableTime,
    lastDurationMs: nullable('How long the last run took that has ended.'),
    lastError: Type.Union([Type.Object({ at: Time, text: Type.String() }), Type.Null()]),
    waiting: nullable('How much it has at hand or in memory; null where only the store knows.'),
    lagMs: Type.Integer({ minimum: 0, description: 'By how much it is, or last began, later than planned.' }),
    isLate: Type.Boolean({
      description: 'No sign of life for three times its interval, and for a minute at least.',
    }),
  },
  { title: 'Worker' },
);

const WorkersAnswer = Type.Object({ items: Type.Array(WorkerAnswer) }, { title: 'Workers' });

/** What runs by itself in the process that answers: when it last ran, how long, and what went wrong. */
export function workerApi(api: Api, { workers }: ApiDeps): void {
  api.get(
    '/workers',
    {
      ...needsFirstAccount('viewer'),
      schema: describe('List what runs by itself on this node', 'settings', {}, { 200: WorkersAnswer }),
    },
    async () => ({
      items: workers().map(
        ({ silentMs: _silent, lastRunAt, lastDurationMs, lastError, lagMs, ...status }) => ({
          ...status,
          lastRunAt: lastRunAt === null ? null : toTime(lastRunAt),
          lastDurationMs: lastDurationMs === null ? null : Math.round(lastDurationMs),
          lastError: lastError && { at: toTime(lastError.at), text: lastError.text },
          lagMs: Math.round(lagMs),
        }),
      ),
    }),
  );
}
