import { Type } from '@fastify/type-provider-typebox';
import { needs } from './access.ts';
import { callerOf } from './auth.ts';
import type { Erasable } from '../../store/store.ts';
import type { ApiDeps } from './deps.ts';
import { findChannel, toBareDigits } from '../../core/channels/ownership.ts';
import { describe } from './route.ts';
import type { Api } from './route.ts';
import { Id } from './schemas.ts';

/** What these routes work with. */
type ErasureApiDeps = ApiDeps<'countErasable' | 'eraseContent' | 'findChannel'>;

const ErasureBody = Type.Object(
  {
    userId: Type.String({
      minLength: 1,
      maxLength: 256,
      description:
        'The user by any id that receipts tell: number with or without its plus, business-scoped or page-scoped id. What is kept under its other ids goes as well.',
    }),
    dryRun: Type.Optional(Type.Boolean({ description: 'Only count what would go.' })),
    channelId: Type.Optional(Id),
  },
  { additionalProperties: false, examples: [{ userId: '15550002222' }] },
);

const ErasureAnswer = Type.Object(
  {
    receipts: Type.Integer({ description: 'Receipts whose content went.' }),
    messages: Type.Integer({ description: 'Messages to the user whose content went.' }),
    media: Type.Integer({ description: 'Files that went.' }),
    apart: Type.Integer({
      description:
        'Rows that damage had made unreadable and that were kept apart, which named the user and went.',
    }),
    unreadable: Type.Integer({
      description:
        'Rows that cannot be read and do not tell whose they are. They may hold something of the user, were not erased, and go when their time is over.',
    }),
    keptFiles: Type.Array(Type.String(), {
      description:
        'Damaged files in the data folder, which hold what was in them. Nothing was erased in them: take them away.',
    }),
  },
  { title: 'Erasure' },
);

/** Receipts that one step looks at, so that nobody else waits for long. */
const stepReceipts = 1000;

/** Erasing what one user wrote, as the law wants it. */
export function erasureApi(api: Api, { store, removeMedia, damage }: ErasureApiDeps): void {
  async function erase(...step: Parameters<typeof store.eraseContent>): Promise<Erasable> {
    const { media, ...erased } = await store.eraseContent(...step);
    // The rows first: a file without a row is only wasted space, and a second call finds none of them.
    await Promise.all(media.map(removeMedia));
    return { ...erased, media: media.length };
  }

  api.post(
    '/erasures',
    {
      ...needs('operator'),
      schema: describe(
        'Erase what a user wrote and was written to; the facts of the receipts stay',
        'receipts',
        { body: ErasureBody },
        { 200: ErasureAnswer },
        'not_found',
      ),
    },
    async (request) => {
      const { accountId, actor } = callerOf(request);
      const { userId, channelId, dryRun = false } = request.body;
      if (channelId !== undefined) await findChannel(store, accountId, channelId);
      const wanted = { userId: toBareDigits(userId), ...(channelId === undefined ? {} : { channelId }) };
      const total = { receipts: 0, messages: 0, media: 0, apart: 0, unreadable: 0 };
      let cursor: string | undefined;
      do {
        const page = { limit: stepReceipts, ...(cursor === undefined ? {} : { cursor }) };
        const step = dryRun
          ? await store.countErasable(accountId, wanted, page)
          : await erase(accountId, wanted, page, actor);
        total.receipts += step.receipts;
        total.messages += step.messages;
        total.media += step.media;
        total.apart += step.apart;
        total.unreadable += step.unreadable;
        cursor = step.next ?? undefined;
      } while (cursor !== undefined);
      return { ...total, keptFiles: [...(damage()?.kept ?? [])] };
    },
  );
}
