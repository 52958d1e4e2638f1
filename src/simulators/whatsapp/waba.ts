// The WABA that is played: who it is, where its events go, and which token speaks for it.
import type { FastifyRequest } from 'fastify';
import { hasWrongProof } from '../meta/graph-calls.ts';
import type { Stage } from '../simulator.ts';
import { toVendorError } from './rules.ts';
import type { VendorError } from './rules.ts';

/** How events and calls name the number. */
interface NumberMetadata {
  readonly display_phone_number: string;
  readonly phone_number_id: string;
}

export class Waba {
  readonly wabaId: string;
  readonly appId: string;
  readonly metadata: NumberMetadata;
  /** Where the WABA's events go in the place of the app's address; undefined while nothing has subscribed. */
  override: string | undefined;
  isTokenGood = true;
  readonly #option: Stage['option'];

  constructor({ option }: Pick<Stage, 'option'>) {
    this.#option = option;
    this.wabaId = option('waba-id');
    this.appId = option('app-id');
    this.metadata = {
      display_phone_number: option('phone-number'),
      phone_number_id: option('phone-number-id'),
    };
  }

  /** Where events go; empty for nowhere. */
  callbackUrl(): string {
    return this.override ?? this.#option('webhook-url');
  }

  /** Whether a call carries the token, and a proof that fits if it carries one. */
  findCallFault(request: FastifyRequest): VendorError | undefined {
    const secret = this.#option('app-secret');
    const token = /^(?:Bearer|OAuth) (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    if (token === `${this.appId}|${secret}`) return undefined;
    if (token !== this.#option('access-token'))
      return { ...toVendorError(190), title: 'Invalid OAuth access token' };
    if (!this.isTokenGood) return { ...toVendorError(190), subcode: 463 };
    if (hasWrongProof(request, token, secret))
      return { ...toVendorError(100), title: 'Invalid appsecret_proof provided in the API argument' };
    return undefined;
  }
}
