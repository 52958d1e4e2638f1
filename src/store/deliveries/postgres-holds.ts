// Which node pushes to which destination. One that holds a destination claims its deliveries without writing anything down;
// what it has in hand it knows by itself.
import type { AccountId } from '../../domain/account.ts';
import type { Connection, Queries } from '../postgres/connection.ts';

/**
 * How long a hold lasts unless it is renewed, how often it is, and when its holder stops trusting it: so long before its end
 * that what was claimed under it, and waits for its turn for 5 s at most, begins under it as well.
 */
const holdMs = 15_000;
const renewMs = 2000;
const trustMs = 9000;
/** A hold that was not used for this long is given up, so that destinations spread over the nodes anew. */
const idleMs = 10_000;
/** Every so many renewals a node looks whether it holds more than its share. */
const shareTurns = 10;
/** A node whose time was set asks again after this long whether a hold that looks lapsed is. */
const unsureMs = 1000;
/** A node that gave up a destination leaves it to the others for this long. */
const yieldMs = 500;

/** Clocks of nodes may differ by this much. */
const clockMarginMs = 5000;

/** Makes this node's holds last longer; one that another node has by now is not there. */
const renewHolds = `UPDATE destination_hold SET until = $4
  WHERE holder = $1 AND account_id = ANY ($2) AND destination_id = ANY ($3) RETURNING destination_id`;

const freeHolds = `UPDATE destination_hold SET holder = '', until = 0
  WHERE holder = $1 AND account_id = ANY ($2) AND destination_id = ANY ($3)`;

/** How many destinations are held, by this node and by all, and how many nodes there are. */
const countHolds = `SELECT (count(*) FILTER (WHERE holder = $1))::int AS mine, count(*)::int AS all,
    (SELECT count(*)::int FROM node WHERE lease_until > $2) AS nodes
  FROM destination_hold WHERE until > $2`;

/** What other nodes hold, and how long still. */
const holdsOfOthers = `SELECT destination_id, least(until - $2, $3)::int AS rest FROM destination_hold
  WHERE until > $2 AND holder <> $1`;

export interface Hold {
  readonly accountId: AccountId;
  readonly destinationId: number;
  /**
   * Set when the node that held it before never gave it up: what there was then, and was due, may have been pushed without a
   * record of it.
   */
  readonly suspect: { readonly upToId: number; readonly dueBy: number } | null;
  /** By the monotonic clock. */
  renewedAt: number;
  usedAt: number;
}

/** Leases of whole destinations, by the database's time, which all nodes share. All methods may be called at any time. */
export class Holds {
  readonly #db: Connection;
  readonly #isBusy: (destinationId: number) => boolean;
  readonly #own = new Map<number, Hold>();
  /** Holds above this node's share, given up as soon as nothing of theirs is in hand. */
  readonly #leaving = new Map<number, Hold>();
  /** Destinations of other nodes, with when to ask again. */
  readonly #others = new Map<number, number>();
  readonly #timer: NodeJS.Timeout;
  readonly #unwatch: () => void;
  #refreshing: Promise<void> | undefined;
  #turn = 0;

