// How many messages were sent, delivered and read, of a number and of a template (docs/protocols/cams.md).
import type { Channel, Sender } from '../../domain/channel.ts';
import type { OutboundCount, OutboundSpan } from '../../store/store.ts';
import { invalid } from '../../domain/refusal.ts';
import { CamsError } from './errors.ts';
import { findChannel, listChannels } from './operation.ts';
import type { Answer, Call, OperationDeps } from './operation.ts';
import { toWhole } from './parameters.ts';

/** What these operations work with. */
export type CountDeps = OperationDeps<'countOutbound' | 'findTemplates' | 'listChannels' | 'listSenders'>;

const day = 24 * 60 * 60 * 1000;
const spansMs = { DAILY: day, HALF_HOUR: day / 48 } as const;
const maxSpans = 1000;
/** Messages that one call looks at, so that its cost has a bound; they are counted when they are asked for. */
const maxSeen = 100_000;
/** Messages counted at once, between which others have their turn. */
const stepRows = 5000;
const latest = Date.UTC(9999, 11, 31);

/** Nothing has to be turned on: the channel has only to be the caller's. */
export async function enableMetrics(deps: CountDeps, call: Call): Promise<Answer> {
  await findChannel(deps, call);
  return {};
}

/** The volume of a number over time, or of every WhatsApp number of the channel. */
export async function getPhoneNumberMetric(deps: CountDeps, call: Call): Promise<Answer> {
  const time = readTime(call, ['DAILY', 'HALF_HOUR']);
  const senders = (await listSenders(deps, await listChannels(deps, call))).filter(
    ({ type }) => type === 'whatsapp',
  );
  const wanted = call.parameters.text('PhoneNumber')?.replace(/^\+/, '');
  const named = senders.filter(({ id }) => wanted === undefined || id === wanted);
  if (wanted !== undefined && named.length === 0)
    throw CamsError.business(
      'InvalidParameter.PhoneNumberError',
      `There is no WhatsApp number ${wanted}. QueryChatappPhoneNumbers lists them.`,
    );
  const counted = await count(deps, call, named, time);
  return {
    Data: counted.map(({ sender, span, sent, delivered }) => ({
      PhoneNumber: sender.id,
      Granularity: time.granularity,
      ...toEnds(time, span),
      SentCount: sent,
      DeliveredCount: delivered,
    })),
  };
}

/** What became of the messages with a template over time, each of its languages apart. */
export async function getTemplateMetric(deps: CountDeps, call: Call): Promise<Answer> {
  const { parameters, accountId } = call;
  const code = parameters.required('TemplateCode');
  const language = parameters.text('Language');
  const type = parameters.word('TemplateType', ['WHATSAPP', 'VIBER']);
  const time = readTime(call, ['DAILY']);
  const channels = await listChannels(deps, call);
  const found = (
    await deps.store.findTemplates(accountId, { code, ...(language === undefined ? {} : { language }) })
  ).filter((template) => type === undefined || template.type === type);
  const own = channels.filter(({ id }) => found.some(({ channelId }) => channelId === id));
  if (own.length === 0)
    throw CamsError.business('DetailError.TemplateNotExist', 'There is no such template in that language.');
  const counted = await count(deps, call, await listSenders(deps, own), { ...time, templateCode: code });
  const wanted = counted.filter((one) => language === undefined || one.language === language);
  const bySpan = Map.groupBy(wanted, (one) => `${one.span}/${one.language}`);
  return {
    Data: [...bySpan.values()].map((ofAll) => ({
      TemplateCode: code,
      Language: ofAll[0]?.language ?? '',
      ...toEnds(time, ofAll[0]?.span ?? 0),
      SentCount: sum(ofAll.map(({ sent }) => sent)),
      DeliveredCount: sum(ofAll.map(({ delivered }) => delivered)),
      ReadCount: sum(ofAll.map(({ read }) => read)),
      // Which buttons were pressed is not told by the channel.
      Cliented: [],
    })),
  };
}

type Granularity = keyof typeof spansMs;
type Time = Pick<OutboundSpan, 'since' | 'until' | 'spanMs'> & { readonly granularity: Granularity };

/** Start and End in milliseconds, and how the time between them is cut. Throws MissingParameter and InvalidParameter. */
function readTime({ parameters }: Call, offered: readonly Granularity[]): Time {
  const since = toWhole('Start', parameters.required('Start'), 0, latest);
  const until = toWhole('End', parameters.required('End'), 0, latest);
  const granularity = parameters.word('Granularity', offered) ?? 'DAILY';
  const spanMs = spansMs[granularity];
  if (until <= since) throw invalid('End', 'has to be after Start');
  if (until - since > maxSpans * spanMs)
    throw invalid('End', `has to be at most ${maxSpans} times ${granularity} after Start`);
  return { since, until, spanMs, granularity };
}

/** Counts in steps. Throws InvalidParameter where there is more to look at than a call may. */
async function count(
  { store }: CountDeps,
  { accountId }: Call,
  senders: readonly Sender[],
  span: Omit<OutboundSpan, 'channelId' | 'senderId'>,
): Promise<readonly (OutboundCount & { readonly sender: Sender })[]> {
  const merged = new Map<string, OutboundCount & { readonly sender: Sender }>();
  let left = maxSeen;
  for (const sender of senders) {
    const own = { ...span, channelId: sender.channelId, senderId: sender.id };
    for (let from: number | null = 0; from !== null;) {
      const step = await store.countOutbound(accountId, own, stepRows, from);
      left -= step.seen;
      if (left < 0)
        throw invalid('End', `is too far from Start: a call counts up to ${maxSeen} messages; ask for less`);
      for (const one of step.counts) {
        const key = `${sender.channelId}/${sender.id}/${one.span}/${one.language}`;
        const known = merged.get(key);
        merged.set(key, {
          ...one,
          sender,
          sent: one.sent + (known?.sent ?? 0),
          delivered: one.delivered + (known?.delivered ?? 0),
          read: one.read + (known?.read ?? 0),
        });
      }
      from = step.next;
    }
  }
  return [...merged.values()];
}

async function listSenders({ store }: CountDeps, channels: readonly Channel[]): Promise<readonly Sender[]> {
  const lists = channels.map(({ accountId, id }) => store.listSenders(accountId, id));
  return (await Promise.all(lists)).flat();
}

function toEnds({ since, until, spanMs }: Time, span: number) {
  const start = since + span * spanMs;
  return { Start: start, End: Math.min(until, start + spanMs) };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
