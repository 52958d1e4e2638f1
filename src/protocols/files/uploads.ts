// Takes files as object storage does.
import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Quota, Reservation } from '../../core/accounts/quotas.ts';
import type { Requester, RequestRates } from '../../core/accounts/request-rates.ts';
import { isKey, uploadBucket } from '../../core/media/upload-links.ts';
import type { UploadClaim, UploadLinks } from '../../core/media/upload-links.ts';
import { keepUpload } from '../../core/media/uploads.ts';
import type { SizeBounds, UploadDeps } from '../../core/media/uploads.ts';
import type { AccountId } from '../../domain/account.ts';
import { cut } from '../../domain/cut.ts';
import { Shares, toQuarter } from '../../domain/shares.ts';
import type { Upload } from '../../domain/upload.ts';
import { escapeXml } from '../../domain/xml.ts';
import type { Bodies } from '../../http/bodies.ts';
import { bodiesOf } from '../../http/parsers.ts';
import { gather } from '../../http/pieces.ts';
import { proveRequest } from '../../http/trust.ts';
import type { Directory } from '../../store/directory.ts';
import type { Emit } from '../../telemetry/events.ts';
import { toUploadError, UploadError, uploadFaults } from './upload-error.ts';
import { feedForm, maxBesideBytes, openForm } from './upload-form.ts';
import { checkPolicy, isPolicySigned } from './upload-policy.ts';
import type { Fields } from './upload-policy.ts';

interface UploadRouteDeps extends UploadDeps {
  readonly directory: Pick<Directory, 'account' | 'channel'>;
  readonly rates: Pick<RequestRates, 'take'>;
  /** What accounts may have of files. */
  readonly fileQuota: Pick<Quota, 'reserve'>;
  readonly uploads: UploadLinks;
  readonly emit: Emit;
  readonly settings: UploadDeps['settings'] & {
    /** Uploads that are written at once; 64 when left out. */
    readonly maxUploads?: number;
  };
}

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
  const { maxBytes } = deps.settings;
  if (Number(headers['content-length'] ?? 0) > maxBytes + maxBesideBytes)
    throw new UploadError('EntityTooLarge', `The file is larger than ${maxBytes} bytes.`);
  const form = openForm(headers);
  const fields = new Map<string, string>();
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
  const feeding = feedForm(bodies, raw, reply.raw, form);
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
  const { claim, key, bounds } = authorize(deps.uploads, fields, deps.now());
  part.prove();
  const { accountId } = claim;
  const account = await deps.directory.account(accountId);
  const requester = { accountId, accountLimits: account?.limits ?? {} };
  deps.rates.take(requester);
  // Counted only now: forms without a policy take nobody's turn.
  if (slots.room(accountId) === 0)
    throw new UploadError('ServiceUnavailable', 'Too many uploads are under way. Try again later.');
  const leave = slots.take(accountId);
  try {
    const declared = fields.get('content-type') ?? part.type;
    return await keepWithin(deps, requester, {
      accountId,
      channelId: claim.channelId,
      key,
      declared: declared.split(';')[0]?.trim().toLowerCase() ?? '',
      bounds,
      content: stream,
    });
  } finally {
    leave();
  }
}

/** Keeps a file as far as its account may have more. */
async function keepWithin(
  deps: UploadRouteDeps,
  requester: Requester,
  file: Parameters<typeof keepUpload>[1],
): Promise<Upload> {
  const reservation = await deps.fileQuota.reserve(requester, 0);
  if (reservation === undefined) return keepUpload(deps, file);
  try {
    return await keepUpload(deps, { ...file, content: within(reservation, file.content) });
  } finally {
    reservation.end();
  }
}

/** Passes a file on as long as its account has room for it. */
async function* within(
  reservation: Reservation,
  stream: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  for await (const piece of stream) {
    reservation.take(piece.byteLength);
    yield piece;
  }
}

/** What a form may write. */
interface Claimed {
  readonly claim: UploadClaim;
  readonly key: string;
  readonly bounds: SizeBounds;
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

function toXml(root: string, members: Readonly<Record<string, string>>): string {
  const inner = Object.entries(members)
    .map(([name, text]) => `<${name}>${escapeXml(text)}</${name}>`)
    .join('');
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${root}>${inner}</${root}>`;
}
