// The overview: what needs attention first, and how much happened of late. Its cost does not grow with what is stored.
import { Type } from '@fastify/type-provider-typebox';
import type { Static } from '@fastify/type-provider-typebox';
import type { AccountId } from '../../domain/account.ts';
import { toChannelFigures, toFigures } from '../../core/deliveries/figures.ts';
import type { Channel } from '../../domain/channel.ts';
import type { Destination, StateReason } from '../../domain/delivery.ts';
import { rateKinds } from '../../store/store.ts';
import type { AttentionKey, Dismissal, PushSum, Rate, RateKind } from '../../store/store.ts';
import { needs } from './access.ts';
import { callerOf } from './auth.ts';
import type { ApiDeps } from './deps.ts';
import { toSlot } from './destination-rates.ts';
import { toTime } from '../../domain/time.ts';
import { describe, NoContent } from './route.ts';
import type { Api } from './route.ts';
import { FindingParams, NoticeFindingAnswer } from './schemas-findings.ts';
import { figureMembers } from './schemas-deliveries.ts';
import { closed, NullableTime, Time } from './schemas.ts';

/** What these routes work with. */
type OverviewApiDeps = ApiDeps<
  | 'dismiss'
  | 'findOldestUndelivered'
  | 'findTemplates'
  | 'listChannels'
  | 'listDestinations'
  | 'listDismissals'
  | 'listNotices'
  | 'listOutbound'
  | 'listRates'
  | 'listSenders'
  | 'sumPushRates'
>;

type OverviewStore = OverviewApiDeps['store'];

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
/** Destinations whose figures are told. */
const maxDestinations = 20;

const attentionCodes = [
  'destination_off',
  'destination_open',
  'destination_failing',
  'oldest_undelivered',
  'template_rejected',
  'missing_receipts',
  'notice',
  'no_subscription',
  'no_channel',
] as const;

const Counts = Object.fromEntries(rateKinds.map((kind) => [kind, Type.Integer()])) as Record<
  RateKind,
  ReturnType<typeof Type.Integer>
>;

const AttentionAnswer = Type.Object(
  {
    code: Type.Enum([...attentionCodes]),
    severity: Type.Enum(['error', 'warning', 'info']),
    cause: Type.String({
      description: 'What things of one cause share: the code, or that of the notice.',
      examples: ['destination_open'],
    }),
    subject: Type.String({ examples: ['destination/12'] }),
    about: Type.Union(
      [
        Type.Object({
          kind: Type.Enum(['destination', 'channel']),
          id: Type.String(),
          name: Type.String({ description: 'What people call it, or its URL or id.' }),
        }),
        Type.Null(),
      ],
      { description: 'The callback URL or channel that it is about; null where it is about neither.' },
    ),
    params: FindingParams,
    findings: Type.Optional(Type.Array(NoticeFindingAnswer)),
    since: NullableTime,
    text: Type.String(),
  },
  { title: 'Attention' },
);
/** What is found; what it is about and its cause follow from it. */
type Attention = Omit<Static<typeof AttentionAnswer>, 'about' | 'cause'>;

const dismissalRanges = { items: 500, maxSeconds: 30 * 24 * 3600 } as const;

const DismissedAnswer = Type.Object(
  { ...AttentionAnswer.properties, until: Time },
  { title: 'DismissedAttention' },
);

const DismissalBody = Type.Object(
  {
    items: Type.Array(
      Type.Object(
        { cause: Type.String({ maxLength: 64 }), subject: Type.String({ maxLength: 400 }) },
        closed,
      ),
      { minItems: 1, maxItems: dismissalRanges.items },
    ),
    seconds: Type.Integer({
      minimum: 0,
      maximum: dismissalRanges.maxSeconds,
      description: 'For how long; 0 brings them back.',
    }),
  },
  {
    ...closed,
    examples: [{ items: [{ cause: 'destination_open', subject: 'destination/1' }], seconds: 86_400 }],
  },
);

const DestinationFigures = Type.Object(
  {
    destinationId: Type.Integer(),
    name: Type.String(),
    url: Type.String(),
    state: Type.Enum(['active', 'opened', 'off']),
    ...figureMembers,
  },
  { title: 'DestinationFigures' },
);

const PointAnswer = Type.Object({ at: Time, ...Counts }, { title: 'RatePoint' });

