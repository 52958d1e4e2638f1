// The overview: what needs attention first, and how much happened of late. Its cost does not grow with what is stored.
import { Type } from '@fastify/type-provider-typebox';
import type { Static } from '@fastify/type-provider-typebox';
import type { AccountId } from '../../domain/account.ts';
import { rateKinds } from '../../store/store.ts';
import type { Rate, RateKind } from '../../store/store.ts';
import { needs } from './access.ts';
import { callerOf } from './auth.ts';
import type { ApiDeps } from './deps.ts';
import { toTime } from '../../domain/time.ts';
import { describe } from './route.ts';
import type { Api } from './route.ts';
import { FindingParams, NoticeFindingAnswer } from './schemas-findings.ts';
import { NullableTime, Time } from './schemas.ts';

/** What these routes work with. */
type OverviewApiDeps = ApiDeps<
  | 'findOldestUndelivered'
  | 'findTemplates'
  | 'listChannels'
  | 'listDestinations'
  | 'listNotices'
  | 'listOutbound'
  | 'listRates'
  | 'listSenders'
>;

type OverviewStore = OverviewApiDeps['store'];

const attentionCodes = [
  'destination_off',
  'destination_open',
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
    subject: Type.String({ examples: ['destination/12'] }),
    params: FindingParams,
    findings: Type.Optional(Type.Array(NoticeFindingAnswer)),
    since: NullableTime,
    text: Type.String(),
  },
  { title: 'Attention' },
);
type Attention = Static<typeof AttentionAnswer>;

const PointAnswer = Type.Object({ at: Time, ...Counts }, { title: 'RatePoint' });

const OverviewAnswer = Type.Object(
  {
    at: Time,
    attention: Type.Array(AttentionAnswer, { description: 'The most urgent first.' }),
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

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
/** Many who look at once cost one look. */
const rememberMs = 5000;
const maxRemembered = 1000;
/** Younger than this a delivery is simply on its way. */
const lateMs = 5 * minuteMs;
/** A channel tells its first status within seconds; after this it is missing. */
const silentMs = 10 * minuteMs;
/** Messages that are looked at for missing receipts. */
const sampleRows = 500;

export function overviewApi(api: Api, deps: OverviewApiDeps): void {
  const remembered = new Map<AccountId, { until: number; answer: Promise<Static<typeof OverviewAnswer>> }>();

  api.get(
    '/overview',
    {
      ...needs('viewer'),
      schema: describe(
        'What needs attention, and the rates of the last hour and day',
        'overview',
        {},
        { 200: OverviewAnswer },
      ),
    },
    (request) => {
      const { accountId } = callerOf(request);
      const now = deps.now();
      const at = deps.monotonic();
      const known = remembered.get(accountId);
      if (known !== undefined && known.until > at) return known.answer;
      if (remembered.size >= maxRemembered) remembered.clear();
      const answer = look(deps.store, accountId, now);
      remembered.set(accountId, { until: at + rememberMs, answer });
      answer.catch(() => remembered.delete(accountId));
      return answer;
    },
  );
}

async function look(
  store: OverviewStore,
  accountId: AccountId,
  now: number,
): Promise<Static<typeof OverviewAnswer>> {
  const minute = Math.floor(now / minuteMs);
  const [rates, ...attention] = await Promise.all([
    store.listRates(accountId, minute - 24 * 60 + 1),
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
  return {
    at: toTime(now),
    attention: attention.flat().sort((a, b) => order(a) - order(b)),
    rates: { hour, day },
    totals: { hour: sum(hour), day: sum(day) },
  };
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
        params: { ...params, reason: stateReason },
        since: toTime(stateSince),
        text:
          state === 'off'
            ? `${url} is switched off: ${stateReason}`
            : `${url} keeps failing and only gets probes: ${stateReason}`,
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
  const silent = items.filter(({ state, status }) => state === 'accepted' && status === null);
  const oldest = silent.at(-1);
  if (oldest === undefined) return [];
  return [
    {
      code: 'missing_receipts',
      severity: 'warning',
      subject: 'messages',
      params: { missing: silent.length, of: items.length },
      since: toTime(oldest.acceptedAt),
      text: `Of the last ${items.length} messages older than ten minutes, ${silent.length} have no status from their channel.`,
    },
  ];
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
    .slice(0, 20)
    .map(({ id, channelId, name }) => ({
      code: 'no_subscription',
      severity: 'info',
      subject: `sender/${channelId}/${id}`,
      params: { channelId, senderId: id },
      since: null,
      text: `Receipts of ${name} go nowhere: neither HTTP nor the queue is on in its webhook settings.`,
    }));
}
