// Which of a database's hosts is used: the one that says that it takes writes, asked anew whenever that may have changed.
import { parseDatabaseAddress } from '../../domain/database-address.ts';
import type { DatabaseAddress, DatabaseHost } from '../../domain/database-address.ts';
import { GatewayError } from '../../domain/errors.ts';
import type { Emit } from '../../telemetry/events.ts';
import { isLost, isRefusedForCount, toReason } from './faults.ts';
import { end, openClient, toQuestion } from './session.ts';
import { within } from '../../runtime/loop.ts';
import type { Stopwatch } from '../../runtime/clock.ts';

/** Once one host takes writes, the others are waited for this long: one that was promoted later goes before it. */
const othersMs = 500;
/** After so many looks in vain, the next one begins this much later; the last of these from then on. */
const lookAgainMs = [0, 250, 500, 1000];
/** Others are asked so often whether one of them was promoted, while the one that is used says nothing amiss. */
const reviewMs = 10_000;
/** A look in vain is told at most this often. */
const quietMs = 10_000;

interface HostsOptions extends Stopwatch {
  readonly emit: Emit;
}

/**
 * The choice among a database's hosts, one for all connections of a process. It holds until it is doubted; then all are asked. A host by itself
 * is not: what is at that name may change, and each session asks it.
 */
export class Hosts {
  readonly #address: DatabaseAddress;
  readonly #options: HostsOptions;
  readonly #listeners: ((host: DatabaseHost) => void)[] = [];
  #chosen: DatabaseHost;
  /** The newest timeline that was seen: what one before it takes is lost once somebody looks after its cluster. */
  #timeline: number;
  #isSure: boolean;
  /** How often it was doubted: once more while a look is under way is a reason for the next one. */
  #doubts = 0;
  #look: Promise<DatabaseHost> | undefined;
  #failures = 0;
  #failedAt = Number.NEGATIVE_INFINITY;
  #failure: GatewayError | undefined;
  #toldAt = Number.NEGATIVE_INFINITY;
  #reviewedAt: number;

  private constructor(address: DatabaseAddress, options: HostsOptions, { host, timeline }: Taking) {
    this.#address = address;
    this.#options = options;
    this.#chosen = host;
    this.#timeline = timeline ?? 0;
    this.#isSure = true;
    this.#reviewedAt = options.monotonic();
  }

  /** Chooses among the hosts of an address. Throws `store_unavailable`, with what each of them said. */
  static async open(address: string, options: HostsOptions): Promise<Hosts> {
    const parsed = parseDatabaseAddress(address);
    return new Hosts(parsed, options, await findAmong(parsed, 0));
  }

  /** The host that was chosen last. */
  get chosen(): DatabaseHost {
    return this.#chosen;
  }

  get connectMs(): number | undefined {
    return this.#address.connectMs;
  }

  /** Whether another host may be found in the place of one that will not do. */
  get areSeveral(): boolean {
    return this.#address.hosts.length > 1;
  }

  /** Calls `listener` when another host has been chosen. */
  watch(listener: (host: DatabaseHost) => void): void {
    this.#listeners.push(listener);
  }

