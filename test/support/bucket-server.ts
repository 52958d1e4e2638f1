// The part of the S3 protocol that keeps objects, strict about who asks: every signature is computed again by a signer of other
// hands than the client's, and every body is compared with the digest that was signed.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import aws4 from 'aws4';

export interface BucketServer {
  readonly url: string;
  readonly region: string;
  readonly keyId: string;
  readonly keySecret: string;
  /** Objects by `/<bucket>/<name>`. */
  readonly objects: Map<string, Buffer>;
  /** Uploads in parts that were neither completed nor given up. */
  countUploads(): number;
  /** How often each kind of request came, e.g. `PUT part`. */
  readonly served: ReadonlyMap<string, number>;
  /** Answers so many requests with 503 SlowDown before serving again. */
  refuse(count: number): void;
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

const [region, keyId, keySecret] = ['eu-test-1', 'AKIATESTTESTTEST', 'test+secret/of=the-bucket'];
/** What Amazon's own store asks of every part but the last. */
const minPartBytes = 5 * 1024 * 1024;

/** Names that a page of a list has at most: fewer than Amazon's, so that there are more pages. */
const pageNames = 3;

/** Listens on a free port of the loopback interface. Any bucket is there. */
export async function openBucketServer(): Promise<BucketServer> {
  const objects = new Map<string, Buffer>();
  const uploads = new Map<string, Map<number, Buffer>>();
  const names = new Map<string, string>();
  const served = new Map<string, number>();
  let refusals = 0;

  /** A page of the names in a bucket, in the order of their bytes. */
  function listObjects(bucket: string, query: URLSearchParams): Answer {
    const after = query.get('continuation-token') ?? '';
    const start = `${bucket.replace(/\/$/, '')}/`;
    const prefix = `${start}${query.get('prefix') ?? ''}`;
    const isDeep = query.get('delimiter') !== '/';
    // Of a folder that is not gone into there is its name alone, once.
    const toName = (name: string): string => {
      const end = name.indexOf('/', prefix.length);
      return isDeep || end < 0 ? name : name.slice(0, end + 1);
    };
    const found = [...objects.keys()].filter((name) => name.startsWith(prefix)).map(toName);
    const keys = [...new Set(found)].filter((name) => name > after).toSorted();
    const page = keys.slice(0, pageNames);
    const next = keys.length > page.length ? (page.at(-1) ?? '') : '';
    const items = page
      .map((name) => name.slice(start.length))
      .map((name) =>
        !isDeep && name.endsWith('/')
          ? `<CommonPrefixes><Prefix>${name}</Prefix></CommonPrefixes>`
          : `<Contents><Key>${name}</Key></Contents>`,
      )
      .join('');
    const more = next === '' ? '' : `<NextContinuationToken>${next}</NextContinuationToken>`;
    return {
      status: 200,
      body: `<ListBucketResult><IsTruncated>${next !== ''}</IsTruncated>${items}${more}</ListBucketResult>`,
    };
  }

  /** A page of the uploads in a bucket, in the order of their names and ids. */
  function listUploads(bucket: string, query: URLSearchParams): Answer {
    const start = `${bucket.replace(/\/$/, '')}/`;
    const marker = `${query.get('key-marker') ?? ''} ${query.get('upload-id-marker') ?? ''}`;
    const all = [...uploads.keys()]
      .map((id) => ({ id, key: names.get(id) ?? '' }))
      .filter(({ key }) => key.startsWith(`${start}${query.get('prefix') ?? ''}`))
      .map(({ id, key }) => ({ id, key: key.slice(start.length) }))
      .filter(({ id, key }) => marker === ' ' || `${key} ${id}` > marker)
      .toSorted((a, b) => (`${a.key} ${a.id}` < `${b.key} ${b.id}` ? -1 : 1));
    const page = all.slice(0, pageNames);
    const last = page.at(-1);
    const items = page.map(({ id, key }) => `<Upload><Key>${key}</Key><UploadId>${id}</UploadId></Upload>`);
    const more =
      last === undefined || all.length === page.length
        ? '<IsTruncated>false</IsTruncated>'
        : `<IsTruncated>true</IsTruncated><NextKeyMarker>${last.key}</NextKeyMarker><NextUploadIdMarker>${last.id}</NextUploadIdMarker>`;
    return {
      status: 200,
      body: `<ListMultipartUploadsResult>${more}${items.join('')}</ListMultipartUploadsResult>`,
    };
  }

  function serve(request: IncomingMessage, body: Buffer): Answer {
    const { pathname: name, searchParams: query } = new URL(request.url ?? '', 'http://bucket');
    const fault = findFault(request, body);
    if (fault !== undefined) return toError(403, fault);
    if (refusals > 0) {
      refusals -= 1;
      return toError(503, 'SlowDown');
    }
    const uploadId = query.get('uploadId');
    const kind = `${request.method ?? ''} ${query.has('uploads') ? 'upload' : uploadId === null ? 'object' : 'part'}`;
    served.set(kind, (served.get(kind) ?? 0) + 1);
    if (kind === 'POST upload') {
      const id = `upload-${served.get(kind) ?? 0}`;
      uploads.set(id, new Map());
      names.set(id, name);
      return {
        status: 200,
        body: `<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`,
      };
    }
    if (kind === 'GET upload') return listUploads(name, query);
    if (query.get('list-type') === '2') return listObjects(name, query);
    if (uploadId !== null) return servePart(name, uploadId, Number(query.get('partNumber')), kind, body);
    if (request.method === 'PUT') {
      objects.set(name, body);
      return { status: 200, headers: { etag: toTag(body) } };
    }
    if (request.method === 'DELETE') {
      objects.delete(name);
      return { status: 204 };
    }
    const object = objects.get(name);
    if (object === undefined) return toError(404, 'NoSuchKey');
    const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '');
    if (range === null) return { status: 200, body: object };
    const [start, end] = [Number(range[1]), Math.min(Number(range[2]), object.byteLength - 1)];
    const headers = { 'content-range': `bytes ${start}-${end}/${object.byteLength}` };
    return { status: 206, headers, body: object.subarray(start, end + 1) };
  }

