// One day of a channel, from its connection to the settling of the account at its end.
import assert from 'node:assert/strict';
import { request } from 'undici';
import type { TakenMessage } from '../../src/simulators/taken-messages.ts';
import { pause } from '../support/pace.ts';
import { waitUntil } from '../support/service.ts';
import { openBed } from './bed.ts';
import type { Bed, Receipt } from './bed.ts';
import type { DayChannel } from './channels.ts';

interface DayOptions {
  /** Messages each way. */
  readonly count: number;
  readonly seed: string;
  /** Two nodes on this database, one of which is killed in the middle; one process on SQLite when left out. */
  readonly databaseUrl?: string;
}

/** What a day came to. */
export interface DayReport {
  /** Messages of the business that were acknowledged to it; each has a final state. */
  readonly mt: number;
  /** Messages of users, each of which came once. */
  readonly mo: number;
  readonly receipts: number;
  /** Messages whose send call the vendor broke off after it had taken them. */
  readonly answersLost: number;
  /** Messages that were ended because nobody knows whether the vendor has them, or in time. */
  readonly givenUp: number;
  /** Calls of the business that broke off, so that it does not know whether its message was taken. */
  readonly unanswered: number;
  /** Receipts that came again, by their cause; none is without one. */
  readonly repeats: Readonly<Record<string, number>>;
  /** Files that were fetched, and those that were dead at the vendor's. */
  readonly media: { readonly had: number; readonly gone: number };
  /** What the vendor did, by kind and status. */
  readonly counts: Readonly<Record<string, number>>;
  readonly seconds: number;
}

/** How long nothing at all may come before a day is given up: longer than any wait of the sending that a day runs into. */
const stillMs = 10 * 60_000;
const pollMs = 200;
/** Requests of one sender to its vendor that may be under way when a node is killed. */
const maxUnderWay = 32;
const callers = 8;

/** What the business knows of its own sending. */
interface Account {
  /** What the statuses of each acknowledged message are told apart by. */
  readonly keys: Set<string>;
  /** Calls whose connection broke: they may have been taken or not. */
  unanswered: number;
  /** Messages that users wrote. */
  said: number;
}

/** Plays a day; throws when anything is not accounted for at its end. */
export async function playDay(channel: DayChannel, options: DayOptions): Promise<DayReport> {
  const startedAt = performance.now();
  const bed = await openBed(channel, options);
  try {
    await channel.connect(bed);
    await bed.api('PUT', `/channels/shop/senders/${channel.senderId}/webhook`, {
      http: true,
      queue: false,
      statusUrl: `${bed.businessUrl}/status`,
      inboundUrl: `${bed.businessUrl}/inbound`,
    });
    const account = await speak(bed, channel, options);
    const report = await settle(bed, channel, options, account);
    return { ...report, seconds: Math.round((performance.now() - startedAt) / 1000) };
  } finally {
    await bed.close();
  }
}

/** Both sides write at once. */
async function speak(bed: Bed, channel: DayChannel, options: DayOptions): Promise<Account> {
  const { count, databaseUrl } = options;
  const account: Account = { keys: new Set(), unanswered: 0, said: 0 };
  const masses = channel.template === undefined ? 0 : Math.floor(count / 2);
  await sendMasses(bed, channel, masses, account);
  const users = await channel.findUsers(bed, count - masses);
  let sent = 0;
  let kill: Promise<void> | undefined;
  const sendTexts = async (): Promise<void> => {
    while (sent < count - masses) {
      sent += 1;
      if (databaseUrl !== undefined && sent > (count - masses) / 2) kill ??= bed.killOne();
      const answer = await bed.cams('SendChatappMessage', {
        ChannelType: channel.type,
        Type: 'message',
        MessageType: 'text',
        From: channel.senderId,
        To: users[sent % users.length] ?? '',
        Content: JSON.stringify({ text: `مرحبا ${sent} 👩‍👩‍👧` }),
        ...channel.members,
      });
      if (answer === undefined) account.unanswered += 1;
      else account.keys.add(String(answer['MessageId']));
    }
  };
  const play = async (): Promise<void> => {
    for (let turn = 0; turn < count; turn += 1) {
      const played = (await bed.simulator.playUser(turn)) as Readonly<Record<string, unknown>>;
      if (channel.isSaid(played)) account.said += 1;
      // Others have their turn, and no more waits to be posted than a vendor keeps.
      if (turn % 50 === 0) await pause(20, 'others have their turn');
    }
  };
  await Promise.all([play(), ...Array.from({ length: callers }, sendTexts)]);
  await kill;
  return account;
}

