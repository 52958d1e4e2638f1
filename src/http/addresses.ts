import type { IncomingMessage } from 'node:http';
import proxyAddr from '@fastify/proxy-addr';
import ipaddr from 'ipaddr.js';

/** Whether an address is one of a proxy whose `X-Forwarded-*` headers count; `hop` counts from our own socket. */
export type IsTrusted = (address: string, hop: number) => boolean;

/** Reads addresses and CIDR ranges of trusted proxies. */
export function toTrusted(ranges: readonly string[]): IsTrusted {
  return ranges.length === 0 ? () => false : proxyAddr.compile([...ranges]);
}

type Range = [ipaddr.IPv4 | ipaddr.IPv6, number];

/** Reads an address or a CIDR range; undefined when it is neither. */
export function toRange(text: string): Range | undefined {
  if (ipaddr.isValidCIDR(text)) return ipaddr.parseCIDR(text);
  if (!ipaddr.isValid(text)) return undefined;
  const address = ipaddr.parse(text);
  return [address, address.kind() === 'ipv4' ? 32 : 128];
}

/** Whether an address is one of those, or in one of those ranges; an IPv4 address may come as IPv6 writes it. */
export function isWithin(text: string, ranges: readonly string[]): boolean {
  if (!ipaddr.isValid(text)) return false;
  const address = ipaddr.process(text);
  return ranges.some((range) => {
    const known = toRange(range);
    return known !== undefined && known[0].kind() === address.kind() && address.match(known);
  });
}

/** What counts as one visitor when tries are counted: an IPv4 address, or the network that an IPv6 user has to himself. */
export function toVisitor(text: string): string {
  if (!ipaddr.isValid(text)) return 'unknown';
  const address = ipaddr.process(text);
  if (address.kind() === 'ipv4') return address.toString();
  return address.toByteArray().slice(0, 8).join('.');
}

/** Addresses that are remembered at most, none of them longer than this; when there are more all are forgotten. */
const maxRemembered = 10_000;
const maxRememberedChars = 64;

/** Who sends requests, by addresses of which each is read once: that takes as long as a fifth of a webhook's JSON. */
export class Visitors {
  readonly #isTrusted: IsTrusted;
  readonly #byAddress = new Map<string, string>();

  constructor(isTrusted: IsTrusted) {
    this.#isTrusted = isTrusted;
  }

  /** Who sent a request, behind trusted proxies, as one visitor; undefined for a proxy that does not say for whom it asks. */
  find(raw: IncomingMessage): string | undefined {
    const address = proxyAddr(raw, this.#isTrusted);
    if (this.#isTrusted(address, 0)) return undefined;
    const known = this.#byAddress.get(address);
    if (known !== undefined) return known;
    const visitor = toVisitor(address);
    if (address.length > maxRememberedChars) return visitor;
    if (this.#byAddress.size >= maxRemembered) this.#byAddress.clear();
    this.#byAddress.set(address, visitor);
    return visitor;
  }
}
