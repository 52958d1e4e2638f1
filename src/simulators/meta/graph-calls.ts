// What calls of all simulated Graph APIs have in common (docs/protocols/meta.md).
import { createHmac } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Stage } from '../simulator.ts';

/** Writes every call into the ledger once it is answered, but those to the simulator itself. */
export function noteCalls(app: FastifyInstance, { ledger, clock }: Pick<Stage, 'ledger' | 'clock'>): void {
  app.addHook('onResponse', async (request, reply) => {
    const path = request.url.split('?')[0] ?? '';
    if (!isOfSimulator(request)) ledger.noteCall(clock.now(), `${request.method} ${path}`, reply.statusCode);
  });
}

/** Whether a request is for the simulator and not for the vendor that it plays. */
export function isOfSimulator({ url }: FastifyRequest): boolean {
  return url.startsWith('/_simulator');
}

/** Whether a call's `appsecret_proof` is wrong for its token; one that has none is right. */
export function hasWrongProof(request: FastifyRequest, token: string, appSecret: string): boolean {
  const { appsecret_proof: proof } = request.query as Readonly<Record<string, string | undefined>>;
  const right = createHmac('sha256', appSecret).update(token).digest('hex');
  return proof !== undefined && proof !== right;
}
