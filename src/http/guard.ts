// The egress guard: which addresses this service may connect to.
import { lookup } from 'node:dns/promises';
import type { LookupAddress } from 'node:dns';
import ipaddr from 'ipaddr.js';
import type { AttemptOutcome } from '../domain/delivery.ts';
import { GatewayError } from '../domain/errors.ts';

/** Why nothing was sent. The message names no address that the caller did not give. */
export class EgressError extends Error {
  readonly outcome: Extract<
    AttemptOutcome,
    'timeout' | 'refused' | 'unresolved' | 'guarded' | 'tls' | 'failed'
  >;

  constructor(outcome: EgressError['outcome'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'EgressError';
    this.outcome = outcome;
  }
}

export type Resolve = (host: string) => Promise<readonly LookupAddress[]>;

/** The addresses of a host, all of which may be connected to. */
interface Vetted {
  readonly addresses: readonly string[];
  /** Whether all of them are inside, by what the settings allow. */
  readonly isInside: boolean;
}

/** Of a host's addresses no more are tried. */
const maxAddresses = 8;

export interface Guard {
  /**
   * The addresses of a host that may be connected to, in the order in which the resolver gave them. Throws `EgressError`: `unresolved`
   * when it has none, `guarded` when any of them points inside.
   */
  vet(host: string): Promise<Vetted>;
}

/** `allow`: addresses and CIDR ranges inside that may be reached all the same. Throws `bad_settings` for what is neither. */
export function openGuard(allow: readonly string[], resolve: Resolve = resolveBySystem): Guard {
  const allowed = allow.map(toRange);

  async function lookUp(name: string): Promise<readonly string[]> {
    try {
      return (await resolve(name)).map(({ address }) => address);
    } catch (cause) {
      throw toUnresolved(name, 'cannot be resolved', cause);
    }
  }

  return {
    vet: async (host) => {
      const name = toName(host);
      const addresses = [...new Set(ipaddr.isValid(name) ? [name] : await lookUp(name))];
      if (addresses.length === 0) throw toUnresolved(name, 'has no address');
      const places = addresses.map((address) => toPlace(address, allowed));
      // One name with addresses on both sides of the wall is how a rebinding begins, so all have to be outside.
      if (places.includes('guarded'))
        throw new EgressError('guarded', `${name} points inside a private network`);
      const isInside = places.every((place) => place === 'inside');
      return { addresses: addresses.slice(0, maxAddresses), isInside };
    },
  };
}

/** Names that are only ever given inside (RFC 6761, 6762, 8375; ICANN keeps `internal` for that), as is one without a dot. */
const insideNames = /(^|\.)(localhost|local|internal|home\.arpa)$/;

/** Without an address a name is one that may still be made, or, where it could only be inside, guarded: nothing asks for it elsewhere. */
function toUnresolved(name: string, what: string, cause?: unknown): EgressError {
  const bare = name.toLowerCase().replace(/\.$/, '');
  return insideNames.test(bare) || !bare.includes('.')
    ? new EgressError('guarded', `${name} ${what}, and is a name inside a private network`, { cause })
    : new EgressError('unresolved', `${name} ${what}`, { cause });
}

/** A host as resolvers take it: an IPv6 address without its brackets. */
export function toName(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1');
}

function resolveBySystem(host: string): Promise<readonly LookupAddress[]> {
  return lookup(host, { all: true, verbatim: true });
}

type Range = [ipaddr.IPv4 | ipaddr.IPv6, number];

function toRange(text: string): Range {
  if (ipaddr.isValidCIDR(text)) return ipaddr.parseCIDR(text);
  if (!ipaddr.isValid(text))
    throw new GatewayError('bad_settings', `EGRESS_ALLOW: ${text} is neither an address nor a range.`);
  const address = ipaddr.parse(text);
  return [address, address.kind() === 'ipv4' ? 32 : 128];
}

/** Where an address lies: inside and named by one of the ranges, outside (public unicast), or inside and guarded. */
function toPlace(text: string, ranges: readonly Range[]): 'inside' | 'outside' | 'guarded' {
  const address = unwrap(ipaddr.parse(text));
  if (ranges.some((range) => range[0].kind() === address.kind() && address.match(range))) return 'inside';
  return address.range() === 'unicast' ? 'outside' : 'guarded';
}

/** The IPv4 address inside an IPv6 one, however it is wrapped: it is where the packets would go. */
function unwrap(address: ipaddr.IPv4 | ipaddr.IPv6): ipaddr.IPv4 | ipaddr.IPv6 {
  if (!(address instanceof ipaddr.IPv6)) return address;
  if (address.isIPv4MappedAddress()) return address.toIPv4Address();
  const bytes = address.toByteArray();
  const prefix = address.toNormalizedString();
  // ::a.b.c.d, NAT64 64:ff9b::/96, and 6to4 2002:abcd::/16.
  if (
    bytes.slice(0, 12).every((byte) => byte === 0) &&
    !['0:0:0:0:0:0:0:0', '0:0:0:0:0:0:0:1'].includes(prefix)
  )
    return toIpv4(bytes.slice(12));
  if (prefix.startsWith('64:ff9b:0:0:0:0:')) return toIpv4(bytes.slice(12));
  if (bytes[0] === 0x20 && bytes[1] === 0x02) return toIpv4(bytes.slice(2, 6));
  return address;
}

function toIpv4(bytes: readonly number[]): ipaddr.IPv4 {
  return new ipaddr.IPv4([...bytes]);
}