  /** Whether a connection leads to the host that is chosen. */
  isAt({ host, port }: { readonly host: string; readonly port: number }): boolean {
    return !this.areSeveral || (host === this.#chosen.host && port === this.#chosen.port);
  }

  /** Has all be asked again before another connection is made: one was lost, or the host takes no writes any more. */
  doubt(): void {
    if (!this.areSeveral) return;
    this.#isSure = false;
    this.#doubts += 1;
  }

  /**
   * The host to connect to. Those who ask while a look is under way wait for that one. Throws `store_unavailable` when none takes writes, and
   * without a look until the next one is due.
   */
  async find(): Promise<DatabaseHost> {
    if (this.#isSure) return this.#chosen;
    if (this.#look === undefined) {
      const waitMs = lookAgainMs[Math.min(this.#failures, lookAgainMs.length - 1)] ?? 0;
      if (this.#failure !== undefined && this.#options.monotonic() - this.#failedAt < waitMs)
        throw this.#failure;
      this.#look = this.#choose().finally(() => (this.#look = undefined));
    }
    return this.#look;
  }

  async #choose(): Promise<DatabaseHost> {
    const doubts = this.#doubts;
    const others = this.#address.hosts.filter((host) => host !== this.#chosen);
    const hosts = [this.#chosen, ...others];
    const { host, timeline } = await findAmong({ ...this.#address, hosts }, this.#timeline).catch(
      (error: unknown) => {
        throw this.#fail(error);
      },
    );
    this.#isSure = doubts === this.#doubts;
    this.#failures = 0;
    this.#failure = undefined;
    this.#timeline = Math.max(this.#timeline, timeline ?? 0);
    if (host !== this.#chosen) this.#move(host);
    return host;
  }

  /**
   * Called every so often, looks now and then whether another host was promoted: a server that was cut off from its cluster, or whose agent died, may
   * go on taking writes that nobody will keep.
   */
  async review(): Promise<void> {
    const now = this.#options.monotonic();
    if (!this.areSeveral || now - this.#reviewedAt < reviewMs) return;
    this.#reviewedAt = now;
    const newest = await findAmong(this.#address, this.#timeline).catch(() => undefined);
    if (newest?.timeline == null || newest.timeline <= this.#timeline) return;
    this.#timeline = newest.timeline;
    if (newest.host !== this.#chosen) this.#move(newest.host);
  }

  #move(host: DatabaseHost): void {
    const before = this.#chosen.name;
    this.#chosen = host;
    this.#options.emit('database.moved', { host: host.name, before });
    for (const listener of this.#listeners) listener(host);
  }

  /** What callers are told, which may go to strangers, so without names; these go to the log. */
  #fail(error: unknown): unknown {
    if (!(error instanceof GatewayError)) return error;
    this.#failures += 1;
    this.#failedAt = this.#options.monotonic();
    this.#failure = new GatewayError(
      'store_unavailable',
      'The database cannot be used: none of its hosts takes writes.',
      { cause: error },
    );
    if (this.#failedAt - this.#toldAt >= quietMs) {
      this.#toldAt = this.#failedAt;
      this.#options.emit('database.sought', { reason: error.message });
    }
    return this.#failure;
  }
}

/** The host of an address that takes writes; a host by itself is not asked. Throws `store_unavailable`, with what each of them said. */
export async function findHost(address: string): Promise<DatabaseHost> {
  return (await findAmong(parseDatabaseAddress(address), 0)).host;
}

/** A host that takes writes, and how often it, or one that it followed, has been promoted; null where the server does not tell. */
interface Taking {
  readonly host: DatabaseHost;
  readonly timeline: number | null;
}

/**
 * Asks hosts at once, and resolves to the first of them that takes writes; where several do, to the one that was promoted last: the others were
 * left behind by a failover that could not stop them. None that is of an older timeline than `since`.
 */
async function findAmong({ hosts, connectMs }: DatabaseAddress, since: number): Promise<Taking> {
  const [single] = hosts;
  if (single !== undefined && hosts.length === 1) return { host: single, timeline: null };
  const answers = new Map<DatabaseHost, Taking>();
  const said: string[] = [];
  const full: DatabaseHost[] = [];
  const { promise: isOne, resolve } = Promise.withResolvers<undefined>();
  const asked = hosts.map(async (host) => {
    try {
      const timeline = await ask(host, connectMs);
      if (timeline !== null && timeline < since)
        throw new GatewayError('store_unavailable', `it is of timeline ${timeline}, before ${since}`);
      answers.set(host, { host, timeline });
      resolve(undefined);
    } catch (error) {
      said.push(`${host.name}: ${error instanceof GatewayError ? error.message : toReason(error)}`);
      if (isRefusedForCount(error)) full.push(host);
    }
  });
  const all = Promise.all(asked);
  await Promise.race([isOne, all]);
  await within(othersMs, all);
  const found = toNewest(hosts.flatMap((host) => answers.get(host) ?? []));
  if (found !== undefined) return found;
  // One that has no connection left for the question is not known to have changed, and each session asks for itself.
  const unasked = hosts.find((host) => full.includes(host));
  if (unasked !== undefined) return { host: unasked, timeline: null };
  throw new GatewayError(
    'store_unavailable',
    `The database cannot be used: none of its hosts takes writes (${said.join('; ')}).`,
  );
}

/** The first of those of the newest timeline. */
function toNewest(taking: readonly Taking[]): Taking | undefined {
  const newest = Math.max(...taking.map(({ timeline }) => timeline ?? 0));
  return taking.find(({ timeline }) => (timeline ?? 0) === newest);
}

/** Whether a server takes no writes: it follows another one, or was told to take none. */
const refusalOf = `SELECT CASE WHEN pg_is_in_recovery() THEN 'it is a standby'
    WHEN current_setting('transaction_read_only') = 'on' THEN 'it is read-only' END AS refusal`;

/** The timeline that a server writes, which begins the name of the file that it writes to. */
const timelineOf = "SELECT ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int AS timeline";

/** Resolves to the timeline of a host that says that it takes writes. Throws what it says otherwise, or that it says nothing in time. */
async function ask(host: DatabaseHost, connectMs: number | undefined): Promise<number | null> {
  const { client, cut } = openClient(host.url, { connectMs });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ refusal: string | null }>(toQuestion(refusalOf));
    const refusal = rows[0]?.refusal;
    if (refusal !== null) throw new GatewayError('store_unavailable', refusal ?? 'it says nothing');
    // Servers that only speak like PostgreSQL may have no log of its kind.
    const told = await client.query<{ timeline: number }>(toQuestion(timelineOf)).catch((error: unknown) => {
      if (isLost(error)) throw error;
      return undefined;
    });
    return told?.rows[0]?.timeline ?? null;
  } finally {
    void end(client, cut);
  }
}
