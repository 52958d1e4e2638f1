import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** An answer that stays as it is: its bytes are made once and shared by all who are sent them. */
export interface Unchanging {
  readonly type: string;
  /** Weak, for it is that of every coding. */
  readonly etag: string;
  readonly plain: Buffer;
  /** The same in content codings, the best first. */
  readonly coded: readonly (readonly [coding: string, bytes: Buffer])[];
}

/** Makes an answer of its bytes, and of the codings in which they are at hand. */
export function toUnchanging(type: string, plain: Buffer, coded: Unchanging['coded'] = []): Unchanging {
  const etag = `W/"${createHash('sha256').update(plain).digest('base64url').slice(0, 27)}"`;
  return { type, etag, plain, coded };
}

/** Sends it in the best coding that is taken, or 304 to whoever has it already (RFC 9110, 13.1.2). */
export function sendUnchanging(
  request: FastifyRequest,
  reply: FastifyReply,
  { type, etag, plain, coded }: Unchanging,
): FastifyReply {
  reply.header('etag', etag);
  if (coded.length > 0) reply.header('vary', 'accept-encoding');
  if (isKnown(request.headers['if-none-match'], etag)) return reply.code(304).send();
  const accepted = request.headers['accept-encoding'];
  const best = coded.find(([coding]) => isAccepted(accepted?.toString() ?? '', coding));
  if (best !== undefined) reply.header('content-encoding', best[0]);
  return reply.type(type).send(best?.[1] ?? plain);
}

function isKnown(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  const known = header.split(',').map((text) => text.trim().replace(/^W\//, ''));
  return known.includes('*') || known.includes(etag.replace(/^W\//, ''));
}

/** Whether a coding is named and not forbidden; the wildcard is taken for no coding, as nobody needs it. */
function isAccepted(header: string, coding: string): boolean {
  return header.split(',').some((part) => {
    const [name = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
    return name === coding && !parameters.some((text) => /^q=0(\.0*)?$/.test(text));
  });
}
