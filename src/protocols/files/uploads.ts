import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import Busboy from '@fastify/busboy';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { cut } from '../../domain/cut.ts';
import type { AccountId } from '../../domain/account.ts';
import { GatewayError, LimitError } from '../../domain/errors.ts';
import { Shares, toQuarter } from '../../domain/shares.ts';
import { headBytes, toFileType, toMaxBytes, toUploadId, uploadExtensions } from '../../domain/upload.ts';
import type { Upload } from '../../domain/upload.ts';
import { escapeXml } from '../../domain/xml.ts';
import type { Bodies } from '../../http/bodies.ts';
import { shredded } from '../../http/bodies.ts';
import { invite } from '../../http/expectation.ts';
import { bodiesOf } from '../../http/parsers.ts';
import { gather } from '../../http/pieces.ts';
import { toGatewayError } from '../../http/problem.ts';
import { isRequestProven, proveRequest } from '../../http/trust.ts';
import type { Directory } from '../../store/directory.ts';
import type { MediaStore, Store } from '../../store/store.ts';
import type { Emit } from '../../telemetry/events.ts';
import { checkPolicy, isPolicySigned, UploadError, uploadFaults } from './upload-policy.ts';
import type { Bounds, Fields } from './upload-policy.ts';
import type { RequestRates } from '../../core/accounts/request-rates.ts';
import { isOverShare, sumFiles } from '../../core/media/budget.ts';
import type { BudgetStore } from '../../core/media/budget.ts';
import { isKey, uploadBucket } from '../../core/media/upload-links.ts';
import type { UploadClaim, UploadLinks } from '../../core/media/upload-links.ts';

interface UploadRouteDeps {
  readonly store: BudgetStore & Pick<Store, 'putUpload'>;
  readonly directory: Pick<Directory, 'account' | 'channel'>;
  readonly rates: Pick<RequestRates, 'take'>;
  readonly files: MediaStore;
  readonly uploads: UploadLinks;
  readonly emit: Emit;
  readonly now: () => number;
  readonly settings: {
    /** Disk space that media and uploads share. */
    readonly budgetBytes: number;
    /** Bytes of the largest file, whatever its channel takes. */
    readonly maxBytes: number;
    /** Uploads that are written at once; 64 when left out. */
    readonly maxUploads?: number;
  };
}

/** The form up to its file: who has not shown a policy yet gets no more read. */
const maxFieldsBytes = 64 * 1024;
/** What may stand behind the file. */
const maxRestBytes = 64 * 1024;
const formLimits = {
  files: 1,
  fields: 40,
  parts: 41,
  fieldNameSize: 100,
  fieldSize: 32 * 1024,
  headerPairs: 20,
  headerSize: 8 * 1024,
};
/** What a part is said to be that says nothing of itself. */
const undeclared: ReadonlySet<string> = new Set(['', 'text/plain', 'application/octet-stream']);
/** Uploads under way at once whose policy is good; one more is told to come back. */
const maxUploads = 64;

/**
 * Takes files as object storage does: a form post whose policy was signed with a key of GetChatappUploadAuthorization. A file
 * is acknowledged once its bytes and its row are on the disk.
 */
export function uploadRoutes(app: FastifyInstance, deps: UploadRouteDeps): void {
  const most = deps.settings.maxUploads ?? maxUploads;
  const slots: Slots = new Shares({ total: most, each: toQuarter(most) });
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    // The form is read from the request itself, piece by piece.
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null));
    for (const url of [`/${uploadBucket}`, `/${uploadBucket}/`])
      scope.post(url, async (request, reply) => {
        try {
          const { upload, status } = await receive(deps, slots, bodiesOf(app), request, reply);
          return answer(deps.uploads, reply, upload, status);
        } catch (error) {
          return refuse(deps.emit, reply, error);
        }
      });
    scope.get(`/${uploadBucket}/*`, (_request, reply) =>
      refuse(
        deps.emit,
        reply,
        new UploadError('AccessDenied', 'Ask GeneratePresignedUrl for a link to an uploaded file.'),
      ),
    );
  });
}