const OverviewAnswer = Type.Object(
  {
    at: Time,
    attention: Type.Array(AttentionAnswer, {
      description: 'The most urgent first; without what was dismissed.',
    }),
    dismissed: Type.Array(DismissedAnswer, { description: 'What was dismissed, and until when.' }),
    destinations: Type.Array(DestinationFigures, {
      description: `Callback URLs that were pushed to in the last hour, those that took the least of it first; ${maxDestinations} at most.`,
    }),
    rates: Type.Object({
      hour: Type.Array(PointAnswer, { description: 'One for each of the last 60 minutes.' }),
      day: Type.Array(PointAnswer, { description: 'One for each of the last 48 half hours.' }),
    }),
    totals: Type.Object({
      hour: Type.Object(Counts, { title: 'RateTotals' }),
      day: Type.Object(Counts, { title: 'RateTotals' }),
    }),
  },
  { title: 'Overview' },
);

/** Many who look at once cost one look. */
const rememberMs = 5000;
const maxRemembered = 1000;
/** Younger than this a delivery is simply on its way. */
const lateMs = 5 * minuteMs;
/** A channel tells its first status within seconds; after this it is missing. */
const silentMs = 10 * minuteMs;
/** Messages that are looked at for missing receipts. */
const sampleRows = 500;

/** What is found and remembered, whatever of it was dismissed. */
type Looked = Omit<Static<typeof OverviewAnswer>, 'dismissed'>;

export function overviewApi(api: Api, deps: OverviewApiDeps): void {
  const { store } = deps;
  const remembered = new Map<AccountId, { until: number; answer: Promise<Looked> }>();
  const find = (accountId: AccountId): Promise<Looked> => {
    const at = deps.monotonic();
    const known = remembered.get(accountId);
    if (known !== undefined && known.until > at) return known.answer;
    if (remembered.size >= maxRemembered) remembered.clear();
    const answer = look(store, accountId, deps.now());
    remembered.set(accountId, { until: at + rememberMs, answer });
    answer.catch(() => remembered.delete(accountId));
    return answer;
  };

  api.get(
    '/overview',
    {
      ...needs('viewer'),
      schema: describe(
        'What needs attention, how pushes went, and the rates of the last hour and day',
        'overview',
        {},
        { 200: OverviewAnswer },
      ),
    },
    async (request) => {
      const { accountId } = callerOf(request);
      const [looked, dismissals] = await Promise.all([find(accountId), store.listDismissals(accountId)]);
      return setAside(looked, dismissals);
    },
  );

  api.post(
    '/overview/dismissals',
    {
      ...needs('operator'),
      schema: describe(
        'Put away for a time what needs attention, or bring it back',
        'overview',
        { body: DismissalBody },
        { 204: NoContent },
      ),
    },
    async (request, reply) => {
      const { accountId, actor } = callerOf(request);
      const { items, seconds } = request.body;
      await store.dismiss(accountId, items, deps.now() + seconds * 1000, actor);
      return reply.code(204).send(null);
    },
  );
}

/** Parts what was dismissed from what was not. */
function setAside(looked: Looked, dismissals: readonly Dismissal[]): Static<typeof OverviewAnswer> {
  const toKey = ({ cause, subject }: AttentionKey): string => JSON.stringify([cause, subject]);
  const untils = new Map(dismissals.map((one) => [toKey(one), one.until]));
  const attention: Looked['attention'] = [];
  const dismissed: Static<typeof DismissedAnswer>[] = [];
  for (const item of looked.attention) {
    const until = untils.get(toKey(item));
    if (until === undefined) attention.push(item);
    else dismissed.push({ ...item, until: toTime(until) });
  }
  return { ...looked, attention, dismissed };
}

async function look(store: OverviewStore, accountId: AccountId, now: number): Promise<Looked> {
  const minute = Math.floor(now / minuteMs);
  const [rates, destinations, channels, figures, ...attention] = await Promise.all([
    store.listRates(accountId, minute - 24 * 60 + 1),
    store.listDestinations(accountId),
    store.listChannels(accountId),
    store.sumPushRates(accountId, toSlot(now) - 55),
    findDestinations(store, accountId, now),
    findTemplates(store, accountId),
    findMissing(store, accountId, now),
    findNotices(store, accountId, now),
    findUnconnected(store, accountId),
  ]);
  const hour = toPoints(rates, minute - 59, 60, 1);
  // Half hours end with this minute, so that the last one is as long as the others.
  const day = toPoints(rates, minute - 24 * 60 + 1, 48, 30);
  const order = (item: Attention): number => attentionCodes.indexOf(item.code);
  const toAbout = namesOf(destinations, channels);
  const ofDestinations = toDestinationFigures(destinations, figures);
  return {
    at: toTime(now),
    attention: [...attention.flat(), ...findFailing(ofDestinations)]
      .sort((a, b) => order(a) - order(b))
      .map((item) => ({
        ...item,
        cause: String(item.params['noticeCode'] ?? item.code),
        about: toAbout(item),
      })),
    destinations: ofDestinations,
    rates: { hour, day },
    totals: { hour: sum(hour), day: sum(day) },
  };
}

