// Which of a database's hosts is used: the one that says that it takes writes, asked anew whenever that may have changed.
import { parseDatabaseAddress } from '../../domain/database-address.ts';
import type { DatabaseAddress, DatabaseHost } from '../../domain/database-address.ts';
import { GatewayError } from '../../domain/errors.ts';
import type { Emit } from '../../telemetry/events.ts';
import { isRefusedForCount, toReason } from './faults.ts';
import { end, openClient, toQuestion } from './session.ts';
import type { Stopwatch } from '../../runtime/clock.ts';

/** The next host is asked when one has said no, or has said nothing for this long; an answer that comes later counts as well. */
const silentMs = 500;
/** After so many looks in vain, the next one begins this much later; the last of these from then on. */
const lookAgainMs = [0, 250, 500, 1000, 2000];
/** A look in vain is told at most this often. */
const quietMs = 10_000;

interface HostsOptions extends Stopwatch {
  readonly emit: Emit;
}

/**
 * The choice among a database's hosts, one for all connections of a process. It holds until it is doubted; then all are asked in turn, the one that
 * was chosen first. A host by itself is not asked: what is at that name may change, and each session asks it.
 */
export class Hosts {
  readonly #address: DatabaseAddress;
  readonly #options: HostsOptions;
  readonly #listeners: ((host: DatabaseHost) => void)[] = [];
  #chosen: DatabaseHost;
  #isSure: boolean;
  /** How often it was doubted: once more while a look is under way is a reason for the next one. */
  #doubts = 0;
  #look: Promise<DatabaseHost> | undefined;
  #failures = 0;
  #failedAt = Number.NEGATIVE_INFINITY;
  #failure: GatewayError | undefined;
  #toldAt = Number.NEGATIVE_INFINITY;

  private constructor(address: DatabaseAddress, options: HostsOptions, chosen: DatabaseHost) {
    this.#address = address;
    this.#options = options;
    this.#chosen = chosen;
    this.#isSure = true;
  }

  /** Chooses among the hosts of an address. Throws `store_unavailable`, with what each of them said. */
  static async open(address: string, options: HostsOptions): Promise<Hosts> {
    const parsed = parseDatabaseAddress(address);
    return new Hosts(parsed, options, await findAmong(parsed));
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
    const found = await findAmong({ ...this.#address, hosts }).catch((error: unknown) => {
      throw this.#fail(error);
    });
    this.#isSure = doubts === this.#doubts;
    this.#failures = 0;
    this.#failure = undefined;
    if (found !== this.#chosen) this.#move(found);
    return found;
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
export function findHost(address: string): Promise<DatabaseHost> {
  return findAmong(parseDatabaseAddress(address));
}

/** Asks hosts in turn, and resolves to the first that says that it takes writes. */
async function findAmong({ hosts, connectMs }: DatabaseAddress): Promise<DatabaseHost> {
  const [single] = hosts;
  if (single !== undefined && hosts.length === 1) return single;
  const { promise, resolve, reject } = Promise.withResolvers<DatabaseHost>();
  const said: string[] = [];
  let full: DatabaseHost | undefined;
  let asked = 0;
  let timer: NodeJS.Timeout | undefined;
  const askNext = (): void => {
    clearTimeout(timer);
    const host = hosts[asked];
    if (host === undefined) return;
    asked += 1;
    timer = setTimeout(askNext, silentMs);
    ask(host, connectMs).then(resolve, (error: unknown) => {
      said.push(`${host.name}: ${error instanceof GatewayError ? error.message : toReason(error)}`);
      // One that has no connection left for the question is not known to have changed, and each session asks for itself.
      if (isRefusedForCount(error)) full ??= host;
      if (said.length < hosts.length) askNext();
      else if (full === undefined) reject(toNone(said));
      else resolve(full);
    });
  };
  askNext();
  return promise.finally(() => {
    asked = hosts.length;
    clearTimeout(timer);
  });
}

function toNone(said: readonly string[]): GatewayError {
  return new GatewayError(
    'store_unavailable',
    `The database cannot be used: none of its hosts takes writes (${said.join('; ')}).`,
  );
}

/** Whether a server takes no writes: it follows another one, or was told to take none. */
const refusalOf = `SELECT CASE WHEN pg_is_in_recovery() THEN 'it is a standby'
    WHEN current_setting('transaction_read_only') = 'on' THEN 'it is read-only' END AS refusal`;

/** Resolves to a host that says that it takes writes. Throws what it says otherwise, or that it says nothing in time. */
async function ask(host: DatabaseHost, connectMs: number | undefined): Promise<DatabaseHost> {
  const { client, cut } = openClient(host.url, { connectMs });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ refusal: string | null }>(toQuestion(refusalOf));
    const refusal = rows[0]?.refusal;
    if (refusal !== null) throw new GatewayError('store_unavailable', refusal ?? 'it says nothing');
    return host;
  } finally {
    void end(client, cut);
  }
}