/** Uploads that are being written; an account has at most a quarter of the places. */
type Slots = Shares<AccountId>;

interface Received {
  readonly upload: Upload;
  readonly status: string;
}

/** Reads the form up to its file, checks who may put it there, and keeps it. */
async function receive(
  deps: UploadRouteDeps,
  slots: Slots,
  bodies: Bodies,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Received> {
  const { raw, headers } = request;
  const type = headers['content-type'] ?? '';
  if (!/^multipart\/form-data;.*boundary=/i.test(type))
    throw new UploadError('MalformedPOSTRequest', 'Post the file as multipart/form-data.');
  const { maxBytes } = deps.settings;
  if (Number(headers['content-length'] ?? 0) > maxBytes + maxFieldsBytes + maxRestBytes)
    throw new UploadError('EntityTooLarge', `The file is larger than ${maxBytes} bytes.`);
  const fields = new Map<string, string>();
  const form = new Busboy.Busboy({ headers: { ...headers, 'content-type': type }, limits: formLimits });
  const { promise, resolve, reject } = Promise.withResolvers<Upload>();
  let keeping: Promise<Upload> | undefined;
  let file: Readable | undefined;
  let isBroken = false;
  form.on('field', (name, value, nameCut, valueCut) => {
    isBroken ||= nameCut || valueCut;
    fields.set(name.toLowerCase(), value);
  });
  form.on('file', (name, stream, _fileName, _encoding, mimeType) => {
    file = stream;
    // Whoever reads the file meets its error; until then nobody listens for it.
    stream.on('error', () => undefined);
    if (name.toLowerCase() !== 'file' || isBroken) {
      reject(new UploadError('MalformedPOSTRequest', 'The form needs one part called file.'));
      return;
    }
    keeping = keep(deps, slots, fields, gather(stream), { type: mimeType, prove: () => proveRequest(raw) });
    keeping.then(resolve, reject);
  });
  form.on('finish', () => {
    if (file === undefined)
      reject(new UploadError('MalformedPOSTRequest', 'The form has no file; it has to be the last part.'));
  });
  const feeding = feed(bodies, raw, reply.raw, form);
  feeding.broken.catch((error: unknown) => {
    reject(error);
    file?.destroy(new Error('The form ended before its file did.'));
  });
  try {
    const upload = await promise;
    await feeding.rest();
    return { upload, status: fields.get('success_action_status') ?? '204' };
  } finally {
    feeding.stop();
    form.destroy();
    // What was begun to be written is gone by the answer.
    await keeping?.catch(() => undefined);
  }
}

type Form = InstanceType<typeof Busboy.Busboy>;

interface Feeding {
  /** Reads what stands behind the file, as far as anybody wants it. Rejects when it cannot be read on. */
  readonly rest: () => Promise<void>;
  /** Rejects when it cannot be read on. */
  readonly broken: Promise<never>;
  readonly stop: () => void;
}

/** Passes the pieces of a request on to its form, for as long as the form takes them and the bodies' limits allow. */
function feed(bodies: Bodies, raw: IncomingMessage, response: ServerResponse, form: Form): Feeding {
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

interface FilePart {
  /** What the part is said to be. */
  readonly type: string;
  /** The form has shown that it may be posted. */
  readonly prove: () => void;
}

/** Keeps the file of a form whose policy is good. */
async function keep(
  deps: UploadRouteDeps,
  slots: Slots,
  fields: Fields,
  stream: AsyncIterable<Uint8Array>,
  part: FilePart,
): Promise<Upload> {
  const now = deps.now();
  const claimed = authorize(deps.uploads, fields, now);
  part.prove();
  const { accountId } = claimed.claim;
  const account = await deps.directory.account(accountId);
  deps.rates.take({ accountId, accountLimits: account?.limits ?? {} });
  // Counted only now: forms without a policy take nobody's turn.
  if (slots.room(accountId) === 0)
    throw new UploadError('ServiceUnavailable', 'Too many uploads are under way. Try again later.');
  const leave = slots.take(accountId);
  try {
    return await write(deps, claimed, fields, stream, part.type);
  } finally {
    leave();
  }
}

async function write(
  deps: UploadRouteDeps,
  { claim, key, bounds }: Claimed,
  fields: Fields,
  stream: AsyncIterable<Uint8Array>,
  partType: string,
): Promise<Upload> {
  const now = deps.now();
  const channel = await deps.directory.channel(claim.channelId);
  if (channel?.accountId !== claim.accountId)
    throw new UploadError('AccessDenied', 'The channel of this authorization is not there any more.');
  const fileType = toFileType(key);
  if (fileType === undefined)
    throw new UploadError(
      'InvalidFileType',
      `The key has to end in one of .${uploadExtensions.join(', .')}.`,
    );
  const declared = (fields.get('content-type') ?? partType).split(';')[0]?.trim().toLowerCase() ?? '';
  const says = !undeclared.has(declared);
  if (says && !isSameType(declared, fileType.mimeType))
    throw new UploadError(
      'InvalidFileType',
      `The content type ${declared} does not go with the key's extension.`,
    );
  const most = Math.min(toMaxBytes(channel.type, fileType.kind), deps.settings.maxBytes);
  if (most === 0)
    throw new UploadError('InvalidFileType', `A ${channel.type} channel takes no ${fileType.kind}.`);
  const held = await sumFiles(deps);
  if (held >= deps.settings.budgetBytes)
    throw new UploadError('QuotaExceeded', 'The disk space for media is used up.');
  if (await isOverShare(deps, claim.accountId, held))
    throw new UploadError('QuotaExceeded', 'The disk space for media that this account may have is used up.');
  const id = toUploadId(claim.accountId, key);
  const limits = { ...bounds, maxBytes: Math.min(bounds.maxBytes, most) };
  const written = await deps.files.write(
    { accountId: claim.accountId, id },
    inspect(stream, fileType.begins, limits),
  );
  const upload: Upload = {
    accountId: claim.accountId,
    id,
    channelId: channel.id,
    key,
    mimeType: fileType.mimeType,
    ...written,
    createdAt: now,
  };
  await deps.store.putUpload(upload);
  return upload;
}

/** What a form may write. */
interface Claimed {
  readonly claim: UploadClaim;
  readonly key: string;
  readonly bounds: Bounds;
}

/** Finds whose folder is written to, and whether the form proves the right to. */
function authorize(uploads: UploadLinks, fields: Fields, now: number): Claimed {
  const need = (name: string): string => {
    const value = fields.get(name);
    if (value !== undefined && value !== '') return value;
    throw new UploadError('InvalidArgument', `The form needs a field ${name} before the file.`);
  };
  const [key, policy, signature] = [need('key'), need('policy'), need('signature')];
  const keyId = fields.get('ossaccesskeyid') ?? uploads.toKeyId(key);
  const claim = keyId === undefined ? undefined : uploads.readKeyId(keyId);
  if (claim === undefined)
    throw new UploadError(
      'InvalidAccessKeyId',
      'OSSAccessKeyId has to be the AccessKeyId of GetChatappUploadAuthorization.',
    );
  if (!isPolicySigned(policy, signature, uploads.secretOf(claim.keyId)))
    throw new UploadError(
      'SignatureDoesNotMatch',
      'The signature of the policy is not the one calculated here.',
    );
  const token = fields.get('x-oss-security-token');
  if (token !== undefined && !uploads.isTokenOf(claim.keyId, token))
    throw new UploadError('InvalidSecurityToken', 'The security token does not belong to this key.');
  if (claim.expiresAt <= now)
    throw new UploadError('SecurityTokenExpired', 'The authorization has expired; ask for a new one.');
  const bounds = checkPolicy(policy, fields, now);
  if (!key.startsWith(`${claim.folder}/`))
    throw new UploadError('AccessDenied', `The key has to begin with ${claim.folder}/.`);
  if (!isKey(key)) throw new UploadError('InvalidObjectName', 'The key is not one that a file may have.');
  return { claim, key, bounds };
}

function isSameType(declared: string, mimeType: string): boolean {
  const [kind] = mimeType.split('/', 1);
  return declared === mimeType || (kind !== 'application' && declared.startsWith(`${kind}/`));
}

/** Passes a file on while it looks whether it begins as its type does and keeps to its size. */
async function* inspect(
  stream: AsyncIterable<Uint8Array>,
  begins: (head: Buffer) => boolean,
  { minBytes, maxBytes }: Bounds,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  let head: Buffer | undefined = Buffer.alloc(0);
  for await (const piece of stream) {
    bytes += piece.byteLength;
    if (bytes > maxBytes)
      throw new UploadError('EntityTooLarge', `The file is larger than ${maxBytes} bytes.`);
    if (head === undefined) {
      yield piece;
      continue;
    }
    head = Buffer.concat([head, piece]);
    if (head.byteLength < headBytes) continue;
    yield checkHead(head, begins);
    head = undefined;
  }
  if (bytes < Math.max(1, minBytes))
    throw new UploadError('EntityTooSmall', `The file is smaller than ${Math.max(1, minBytes)} bytes.`);
  if (head !== undefined) yield checkHead(head, begins);
}

function checkHead(head: Buffer, begins: (head: Buffer) => boolean): Buffer {
  if (begins(head.subarray(0, headBytes))) return head;
  throw new UploadError('InvalidFileType', "The file is not of the type that its key's extension names.");
}

/** 204 with nothing, or what `success_action_status` asks for. */
function answer(uploads: UploadLinks, reply: FastifyReply, upload: Upload, status: string): FastifyReply {
  const location = uploads.toAddress(upload.key);
  const etag = `"${upload.sha256.slice(0, 32).toUpperCase()}"`;
  reply.headers({ etag, location });
  if (status === '200') return reply.code(200).send();
  if (status !== '201') return reply.code(204).send();
  return reply
    .code(201)
    .type('application/xml')
    .send(toXml('PostResponse', { Bucket: uploadBucket, Location: location, Key: upload.key, ETag: etag }));
}

function refuse(emit: Emit, reply: FastifyReply, error: unknown): FastifyReply {
  const known = toUploadError(error);
  if (known.code === 'InternalError') emit('unit.crashed', { unit: 'media.upload', error });
  // A body that was not read to its end cannot be followed by another request.
  return reply
    .code(uploadFaults[known.code])
    .headers({
      connection: 'close',
      'cache-control': 'no-store',
      ...(known.retryAfterSeconds !== null && { 'retry-after': String(known.retryAfterSeconds) }),
    })
    .type('application/xml')
    .send(toXml('Error', { Code: known.code, Message: cut(known.message), RequestId: randomUUID() }));
}

function toUploadError(error: unknown): UploadError {
  if (error instanceof UploadError) return error;
  if (error instanceof LimitError)
    return new UploadError('TotalQpsLimitExceeded', error.message, {
      retryAfterSeconds: Math.ceil(error.retryAfterMs / 1000),
    });
  const { code } = toGatewayError(error);
  if (code === 'store_unavailable' || code === 'store_corrupt' || code === 'overloaded')
    return new UploadError('ServiceUnavailable', 'The service is unavailable for now. Try again later.');
  if (code === 'too_slow') return new UploadError('RequestTimeout', 'The form came too slowly. Try again.');
  if (code === 'bad_request')
    return new UploadError('MalformedPOSTRequest', 'The chunks or trailers of the form are too long.');
  return new UploadError('InternalError', 'Something went wrong inside. The log holds the reason.', {
    cause: error,
  });
}

function toXml(root: string, members: Readonly<Record<string, string>>): string {
  const inner = Object.entries(members)
    .map(([name, text]) => `<${name}>${escapeXml(text)}</${name}>`)
    .join('');
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${root}>${inner}</${root}>`;
}
