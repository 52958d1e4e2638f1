// Tokens of the simulated Messenger and Instagram: the user's, the Page's, those that were renewed, and the app's own.
import type { FastifyRequest } from 'fastify';
import type { Stage } from '../simulator.ts';
import { hasWrongProof } from '../meta/graph-calls.ts';
import type { MessagingError } from './rules.ts';

export const appId = '1517776481860111';

export class AccessTokens {
  readonly #option: Stage['option'];
  readonly #tokens: Set<string>;
  #isGood = true;

  constructor({ option }: Pick<Stage, 'option'>) {
    this.#option = option;
    this.#tokens = new Set([option('access-token'), this.ofPage()]);
  }

  ofPage(): string {
    return `${this.#option('access-token')}OfThePage`;
  }

  /** One more, beside those that were given before. */
  renew(): string {
    const renewed = `${this.#option('access-token')}Renewed${this.#tokens.size - 1}`;
    this.#tokens.add(renewed);
    return renewed;
  }

  /** Whether they are good; all of them expire at once. */
  setGood(isGood: boolean): void {
    this.#isGood = isGood;
  }

  /** What is wrong with the token of a call, or with its proof. */
  findFault(request: FastifyRequest): MessagingError | undefined {
    const secret = this.#option('app-secret');
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    if (token === `${appId}|${secret}`) return undefined;
    if (!this.#tokens.has(token)) return { status: 401, code: 190, message: 'Invalid OAuth access token.' };
    if (!this.#isGood)
      return { status: 401, code: 190, subcode: 463, message: 'Error validating access token' };
    if (hasWrongProof(request, token, secret))
      return { status: 400, code: 100, message: 'Invalid appsecret_proof provided in the API argument' };
    return undefined;
  }
}
