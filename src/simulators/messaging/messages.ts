// Messages that the simulated Messenger and Instagram take, and what becomes of them: echo, delivery, reading.
import type { Stage } from '../simulator.ts';
import type { Random } from '../random.ts';
import { TakenMessages } from '../taken-messages.ts';
import type { TakenMessage } from '../taken-messages.ts';
import type { Conversations } from './conversations.ts';
import { findBodyFault, findToken, findWindowFault, toObject } from './rules.ts';
import type { MessagingError, MessagingType } from './rules.ts';
import { appId } from './tokens.ts';

type Body = Readonly<Record<string, unknown>>;

/** What the Send API does with a request. */
type Taken =
  | { readonly kind: 'refused'; readonly error: MessagingError }
  /** The caller never learns that the message was taken. */
  | { readonly kind: 'lost'; readonly id: string }
  | {
      readonly kind: 'answered';
      readonly answer: object;
      /** How much of the app's limits is used, in percent; undefined where nothing is told of it. */
      readonly usage?: number;
      /** The answer comes this much later than what became of the message. */
      readonly afterMs: number;
    };

/** What is said of a message once it is taken. */
interface Sent {
  readonly id: string;
  readonly to: string;
  readonly metadata: string | null;
  readonly at: number;
}

interface MessageDeps {
  readonly type: MessagingType;
  readonly stage: Stage;
  readonly conversations: Conversations;
}

const second = 1000;
const overtakenMs = 500;

export class SentMessages {
  readonly #deps: MessageDeps;
  readonly #taken = new TakenMessages();
  /** Messages of each user that a watermark may still mean, oldest first. */
  readonly #unread = new Map<string, Sent[]>();
  readonly #uploads = new Set<string>();
  #calls = 0;
  #windowStart = 0;
  #inWindow = 0;

  constructor(deps: MessageDeps) {
    this.#deps = deps;
  }

  /** What it took, oldest first. */
  list(): readonly TakenMessage[] {
    return this.#taken.list();
  }

  take(body: Body): Taken {
    const user = this.#findUser(body);
    if (typeof body['sender_action'] === 'string')
      return { kind: 'answered', answer: { recipient_id: user }, afterMs: 0 };
    const chance = this.#deps.stage.random.branch(`call ${(this.#calls += 1)}`);
    const error = this.#findFault(body, user, chance);
    return error === undefined ? this.#accept(body, user, chance) : { kind: 'refused', error };
  }

  /** Who is meant: the one that is named, or whom only the platform knows so far. */
  #findUser(body: Body): string {
    const token = findToken(this.#deps.type, body);
    if (token === undefined) return String(toObject(body['recipient'])?.['id']);
    return `24${this.#deps.stage.random.branch(`token ${token.value}`).digits(15)}`;
  }