/** Says which destination or channel something is about, by its subject or by what it speaks of. */
function namesOf(destinations: readonly Destination[], channels: readonly Channel[]) {
  const urls = new Map(destinations.map(({ id, name, url }) => [String(id), name || url]));
  const names = new Map(channels.map(({ id, name }) => [id, name || id]));
  return ({ subject, params }: Attention): Static<typeof AttentionAnswer>['about'] => {
    const [kind, of = ''] = subject.split('/');
    const destinationId = String(params['destinationId'] ?? (kind === 'destination' ? of : ''));
    const url = urls.get(destinationId);
    if (url !== undefined) return { kind: 'destination', id: destinationId, name: url };
    const channelId = String(params['channelId'] ?? (kind === 'channel' || kind === 'sender' ? of : ''));
    const name = names.get(channelId);
    return name === undefined ? null : { kind: 'channel', id: channelId, name };
  };
}

/** How pushes went to each destination that there were any to, the worst first. */
function toDestinationFigures(destinations: readonly Destination[], sums: readonly PushSum[]) {
  const byId = Map.groupBy(sums, ({ destinationId }) => destinationId);
  return destinations
    .flatMap(({ id, name, url, state }) => {
      const own = byId.get(id);
      if (own === undefined) return [];
      const channels = [...toChannelFigures(own)];
      return [{ ...{ destinationId: id, name, url, state }, ...toFigures(own), channels }];
    })
    .sort((a, b) => a.accepted / a.tries - b.accepted / b.tries || b.tries - a.tries)
    .slice(0, maxDestinations);
}

/** Those that are pushed to and took nothing of late: a receiver that fails is told before the breaker opens or anything waits for long. */
function findFailing(figures: ReturnType<typeof toDestinationFigures>): Attention[] {
  return figures
    .filter(({ state, accepted }) => state === 'active' && accepted === 0)
    .map(({ destinationId, url, tries }) => ({
      code: 'destination_failing',
      severity: 'warning',
      subject: `destination/${destinationId}`,
      params: { destinationId, url, tries },
      since: null,
      text: `${url} accepted none of the ${tries} POSTs of the last hour.`,
    }));
}

/** Counts in `count` steps of `size` minutes each, from a minute on; steps without any are zeros. */
function toPoints(rates: readonly Rate[], from: number, count: number, size: number) {
  const points = Array.from({ length: count }, (_, index) => ({
    at: toTime((from + index * size) * minuteMs),
    ...noCounts(),
  }));
  for (const { minute, kind, count: times } of rates) {
    const point = points[Math.floor((minute - from) / size)];
    if (minute >= from && point !== undefined) point[kind] += times;
  }
  return points;
}

function sum(points: readonly Record<RateKind, number>[]): Record<RateKind, number> {
  const total = noCounts();
  for (const point of points) for (const kind of rateKinds) total[kind] += point[kind];
  return total;
}

function noCounts(): Record<RateKind, number> {
  return { statuses: 0, inbounds: 0, audits: 0, pushed: 0, pushFailed: 0, dead: 0, sent: 0, sendFailed: 0 };
}

async function findDestinations(
  store: OverviewStore,
  accountId: AccountId,
  now: number,
): Promise<Attention[]> {
  const [destinations, oldest] = await Promise.all([
    store.listDestinations(accountId),
    store.findOldestUndelivered(),
  ]);
  const lateSince = new Map(
    oldest
      .filter((one) => one.accountId === accountId && now - one.since > lateMs)
      .map(({ destinationId, since }) => [destinationId, since]),
  );
  return destinations.flatMap(({ id, url, state, stateReason, stateSince }): Attention[] => {
    const subject = `destination/${id}`;
    const late = lateSince.get(id);
    const params = { destinationId: id, url };
    const items: Attention[] = [];
    if (state !== 'active')
      items.push({
        code: state === 'off' ? 'destination_off' : 'destination_open',
        severity: 'error',
        subject,
        params: toReasonParams(params, stateReason),
        since: toTime(stateSince),
        text:
          state === 'off'
            ? `${url} is switched off: ${stateReason.text}`
            : `${url} keeps failing and only gets probes: ${stateReason.text}`,
      });
    if (late !== undefined)
      items.push({
        code: 'oldest_undelivered',
        severity: 'warning',
        subject,
        params: { ...params, ageSeconds: Math.round((now - late) / 1000) },
        since: toTime(late),
        text: `The oldest receipt that ${url} has not taken is ${Math.round((now - late) / minuteMs)} minutes old.`,
      });
    return items;
  });
}

