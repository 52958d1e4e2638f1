// The form that a file comes in: read piece by piece from the request itself, within bounds.
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import Busboy from '@fastify/busboy';
import { GatewayError } from '../../domain/errors.ts';
import type { Bodies } from '../../http/bodies.ts';
import { shredded } from '../../http/bodies.ts';
import { invite } from '../../http/expectation.ts';
import { isRequestProven } from '../../http/trust.ts';
import { toUploadError, UploadError } from './upload-error.ts';

/** The form up to its file: who has not shown a policy yet gets no more read. */
const maxFieldsBytes = 64 * 1024;
/** What may stand behind the file. */
const maxRestBytes = 64 * 1024;
const limits = {
  files: 1,
  fields: 40,
  parts: 41,
  fieldNameSize: 100,
  fieldSize: 32 * 1024,
  headerPairs: 20,
  headerSize: 8 * 1024,
};

/** Bytes of a form beside its file. */
export const maxBesideBytes = maxFieldsBytes + maxRestBytes;

type Form = InstanceType<typeof Busboy.Busboy>;

/** Begins to read a form. Throws MalformedPOSTRequest for what is none. */
export function openForm(headers: IncomingHttpHeaders): Form {
  const type = headers['content-type'] ?? '';
  if (!/^multipart\/form-data;.*boundary=/i.test(type))
    throw new UploadError('MalformedPOSTRequest', 'Post the file as multipart/form-data.');
  return new Busboy.Busboy({ headers: { ...headers, 'content-type': type }, limits });
}

interface Feeding {
  /** Reads what stands behind the file, as far as anybody wants it. Rejects when it cannot be read on. */
  readonly rest: () => Promise<void>;
  /** Rejects when it cannot be read on. */
  readonly broken: Promise<never>;
  readonly stop: () => void;
}

/** Passes the pieces of a request on to its form, for as long as the form takes them and the bodies' limits allow. */
export function feedForm(
  bodies: Bodies,
  raw: IncomingMessage,
  response: ServerResponse,
  form: Form,
): Feeding {
  const ended = Promise.withResolvers<void>();
  const broken = Promise.withResolvers<never>();
  broken.promise.catch(() => undefined);
  let unprovenBytes = 0;
  let restBytes = Number.NEGATIVE_INFINITY;
  const toBroken = (cause?: unknown): UploadError =>
    new UploadError('MalformedPOSTRequest', 'The form is cut off or broken.', { cause });
  const body = bodies.watch(raw, response, (error) => broken.reject(toUploadError(error)));
  const onData = (piece: Buffer): void => {
    if (unprovenBytes > maxFieldsBytes && !isRequestProven(raw)) {
      const most = `The fields before the file are larger than ${maxFieldsBytes} bytes.`;
      broken.reject(new UploadError('MalformedPOSTRequest', most));
      stop();
      return;
    }
    if (!isRequestProven(raw)) unprovenBytes += piece.byteLength;
    if (!body.note(piece.byteLength, isRequestProven(raw) ? 0 : unprovenBytes)) {
      body.end(new GatewayError('overloaded'));
      return;
    }
    if (body.isShredded) {
      body.end(shredded());
      return;
    }
    restBytes += piece.byteLength;
    if (restBytes > maxRestBytes) ended.resolve();
    if (form.write(piece)) return;
    raw.pause();
    form.once('drain', () => raw.resume());
  };
  const onEnd = (): void => {
    stop();
    form.end(() => ended.resolve());
  };
  const stop = (): void => {
    body.finish();
    raw.off('data', onData);
    raw.off('end', onEnd);
    raw.off('close', onClose);
  };
  const onClose = (): void => {
    stop();
    broken.reject(toBroken());
  };
  form.on('error', (cause: unknown) => broken.reject(toBroken(cause)));
  raw.on('data', onData);
  raw.on('end', onEnd);
  raw.on('close', onClose);
  raw.on('error', () => undefined);
  invite(raw, response);
  const rest = (): Promise<void> => {
    restBytes = 0;
    return Promise.race([ended.promise, broken.promise]);
  };
  return { rest, broken: broken.promise, stop };
}
