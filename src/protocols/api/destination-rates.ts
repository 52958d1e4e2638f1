// How pushes to one callback URL went of late.
import { Type } from '@fastify/type-provider-typebox';
import { findDestination } from '../../core/deliveries/destinations.ts';
import { toChannelFigures, toCodePoints, toFigures } from '../../core/deliveries/figures.ts';
import { toTime } from '../../domain/time.ts';
import { needs } from './access.ts';
import { callerOf } from './auth.ts';
import type { ApiDeps } from './deps.ts';
import { describe } from './route.ts';
import type { Api } from './route.ts';
import { DestinationRatesAnswer, ofDestination, toDestinationId } from './schemas-deliveries.ts';

/** What these routes work with. */
type RateApiDeps = ApiDeps<'findDestination' | 'listPushRates' | 'sumPushRates'>;

/** Minutes that are counted together. */
const slotMinutes = 5;
/** Both end with the five minutes under way, so that the last step is as long as the others. */
const spans = { hour: { count: 12, size: 5 }, day: { count: 48, size: 30 } } as const;

export function destinationRateApi(api: Api, { store, now }: RateApiDeps): void {
  api.get(
    '/destinations/:destinationId/rates',
    {
      ...needs('viewer'),
      schema: describe(
        'How pushes to a callback URL went in the last hour or day',
        'destinations',
        {
          ...ofDestination,
          querystring: Type.Object({
            span: Type.Optional(Type.Enum(['hour', 'day'], { description: '`hour` when left out.' })),
          }),
        },
        { 200: DestinationRatesAnswer },
        'not_found',
      ),
    },
    async (request) => {
      const { accountId } = callerOf(request);
      const { span = 'hour' } = request.query;
      const { id } = await findDestination(store, accountId, toDestinationId(request.params));
      const { count, size } = spans[span];
      const from = toSlot(now()) + slotMinutes - count * size;
      const [sums, points] = await Promise.all([
        store.sumPushRates(accountId, from, id),
        store.listPushRates(accountId, id, from),
      ]);
      return {
        span,
        ...toFigures(sums),
        channels: [...toChannelFigures(sums)],
        points: toCodePoints(points, { from, count, size }).map(({ minute, codes }) => ({
          at: toTime(minute * 60_000),
          codes,
        })),
      };
    },
  );
}

/** The first of the five minutes that a time is in. */
export function toSlot(now: number): number {
  const minute = Math.floor(now / 60_000);
  return minute - (minute % slotMinutes);
}
