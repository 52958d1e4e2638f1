// Which peers a run is told of, by `--peer NAME=URL`, `--pid NAME=ID[,ID]`, `--database-pid NAME=ID[,ID]` and `--rate N`.
import { findListeners } from '../processes.ts';
import type { Processes } from '../processes.ts';

const eventPeerNames = ['outpost', 'svix', 'convoy'] as const;
const queuePeerNames = ['goaws', 'elasticmq', 'pgmq'] as const;
export type EventPeerName = (typeof eventPeerNames)[number];
export type QueuePeerName = (typeof queuePeerNames)[number];

const peerNames = [...eventPeerNames, ...queuePeerNames] as const;

export interface PeerAddress<Name extends string = EventPeerName | QueuePeerName> {
  readonly name: Name;
  readonly url: string;
  /** Before and after the colon of the URL's user part, or of BENCH_<NAME>. */
  readonly user: string;
  readonly secret: string;
}

interface Peer {
  readonly address: PeerAddress;
  readonly processes: Processes;
}

export interface PeerOptions {
  readonly peers: readonly Peer[];
  /** Events a second of the row at a fixed rate; half of what the slower one delivers when left out. */
  readonly rate: number | undefined;
}

/** As the command line gives them. */
interface Given {
  readonly peer?: readonly string[];
  readonly pid?: readonly string[];
  readonly 'database-pid'?: readonly string[];
  readonly rate?: string;
}

/** Throws on a name or a number that it does not know. */
export async function parsePeerOptions(
  given: Given,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<PeerOptions> {
  const addresses = (given.peer ?? []).map((pair) => parseAddress(pair, environment));
  const pids = parsePids('--pid', given.pid, addresses);
  const databasePids = parsePids('--database-pid', given['database-pid'], addresses);
  const rate = given.rate === undefined ? undefined : Number(given.rate);
  if (rate !== undefined && !(rate > 0)) throw new Error(`--rate: ${String(given.rate)} is no rate.`);
  const peers = addresses.map(async (address): Promise<Peer> => ({
    address,
    processes: {
      service: pids.get(address.name) ?? (await findLocal(address)),
      database: databasePids.get(address.name) ?? (isEventPeer(address) ? undefined : []),
    },
  }));
  return { peers: await Promise.all(peers), rate };
}

export function isEventPeer(address: PeerAddress): address is PeerAddress<EventPeerName> {
  return eventPeerNames.some((name) => name === address.name);
}

export function isQueuePeer(address: PeerAddress): address is PeerAddress<QueuePeerName> {
  return queuePeerNames.some((name) => name === address.name);
}

function parseAddress(pair: string, environment: Readonly<Record<string, string | undefined>>): PeerAddress {
  const [given, value] = split('--peer', pair);
  const name = peerNames.find((known) => known === given);
  if (name === undefined) throw new Error(`--peer: ${given} is none of ${peerNames.join(', ')}.`);
  const url = new URL(value);
  // A driver of PostgreSQL reads them itself.
  if (url.protocol.startsWith('postgres')) return { name, url: value, user: '', secret: '' };
  const [user = '', ...rest] = (environment[`BENCH_${name.toUpperCase()}`] ?? '').split(':');
  return {
    name,
    url: url.origin,
    user: decodeURIComponent(url.username) || user,
    secret: decodeURIComponent(url.password) || rest.join(':'),
  };
}

function parsePids(
  option: string,
  pairs: readonly string[] = [],
  addresses: readonly PeerAddress[],
): ReadonlyMap<string, readonly number[]> {
  return new Map(
    pairs.map((pair) => {
      const [name, value] = split(option, pair);
      const pids = value.split(',').map(Number);
      if (!addresses.some((address) => address.name === name))
        throw new Error(`${option}: there is no --peer ${name}.`);
      if (!pids.every((pid) => Number.isInteger(pid) && pid > 0))
        throw new Error(`${option}: ${value} are no process ids.`);
      return [name, pids] as const;
    }),
  );
}

function split(option: string, pair: string): [string, string] {
  const at = pair.indexOf('=');
  if (at < 1) throw new Error(`${option}: ${pair} is not of the form NAME=…`);
  return [pair.slice(0, at), pair.slice(at + 1)];
}

async function findLocal({ url }: PeerAddress): Promise<readonly number[] | undefined> {
  const { hostname, port, protocol } = new URL(url);
  if (!/^(localhost|127\..*|\[::1\])$/.test(hostname)) return undefined;
  const usual: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 };
  return findListeners(port === '' ? (usual[protocol] ?? 5432) : Number(port));
}