  /** `isBusy` tells whether this node has deliveries of a destination in hand. */
  constructor(db: Connection, isBusy: (destinationId: number) => boolean) {
    this.#db = db;
    this.#isBusy = isBusy;
    this.#unwatch = db.signals.watchFreed((destinationId) => this.#others.delete(destinationId));
    this.#timer = setInterval(() => {
      // A database that is away is told of by everyone else; holds lapse meanwhile.
      this.#renew().catch(() => undefined);
    }, renewMs);
    this.#timer.unref();
    db.atClose(async (queries) => {
      clearInterval(this.#timer);
      this.#unwatch();
      await this.#giveUp([...this.#own.values(), ...this.#leaving.values()], queries);
    });
  }

  /** The hold of a destination, taken if it is free; undefined while another node has it. */
  async take(accountId: AccountId, destinationId: number): Promise<Hold | undefined> {
    const now = this.#monotonic();
    const known = this.#own.get(destinationId);
    if (known !== undefined && this.isTrusted(known)) {
      known.usedAt = now;
      return known;
    }
    if (this.#leaving.has(destinationId) || (this.#others.get(destinationId) ?? 0) > now) return undefined;
    if (this.#others.has(destinationId)) {
      await (this.#refreshing ??= this.#refresh());
      if ((this.#others.get(destinationId) ?? 0) > this.#monotonic()) return undefined;
    }
    const sentAt = this.#monotonic();
    const [answer] = await this.#db.call<{ mine: boolean; rest: number; suspect: number | null }>(
      'SELECT * FROM hold_destination($1, $2, $3, $4, $5, $6)',
      () => [accountId, destinationId, this.#db.holder, this.#now(), holdMs, this.#isSure() ? 1 : 0],
    );
    if (answer?.mine !== true) {
      this.#own.delete(destinationId);
      this.#others.set(destinationId, sentAt + Math.min(holdMs, answer?.rest || unsureMs) + 1);
      return undefined;
    }
    this.#others.delete(destinationId);
    const suspect =
      answer.suspect === null
        ? (known?.suspect ?? null)
        : { upToId: answer.suspect, dueBy: this.#db.now() + clockMarginMs };
    const hold = { accountId, destinationId, suspect, renewedAt: sentAt, usedAt: sentAt };
    this.#own.set(destinationId, hold);
    return hold;
  }

  /**
   * Whether what is begun under a hold now is begun by nobody else: it was renewed a moment ago, by a time that has not been set
   * since.
   */
  isTrusted({ renewedAt }: Hold): boolean {
    return this.#monotonic() - renewedAt < trustMs && renewedAt > this.#db.database.steppedAt;
  }

  #now(): number {
    return this.#db.database.now();
  }

  #monotonic(): number {
    return this.#db.database.monotonic();
  }

  /** Whether holds of others that look lapsed are: after time was set, all that live have been renewed by the new one. */
  #isSure(): boolean {
    return this.#monotonic() - this.#db.database.steppedAt > holdMs;
  }

  /** How long to leave a destination to the node that holds it; 0 when none does, as far as is known. */
  restMs(destinationId: number): number {
    if (this.#leaving.has(destinationId)) return renewMs;
    return Math.max(0, (this.#others.get(destinationId) ?? 0) - this.#monotonic());
  }

  async #renew(): Promise<void> {
    const now = this.#monotonic();
    const holds = [...this.#own.values(), ...this.#leaving.values()];
    const idle = holds.filter(
      ({ destinationId, usedAt }) =>
        (now - usedAt > idleMs || this.#leaving.has(destinationId)) && !this.#isBusy(destinationId),
    );
    const kept = holds.filter((hold) => !idle.includes(hold));
    if (idle.length > 0) await this.#giveUp(idle);
    if (kept.length === 0) return;
    const rows = await this.#db.all<{ destination_id: number }>(renewHolds, [
      this.#db.holder,
      kept.map(({ accountId }) => accountId),
      kept.map(({ destinationId }) => destinationId),
      this.#now() + holdMs,
    ]);
    const renewed = new Set(rows.map((row) => row.destination_id));
    for (const hold of kept) {
      if (renewed.has(hold.destinationId)) hold.renewedAt = now;
      else this.#forget(hold.destinationId);
    }
    this.#turn += 1;
    if (this.#turn % shareTurns === 0) await this.#share();
  }

  /** Leaves to others what is above this node's share. */
  async #share(): Promise<void> {
    const row = await this.#db.get<{ mine: number; all: number; nodes: number }>(countHolds, [
      this.#db.holder,
      this.#now(),
    ]);
    if (row === undefined) return;
    const surplus = row.mine - Math.ceil(row.all / Math.max(row.nodes, 1)) - 1;
    for (const hold of [...this.#own.values()].slice(0, Math.max(0, surplus))) {
      this.#own.delete(hold.destinationId);
      this.#leaving.set(hold.destinationId, hold);
    }
  }

  #forget(destinationId: number): void {
    this.#own.delete(destinationId);
    this.#leaving.delete(destinationId);
  }

  async #giveUp(holds: readonly Hold[], queries: Pick<Queries, 'run'> = this.#db): Promise<void> {
    if (holds.length === 0) return;
    const until = this.#monotonic() + yieldMs;
    for (const { destinationId } of holds) {
      this.#forget(destinationId);
      this.#others.set(destinationId, until);
    }
    await queries.run(freeHolds, [
      this.#db.holder,
      holds.map(({ accountId }) => accountId),
      holds.map(({ destinationId }) => destinationId),
    ]);
    this.#db.signals.tellFreed(holds);
  }

  /** Asks for all destinations of others at once, instead of for each when its time has come. */
  async #refresh(): Promise<void> {
    try {
      const at = this.#monotonic();
      const rows = await this.#db.all<{ destination_id: number; rest: number }>(holdsOfOthers, [
        this.#db.holder,
        this.#now(),
        holdMs,
      ]);
      this.#others.clear();
      for (const row of rows) this.#others.set(row.destination_id, at + row.rest + 1);
    } finally {
      this.#refreshing = undefined;
    }
  }
}