async function sendMasses(bed: Bed, channel: DayChannel, total: number, account: Account): Promise<void> {
  for (let from = 0; from < total; from += 1000) {
    const list = Array.from({ length: Math.min(1000, total - from) }, (_, n) => ({
      To: `${massPrefix}${String(from + n).padStart(7, '0')}`,
      TemplateParams: { id: String(n) },
    }));
    await bed.cams('SendChatappMassMessage', {
      ChannelType: channel.type,
      From: channel.senderId,
      ...channel.template,
      SenderList: JSON.stringify(list),
    });
    for (const { To } of list) account.keys.add(To);
  }
}

const massPrefix = '1666';

/** Waits until all is over, and sees that every message is accounted for. */
async function settle(
  bed: Bed,
  channel: DayChannel,
  { databaseUrl }: DayOptions,
  account: Account,
): Promise<Omit<DayReport, 'seconds'>> {
  const { receipts, repeats, strange } = bed.taken;
  const readStates = followStates(receipts);
  const wait = (what: string, check: () => Promise<boolean> | boolean): Promise<void> =>
    waitWhileItMoves(bed, what, check);
  const listTaken = async () => (await bed.simulator.act('messages', {})) as readonly TakenMessage[];
  const slack = databaseUrl === undefined ? 0 : maxUnderWay;
  const countLost = async (): Promise<number> =>
    channel.knowsItsOwn ? 0 : (await listTaken()).filter(({ isAnswerLost }) => isAnswerLost).length;

  const ends = new Set([...channel.arrived, 'Failed']);
  await wait('every message is over', async () => {
    const states = readStates();
    const open = [...account.keys].filter((key) =>
      [...(states.get(key) ?? [])].every((one) => !ends.has(one)),
    );
    return open.length <= (channel.lostEndsWith === 'Sent' ? (await countLost()) + slack : 0);
  });
  await bed.simulator.idle();
  const inbound = () => receipts.filter(({ NoticeType }) => NoticeType === 'inbound');
  await wait('what users wrote has come', () => inbound().length >= account.said);
  const reached = (...names: readonly string[]): number =>
    [...readStates().values()].filter((states) => names.some((name) => states.has(name))).length;
  await wait('all that the vendor told has come', async () => {
    const statuses = (await listTaken()).map(({ status }) => status);
    const read = statuses.filter((status) => status === 'read').length;
    const delivered = statuses.filter((status) => status === 'delivered').length;
    return reached('Read') >= read && reached('Delivered', 'Read') >= read + delivered;
  });

  if (channel.isSentByAnswer)
    await wait('every answer has come as a receipt', async () => {
      const answered = (await listTaken()).filter(({ isAnswerLost }) => !isAnswerLost);
      return reached('Sent') >= answered.length - slack;
    });

  // What a killed node was sending is taken up when its claim has lapsed.
  await wait('every MT has a state', () => {
    const known = readStates();
    return [...account.keys].every((key) => known.has(key));
  });
  const states = readStates();
  const strangers = [...states.keys()].filter((key) => !account.keys.has(key));
  const lost = await countLost();
  // Messages whose call broke off have a MessageId of ours all the same; others are told by the vendor's id alone.
  const unanswered = strangers.filter((key) => /^\d{21}$/.test(key));
  assert.ok(unanswered.length <= account.unanswered, 'no message that nobody asked for');
  assert.ok(strangers.length - unanswered.length <= lost + slack, 'no status of what nobody sent');
  const givenUp = receipts.filter(isGivenUp);
  const mayBeGivenUp = channel.lostEndsWith === 'Failed' ? lost + slack : slack;
  assert.ok(
    givenUp.length <= mayBeGivenUp,
    `no MT was given up but for want of an answer; ${givenUp.length} were: ${JSON.stringify(givenUp[0])}`,
  );
  assert.deepEqual(findDoubles(receipts), [], 'each status of a message came once');
  const moIds = inbound().map(({ MessageId = '' }) => MessageId);
  assert.equal(new Set(moIds).size, moIds.length, 'every MO once');
  // A message with several parts is several receipts of an id each.
  assert.equal(moIds.filter((id) => !/#\d+$/.test(id)).length, account.said, 'and no MO that nobody wrote');
  assert.equal(repeats.get('none') ?? 0, 0, 'no repeat without a cause');
  assert.deepEqual(strange, [], 'nothing but receipts was pushed');
  const media = await countMedia(bed);
  const counts = bed.simulator.ledger.counts();
  assert.equal(
    Object.keys(counts).some((name) => name.startsWith('given_up')),
    false,
  );
  const taken = await listTaken();
  return {
    mt: account.keys.size,
    mo: account.said,
    receipts: receipts.length,
    answersLost: taken.filter(({ isAnswerLost }) => isAnswerLost).length,
    givenUp: givenUp.length,
    unanswered: account.unanswered,
    repeats: Object.fromEntries(repeats),
    media,
    counts,
  };
}

/** Waits for `check` as long as anything goes on: a slow machine takes its time, and a day that stands still is given up. */
async function waitWhileItMoves(
  bed: Bed,
  what: string,
  check: () => Promise<boolean> | boolean,
): Promise<void> {
  const toState = (): string => JSON.stringify([bed.taken.receipts.length, bed.simulator.ledger.counts()]);
  let state = toState();
  let movedAt = performance.now();
  while (!(await check())) {
    const now = toState();
    if (now !== state) movedAt = performance.now();
    state = now;
    if (performance.now() - movedAt > stillMs)
      throw new Error(
        `Nothing moves, and waited in vain until ${what}. ${state} ${bed.output().slice(-2000)}`,
      );
    await pause(pollMs, 'what moves is asked for now and then');
  }
}

/** Whether it ends a message of which the vendor never said anything. */
function isGivenUp({ ErrorCode, ErrorDescription = '' }: Receipt): boolean {
  return ErrorCode === 'unknown_outcome' || ErrorDescription.includes('within its lifetime');
}

/**
 * The statuses of each message; of one in a mass by its recipient, who gets no other. What it gives back looks at each receipt
 * once, however often it is asked.
 */
function followStates(receipts: readonly Receipt[]): () => ReadonlyMap<string, ReadonlySet<string>> {
  const states = new Map<string, Set<string>>();
  let seen = 0;
  return () => {
    for (const { MessageId = '', Status, To = '' } of receipts.slice(seen)) {
      if (Status === undefined || Status.includes('ubscribe')) continue;
      const key = To.startsWith(massPrefix) ? To : MessageId;
      states.set(key, (states.get(key) ?? new Set()).add(Status));
    }
    seen = receipts.length;
    return states;
  };
}

/** Statuses that came twice under two ReceiptIds: a message that was sent twice has them. */
function findDoubles(receipts: readonly Receipt[]): readonly string[] {
  const seen = new Set<string>();
  return receipts.flatMap(({ MessageId = '', Status, To = '' }) => {
    if (Status === undefined) return [];
    const name = `${MessageId} ${To} ${Status}`;
    const isDouble = seen.has(name);
    seen.add(name);
    return isDouble ? [name] : [];
  });
}

/** Fetches every file that an MO links to; those that were dead at the vendor's have to be told as gone. */
async function countMedia(bed: Bed): Promise<DayReport['media']> {
  const links = bed.taken.receipts
    .filter(({ NoticeType }) => NoticeType === 'inbound')
    .flatMap(({ Message = '' }) => /"url":"([^"]+)"/.exec(Message)?.[1] ?? [])
    .filter((url) => url.startsWith(bed.url));
  let had = 0;
  let gone = 0;
  for (const url of links) {
    let status = 0;
    await waitUntil('a file is there', stillMs, async () => {
      const answer = await request(url);
      const bytes = (await answer.body.arrayBuffer()).byteLength;
      status = answer.statusCode;
      return (status === 200 && bytes > 0) || status === 410;
    });
    if (status === 200) had += 1;
    else gone += 1;
  }
  const dead = bed.simulator.ledger
    .list()
    .flatMap(({ kind, status, subject }) =>
      kind === 'called' && status === 403 && subject.startsWith('GET /cdn/') ? [subject] : [],
    );
  assert.equal(gone, new Set(dead).size, 'every file is there but those that were dead');
  return { had, gone };
}