  #findFault(body: Body, user: string, chance: Random): MessagingError | undefined {
    const { type, stage, conversations } = this.#deps;
    const isOptedIn = findToken(type, body) !== undefined;
    return (
      findBodyFault(type, body) ??
      (isOptedIn ? undefined : findWindowFault(type, stage, body, conversations.wroteAt(user))) ??
      this.#findFate(chance) ??
      this.#findUploadFault(body)
    );
  }

  #findFate(chance: Random): MessagingError | undefined {
    const { fault } = this.#deps.stage;
    if (chance.chance(fault('transient')))
      return { status: 500, code: 1200, message: 'Temporary send message failure.', isTransient: true };
    if (chance.chance(fault('throttled')) || this.#isOverRate())
      return {
        status: 400,
        code: 613,
        message: 'Calls to this api have exceeded the rate limit.',
        headers: toUsage(100),
      };
    if (chance.chance(fault('unavailable')))
      return { status: 400, code: 551, subcode: 1545041, message: "This person isn't available right now." };
    return undefined;
  }

  #findUploadFault(body: Body): MessagingError | undefined {
    const known = readPayload(body)?.['attachment_id'];
    if (typeof known !== 'string' || this.#uploads.has(known)) return undefined;
    return { status: 400, code: 100, subcode: 2018074, message: 'Invalid attachment id.' };
  }

  #isOverRate(): boolean {
    const { clock, option } = this.#deps.stage;
    const now = clock.now();
    if (now - this.#windowStart >= second) {
      this.#windowStart = now;
      this.#inWindow = 0;
    }
    this.#inWindow += 1;
    return this.#inWindow > Number(option('account-rate'));
  }

  #accept(body: Body, user: string, chance: Random): Taken {
    const { type, stage } = this.#deps;
    const { clock, fault } = stage;
    const message = toObject(body['message']) ?? {};
    const { metadata } = message;
    const id = `m_${chance.digits(24)}`;
    this.#taken.add(id, user);
    const isEarly = chance.chance(fault('overtaking'));
    const sent = { id, to: user, metadata: typeof metadata === 'string' ? metadata : null, at: clock.now() };
    this.#live(sent, message, chance, isEarly ? 0 : 20);
    if (chance.chance(fault('lost-answer'))) {
      this.#taken.loseAnswer(id);
      return { kind: 'lost', id };
    }
    const attachmentId = readPayload(body)?.['is_reusable'] === true ? chance.digits(16) : undefined;
    if (attachmentId !== undefined) this.#uploads.add(attachmentId);
    const answer = {
      ...(findToken(type, body)?.name === 'user_ref' ? {} : { recipient_id: user }),
      message_id: id,
      ...(attachmentId === undefined ? {} : { attachment_id: attachmentId }),
    };
    const usage = chance.chance(fault('near-limit')) ? 95 : 10;
    return { kind: 'answered', answer, usage, afterMs: isEarly ? overtakenMs : 0 };
  }

  /** Plans what becomes of a message: its echo, its delivery, perhaps its reading. */
  #live(sent: Sent, message: Body, chance: Random, afterMs: number): void {
    this.#echo(sent, message, afterMs);
    if (this.#deps.type === 'messenger') this.#deliver(sent, chance, afterMs);
    if (chance.chance(Number(this.#deps.stage.option('reads')))) this.#read(sent, chance, afterMs);
  }

  #echo({ id, to, at, metadata }: Sent, { text, attachment }: Body, afterMs: number): void {
    const echo = {
      mid: id,
      is_echo: true,
      ...(text === undefined ? {} : { text }),
      ...(attachment === undefined ? {} : { attachment }),
    };
    const own = this.#deps.type === 'messenger' ? { ...echo, app_id: Number(appId), metadata } : echo;
    this.#deps.conversations.tell(`echo ${id}`, { user: to, isOurs: true }, { message: own }, afterMs, at);
  }

  #deliver(sent: Sent, chance: Random, afterMs: number): void {
    const { id, to, at } = sent;
    const { stage, conversations } = this.#deps;
    this.#taken.tell(id, 'delivered');
    this.#unread.set(to, [...(this.#unread.get(to) ?? []), sent]);
    const mids = chance.chance(stage.fault('no-mids')) ? {} : { mids: [id] };
    const delivery = { ...mids, watermark: at };
    conversations.tell(`delivered ${id}`, { user: to }, { delivery }, afterMs + 100);
  }

  #read(sent: Sent, chance: Random, afterMs: number): void {
    const { id, to, at } = sent;
    const isMessenger = this.#deps.type === 'messenger';
    // A watermark means every message before it as well; Instagram names the one.
    for (const one of isMessenger ? (this.#unread.get(to) ?? []) : [sent]) this.#taken.tell(one.id, 'read');
    this.#unread.delete(to);
    const read = isMessenger ? { watermark: at } : { mid: id };
    const readAfterMs = afterMs + chance.whole(150, 600);
    this.#deps.conversations.tell(`read ${id}`, { user: to }, { read }, readAfterMs);
  }
}

/** Shares of the app's limits, in percent, as Meta's headers tell them. */
export function toUsage(percent: number): Readonly<Record<string, string>> {
  return {
    'x-app-usage': JSON.stringify({ call_count: percent, total_cputime: 5, total_time: 5 }),
  };
}

function readPayload(body: Body): Body | undefined {
  return toObject(toObject(toObject(body['message'])?.['attachment'])?.['payload']);
}