  function servePart(name: string, uploadId: string, part: number, kind: string, body: Buffer): Answer {
    const parts = uploads.get(uploadId);
    if (parts === undefined) return toError(404, 'NoSuchUpload');
    if (kind === 'PUT part') {
      parts.set(part, body);
      return { status: 200, headers: { etag: toTag(body) } };
    }
    uploads.delete(uploadId);
    if (kind === 'DELETE part') return { status: 204 };
    const given = [...body.toString().matchAll(/<PartNumber>(\d+)<\/PartNumber>|<ETag>([^<]*)<\/ETag>/g)]
      .length;
    const pieces = [...parts].sort(([a], [b]) => a - b).map(([, bytes]) => bytes);
    if (given !== 2 * pieces.length) return toError(400, 'InvalidPart');
    if (pieces.slice(0, -1).some(({ byteLength }) => byteLength < minPartBytes))
      return toError(400, 'EntityTooSmall');
    objects.set(name, Buffer.concat(pieces));
    return {
      status: 200,
      body: '<CompleteMultipartUploadResult><ETag>"whole"</ETag></CompleteMultipartUploadResult>',
    };
  }

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { status, headers = {}, body = '' } = serve(request, Buffer.concat(chunks));
      response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('No port.');
  return {
    url: `http://127.0.0.1:${address.port}`,
    region,
    keyId,
    keySecret,
    objects,
    served,
    countUploads: () => uploads.size,
    refuse: (count) => {
      refusals = count;
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Why a request is refused; undefined when it is signed as it should be. */
function findFault({ method = '', url = '', headers }: IncomingMessage, body: Buffer): string | undefined {
  const given = headers.authorization ?? '';
  const names = /SignedHeaders=([^,]+)/.exec(given)?.[1]?.split(';') ?? [];
  for (const name of ['host', 'x-amz-date', 'x-amz-content-sha256'])
    if (!names.includes(name)) return 'AccessDenied';
  if (headers['x-amz-content-sha256'] !== createHash('sha256').update(body).digest('hex'))
    return 'XAmzContentSHA256Mismatch';
  const again = {
    method,
    path: url,
    service: 's3',
    region,
    headers: Object.fromEntries(names.map((name) => [name, String(headers[name])])),
    // The signer leaves it out unless it is told to, and its types do not know of that.
    extraHeadersToInclude: { range: true },
  };
  const signed = aws4.sign(again, { accessKeyId: keyId, secretAccessKey: keySecret });
  return signed.headers?.['Authorization'] === given ? undefined : 'SignatureDoesNotMatch';
}

const toTag = (body: Buffer): string => `"${createHash('md5').update(body).digest('hex')}"`;

function toError(status: number, code: string): Answer {
  return { status, body: `<Error><Code>${code}</Code><Message>${code}</Message></Error>` };
}
