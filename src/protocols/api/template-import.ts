// The templates that a channel has at its vendor, taken over when it is connected and whenever somebody asks.
import { Type } from '@fastify/type-provider-typebox';
import type { Check } from '../../channels/channel.ts';
import type { Actor } from '../../domain/account.ts';
import type { Channel } from '../../domain/channel.ts';
import { checked } from '../../domain/findings.ts';
import { GatewayError } from '../../domain/errors.ts';
import { needs } from './access.ts';
import { callerOf } from './auth.ts';
import type { Adopted } from '../../core/templates/import.ts';
import type { ApiDeps } from './deps.ts';
import { findChannel } from '../../core/channels/ownership.ts';
import { describe } from './route.ts';
import type { Api } from './route.ts';
import { closed, Id } from './schemas.ts';

/** What these routes work with. */
type AdoptionApiDeps = ApiDeps<'findChannel'>;

const named = { name: Type.String(), language: Type.String() };

const ImportAnswer = Type.Object(
  {
    listed: Type.Integer({ description: 'Languages of templates that the vendor has.' }),
    made: Type.Integer({ description: 'Those that were not here and are now.' }),
    changed: Type.Integer({ description: 'Those that were here and stood otherwise.' }),
    isWhole: Type.Boolean({
      description: "False where the vendor's list was left at its bound, or holds what cannot be read.",
    }),
    differing: Type.Array(Type.Object({ ...named, differences: Type.Array(Type.String()) }), {
      description:
        'Those that say another thing here than at the vendor and were left as they are, in words.',
    }),
    unread: Type.Array(Type.Object({ ...named, parts: Type.Array(Type.String()) }), {
      description:
        'Parts that are not known here and were kept as they are, and templates that could not be read.',
    }),
  },
  { title: 'TemplateImport' },
);

const PlanAnswer = Type.Object(
  {
    listed: Type.Integer({ description: 'Languages of templates that the vendor has.' }),
    isWhole: ImportAnswer.properties.isWhole,
    steps: Type.Array(
      Type.Object({
        ...named,
        kind: Type.Enum(['make', 'change', 'keep'], {
          description:
            '`keep`: it differs and stays, because it never reached the vendor; `replace` takes what the vendor has.',
        }),
        fields: Type.Array(
          Type.Object({
            field: Type.String({ description: 'A part of the template, e.g. `BODY.Text`.' }),
            here: Type.String({ description: 'Empty where it is absent.' }),
            there: Type.String({ description: 'Empty where it is absent.' }),
          }),
        ),
      }),
      { description: 'Those that are not here as they are there, up to 500.' },
    ),
    more: Type.Integer({ description: 'Steps that are not among those.' }),
    unread: ImportAnswer.properties.unread,
  },
  { title: 'TemplateImportPlan' },
);

const ImportBody = Type.Object(
  {
    replace: Type.Optional(
      Type.Boolean({
        description:
          'Takes what the vendor has where a template here, which never reached it, says otherwise.',
      }),
    ),
  },
  { ...closed, examples: [{ replace: false }] },
);

/** A connected channel is not kept waiting longer for its templates; they go on being taken over. */
const waitMs = 20_000;
const maxNames = 5;
/** Templates that one plan tells of. */
const maxSteps = 500;
/** Differences that one answer tells of one template. */
const maxDifferences = 20;

export function adoptionApi(api: Api, deps: AdoptionApiDeps): void {
  planImport(api, deps);
  importTemplates(api, deps);
}

