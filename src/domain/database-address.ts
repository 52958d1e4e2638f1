// The address of a database as libpq writes it, with one host or several of which one takes writes.

/** One of the hosts of a database. */
export interface DatabaseHost {
  /** As it is told: host and port, nothing of which is secret. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** The address with this host alone. */
  readonly url: string;
}

export interface DatabaseAddress {
  /** In the order in which they are asked; at least one. */
  readonly hosts: readonly DatabaseHost[];
  /** How long connecting to one may take; undefined where the address does not say. */
  readonly connectMs: number | undefined;
}

const defaultPort = 5432;
const maxHosts = 16;
const maxConnectSeconds = 60;
/** What an address asks of its hosts that a node can use: it needs one that takes writes, whichever of these it says. */
const usableSessions = ['any', 'read-write', 'primary'];
const wrongForm =
  'give a URL like postgres://user:password@host:5432/name, or with several hosts as in @a:5432,b:5432/name';
/** What stands before the hosts, the hosts, and the name of the database with all that follows but parameters. */
const form = /^(postgres(?:ql)?:\/\/(?:[^/?#]*@)?)([^/?#@]*)(\/[^?#]*)(?:\?([^#]*))?(?:#.*)?$/i;

/**
 * Reads `postgres://user:password@a:5432,b:5432/name?target_session_attrs=read-write&connect_timeout=3`: several hosts with a port each, or one
 * port for all as `port=`, or both as `host=` and `port=`. What else follows stays in the address of each host. Throws an error whose text says
 * what would be right, without anything of the address. Source: PostgreSQL's manual, "Connection URIs" and "Parameter Key Words" of libpq.
 */
export function parseDatabaseAddress(text: string): DatabaseAddress {
  const [, before = '', between = '', name = '', query = ''] = form.exec(text) ?? [];
  if (before === '' || name.length < 2) throw new Error(wrongForm);
  const parameters = query === '' ? [] : query.split('&').map((part) => [part, ...toPair(part)] as const);
  const find = (key: string): string | undefined => parameters.findLast(([, one]) => one === key)?.[2];
  requireWrites(find('target_session_attrs'));
  const connectMs = toConnectMs(find('connect_timeout'));
  const places = toPlaces(between, find('host'), find('port'));
  const ours = ['target_session_attrs', 'connect_timeout', 'load_balance_hosts'];
  // A single host stays where it is written: it may be the path of a socket.
  if (places.length > 1) ours.push('host', 'port');
  const rest = parameters.filter(([, key]) => !ours.includes(key)).map(([part]) => part);
  const after = `${name}${rest.length === 0 ? '' : `?${rest.join('&')}`}`;
  const hosts = places.map(({ host, port, written }) => ({
    name: `${host.includes(':') ? `[${host}]` : host}:${port}`,
    host,
    port,
    url: `${before}${places.length > 1 ? written : between}${after}`,
  }));
  if (!hosts.every(({ url }) => URL.canParse(url))) throw new Error(wrongForm);
  return { hosts, connectMs };
}

function toPair(part: string): readonly [key: string, value: string] {
  const [key = '', ...value] = part.split('=');
  return [decode(key), decode(value.join('='))];
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // What is wrong is in the text that may be secret.
    throw new Error('write % in it as %25');
  }
}

function requireWrites(asked: string | undefined): void {
  if (asked !== undefined && !usableSessions.includes(asked))
    throw new Error(
      `give target_session_attrs as one of ${usableSessions.join(', ')}: a node needs a server that takes writes`,
    );
}

function toConnectMs(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seconds = Number(text);
  if (!/^\d+$/.test(text) || seconds < 1 || seconds > maxConnectSeconds)
    throw new Error(`give connect_timeout as whole seconds from 1 to ${maxConnectSeconds}`);
  return seconds * 1000;
}

interface Place {
  readonly host: string;
  readonly port: number;
  /** As it stands in an address of its own. */
  readonly written: string;
}

/** The hosts of an address; parameters go before what stands in its middle. */
function toPlaces(between: string, hosts: string | undefined, ports: string | undefined): readonly Place[] {
  const parts = hosts === undefined || hosts === '' ? between.split(',') : hosts.split(',');
  if (parts.length > maxHosts) throw new Error(`give at most ${maxHosts} hosts`);
  const given = ports === undefined || ports === '' ? [] : ports.split(',');
  if (given.length > 1 && given.length !== parts.length)
    throw new Error('give one port for all hosts, or as many ports as hosts');
  return parts.map((part, index) => {
    const isParameter = hosts !== undefined && hosts !== '';
    const [, written = '', ownPort = ''] = isParameter
      ? [part, part, '']
      : (/^(\[[^\]]*\]|[^:]*)(?::(\d*))?$/.exec(part) ?? []);
    if (parts.length > 1 && written === '') throw new Error(wrongForm);
    const port = toPort(given.length > 1 ? given[index] : (given[0] ?? ownPort));
    const host = decode(written.replace(/^\[(.*)\]$/, '$1'));
    const inAddress = /^\[/.test(written) ? written : encodeURIComponent(host);
    return { host: host === '' ? 'localhost' : host, port, written: `${inAddress}:${port}` };
  });
}

function toPort(text: string | undefined): number {
  if (text === undefined || text === '') return defaultPort;
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65_535) throw new Error('give ports from 1 to 65535');
  return port;
}