/** What a line about a destination speaks of: its reason as a text, and as a code with its own params. */
function toReasonParams(
  params: Attention['params'],
  { code, params: reasonParams, text }: StateReason,
): Attention['params'] {
  return { ...reasonParams, ...params, reason: text, ...(code === null ? {} : { reasonCode: code }) };
}

async function findTemplates(store: OverviewStore, accountId: AccountId): Promise<Attention[]> {
  const templates = await store.findTemplates(accountId, { status: 'fail' });
  return templates.map(({ channelId, code, name, language, reason, updatedAt }) => ({
    code: 'template_rejected',
    severity: 'warning',
    subject: `template/${code}`,
    params: { channelId, code, name, language, reason },
    since: toTime(updatedAt),
    text: `The template ${name} (${language}) was rejected${reason === '' ? '.' : `: ${reason}`}`,
  }));
}

/** Looks at a bounded number of the newest messages that should have a status by now. */
async function findMissing(store: OverviewStore, accountId: AccountId, now: number): Promise<Attention[]> {
  const period = { since: now - dayMs, until: now - silentMs };
  const { items } = await store.listOutbound(accountId, period, { limit: sampleRows });
  return [...Map.groupBy(items, ({ channelId }) => channelId)].flatMap(([channelId, own]): Attention[] => {
    const silent = own.filter(({ state, status }) => state === 'accepted' && status === null);
    const oldest = silent.at(-1);
    if (oldest === undefined) return [];
    return [
      {
        code: 'missing_receipts',
        severity: 'warning',
        subject: `channel/${channelId}`,
        params: { channelId, missing: silent.length, of: own.length },
        since: toTime(oldest.acceptedAt),
        text: `Of the last ${own.length} messages of ${channelId} older than ten minutes, ${silent.length} have no status from their channel.`,
      },
    ];
  });
}

/** Notices of the last day that no other line tells already, each subject once. */
async function findNotices(store: OverviewStore, accountId: AccountId, now: number): Promise<Attention[]> {
  const { items } = await store.listNotices(accountId, { limit: 50 });
  const told = new Set<string>();
  return items.flatMap(({ at, code, subject, text, params, findings, isOver }): Attention[] => {
    const isOld = at < now - dayMs || code.startsWith('destination_') || code === 'undelivered_too_old';
    if (isOld || told.has(`${code}/${subject}`)) return [];
    told.add(`${code}/${subject}`);
    if (isOver) return [];
    return [
      {
        code: 'notice',
        severity: 'warning',
        subject,
        params: { ...params, noticeCode: code },
        ...(findings.length === 0 ? {} : { findings: [...findings] }),
        since: toTime(at),
        text,
      },
    ];
  });
}

/** Senders whose receipts go nowhere, and an account that has nothing but its sandbox. */
async function findUnconnected(store: OverviewStore, accountId: AccountId): Promise<Attention[]> {
  const channels = (await store.listChannels(accountId)).filter(({ type }) => type !== 'sandbox');
  if (channels.length === 0)
    return [
      {
        code: 'no_channel',
        severity: 'info',
        subject: 'channels',
        params: {},
        since: null,
        text: 'No channel is connected yet, but the sandbox is there to try things with.',
      },
    ];
  const senders = (await Promise.all(channels.map(({ id }) => store.listSenders(accountId, id)))).flat();
  return senders
    .filter(({ webhook }) => !webhook.http && !webhook.queue)
    .slice(0, dismissalRanges.items)
    .map(({ id, channelId, name }) => ({
      code: 'no_subscription',
      severity: 'info',
      subject: `sender/${channelId}/${id}`,
      params: { channelId, senderId: id },
      since: null,
      text: `Receipts of ${name} go nowhere: neither HTTP nor the queue is on in its webhook settings.`,
    }));
}