function planImport(api: Api, deps: AdoptionApiDeps): void {
  api.post(
    '/channels/:channelId/templates/import/plan',
    {
      ...needs('operator'),
      schema: describe(
        'Tell, field by field, what an import of the templates at the vendor would change; nothing is changed',
        'templates',
        { params: Type.Object({ channelId: Id }), body: ImportBody },
        { 200: PlanAnswer },
        'not_found',
        'channel_refused',
        'channel_unavailable',
        'too_many',
      ),
    },
    async (request) => {
      const channel = await findChannel(deps.store, callerOf(request).accountId, request.params.channelId);
      const { replace = false } = request.body;
      const { steps, unread, ...rest } = await deps.planAdoption(channel, { replace });
      return {
        ...rest,
        steps: steps
          .slice(0, maxSteps)
          .map((one) => ({ ...one, fields: one.fields.slice(0, maxDifferences) })),
        more: Math.max(0, steps.length - maxSteps),
        unread: unread.map((one) => ({ ...one, parts: [...one.parts] })),
      };
    },
  );
}

function importTemplates(api: Api, deps: AdoptionApiDeps): void {
  api.post(
    '/channels/:channelId/templates/import',
    {
      ...needs('operator'),
      schema: describe(
        'List the templates that a channel has at its vendor, and take them over; nothing is changed there',
        'templates',
        { params: Type.Object({ channelId: Id }), body: ImportBody },
        { 200: ImportAnswer },
        'not_found',
        'channel_refused',
        'channel_unavailable',
        'too_many',
      ),
    },
    async (request) => {
      const { accountId, actor } = callerOf(request);
      const channel = await findChannel(deps.store, accountId, request.params.channelId);
      const { replace = false } = request.body;
      const { differing, unread, ...counts } = await deps.adoptTemplates(channel, { actor, replace });
      return {
        ...counts,
        differing: differing.map((one) => ({
          ...one,
          differences: one.differences.slice(0, maxDifferences),
        })),
        unread: unread.map((one) => ({ ...one, parts: [...one.parts] })),
      };
    },
  );
}

/**
 * Takes over the templates of a channel that has any at its vendor, and tells that as a check of it. What the vendor refuses is a
 * check that failed on WhatsApp; a Page's token need not be allowed to look at templates. Never throws.
 */
export async function checkTemplates(
  deps: AdoptionApiDeps,
  channel: Channel,
  actor: Actor,
): Promise<readonly Check[]> {
  const name = 'templates';
  if (channel.type !== 'whatsapp' && channel.type !== 'messenger') return [];
  try {
    const adopted = await withinWait(deps.adoptTemplates(channel, { actor }), deps);
    return adopted === undefined ? [] : [toCheck(adopted)];
  } catch (error) {
    if (!(error instanceof GatewayError)) deps.emit('unit.crashed', { unit: 'templates.check', error });
    if (!(error instanceof GatewayError) || error.code === 'too_many' || channel.type !== 'whatsapp')
      return [];
    return [{ name, ok: false, ...checked('vendor_said', { said: error.message }) }];
  }
}

function toCheck({ listed, made, changed, isWhole, differing }: Adopted): Check {
  const name = 'templates';
  if (differing.length === 0 && !isWhole)
    return { name, ok: false, ...checked('templates_cut', { count: listed }) };
  if (differing.length === 0)
    return { name, ok: true, ...checked('templates_listed', { count: listed, made, changed }) };
  const names = differing.slice(0, maxNames).map((one) => `${one.name} (${one.language})`);
  const more = differing.length > maxNames ? ', …' : '';
  return {
    name,
    ok: false,
    ...checked('templates_differ', { count: listed, names: names.join(', ') + more }),
  };
}

/** What a promise gives within the wait; undefined after that, and then what it fails with is told as a crash. */
async function withinWait<T>(promise: Promise<T>, { emit }: Pick<ApiDeps, 'emit'>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;
  const wait = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => {
      isOver = true;
      resolve(undefined);
    }, waitMs);
  });
  const told = promise.catch((error: unknown) => {
    if (!isOver) throw error;
    if (!(error instanceof GatewayError)) emit('unit.crashed', { unit: 'templates.check', error });
    return undefined;
  });
  try {
    return await Promise.race([told, wait]);
  } finally {
    clearTimeout(timer);
  }
}
