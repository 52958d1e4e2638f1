// Files of WhatsApp, in and out (channels 2.7): both have ids that live for days and addresses that live for minutes.
import type { Channel } from '../domain/channel.ts';
import type { Client, StreamedAnswer } from '../http/client.ts';
import { isFailure } from '../http/client.ts';
import { filePace } from '../http/pace.ts';
import { Pieces } from '../http/pieces.ts';
import type { FetchedMedia, MediaFault } from './channel.ts';
import { fileTimeoutMs } from './files.ts';
import { tryParse } from './gatherer.ts';
import { isAboutProof, toAppSecretProof } from './graph.ts';
import { isObject, proofOf, toText } from './meta.ts';

export interface MediaDeps {
  readonly client: Pick<Client, 'get'>;
  /** Base of the Graph API without its version. */
  readonly graphUrl: string;
  readonly graphVersion: string;
}

/** Asks for the file's address, which lives five minutes, and then for the file; asks once more when the address has died. */
export async function fetchMedia(
  { client, graphUrl, graphVersion }: MediaDeps,
  channel: Channel,
  mediaId: string,
): Promise<FetchedMedia | MediaFault> {
  const token = channel.credentials['accessToken'] ?? '';
  const headers = { authorization: `Bearer ${token}` };
  const { appSecret } = proofOf(channel);
  const proof = appSecret === undefined ? '' : `?appsecret_proof=${toAppSecretProof(appSecret, token)}`;
  const question = `${graphUrl}/${graphVersion}/${encodeURIComponent(mediaId)}${proof}`;
  for (let attempt = 0; attempt < 2; attempt += 1) {
    const found = await client.get(question, headers, 30_000);
    if (isFailure(found))
      return { fault: 'later', reason: `The Graph API cannot be reached: ${found.reason}.` };
    if (found.status !== 200) return await toFault(found);
    const object = tryParse(await readAll(found, 64 * 1024));
    const url = isObject(object) ? toText(object['url']) : undefined;
    if (url === undefined) return { fault: 'later', reason: 'The Graph API gave no address for the media.' };
    const file = await client.get(url, headers, fileTimeoutMs, filePace);
    if (isFailure(file)) return { fault: 'later', reason: `The media cannot be fetched: ${file.reason}.` };
    if (file.status === 200)
      return { mimeType: toText(file.headers['content-type']) ?? null, bytes: file.body };
    if (file.status !== 404) return await toFault(file);
    await readAll(file, 64 * 1024);
  }
  return { fault: 'later', reason: 'The media was not at the address that the Graph API gave.' };
}

async function toFault(answer: StreamedAnswer): Promise<MediaFault> {
  const object = tryParse(await readAll(answer, 64 * 1024));
  const error = isObject(object) && isObject(object['error']) ? object['error'] : {};
  const code = Number(error['code'] ?? 0);
  const said = `The channel answered ${answer.status}${code === 0 ? '' : ` with code ${code}`}.`;
  if (
    answer.status === 401 ||
    answer.status === 403 ||
    code === 190 ||
    code === 10 ||
    (code >= 200 && code < 300)
  )
    return { fault: 'auth', reason: said };
  // An app that wants the proof of its secret refuses a call without it, or with that of another secret, by code 100 as well.
  if (isAboutProof({ text: toText(error['message']) ?? '' }))
    return { fault: 'auth', reason: `The proof of the app secret is missing or wrong. ${said}` };
  // Code 100 on a media id means that there is none, or none any more.
  if (answer.status === 404 || code === 100 || code === 33)
    return { fault: 'gone', reason: `The channel no longer has it. ${said}` };
  return { fault: 'later', reason: said };
}

async function readAll({ body }: StreamedAnswer, maxBytes: number): Promise<Buffer> {
  const pieces = new Pieces();
  for await (const chunk of body) {
    if (pieces.length + chunk.byteLength > maxBytes) break;
    pieces.add(chunk);
  }
  return pieces.join();
}
