// Files of WhatsApp, in and out (docs/protocols/whatsapp.md): both have ids that live for days and addresses that live for minutes.
import type { Channel, Sender } from '../../domain/channel.ts';
import type { Client, StreamedAnswer } from '../../http/client.ts';
import { isFailure } from '../../http/client.ts';
import { Pieces } from '../../http/pieces.ts';
import type { FetchedMedia, MediaFault } from '../channel.ts';
import { follow, toFetched } from '../kit/files.ts';
import { isAboutProof, toAppSecretProof, toGraphError } from '../kit/graph.ts';
import { proofOf } from '../kit/app-secret.ts';
import { isObject, toText, tryParseJson } from '../kit/json.ts';
import { toMeaning } from './errors.ts';

interface MediaDeps {
  readonly client: Pick<Client, 'get'>;
  /** Base of the Graph API without its version. */
  readonly graphUrl: string;
  readonly graphVersion: string;
  readonly now: () => number;
}

/** Asks for the file's address, which lives five minutes, and then for the file; asks once more when the address has died. */
export async function fetchMedia(
  { client, graphUrl, graphVersion, now }: MediaDeps,
  channel: Channel,
  mediaId: string,
  sender?: Pick<Sender, 'routeId'>,
): Promise<FetchedMedia | MediaFault> {
  const token = channel.credentials['accessToken'] ?? '';
  const headers = { authorization: `Bearer ${token}` };
  const { appSecret } = proofOf(channel);
  const proof = appSecret === undefined ? '' : `?appsecret_proof=${toAppSecretProof(appSecret, token)}`;
  const toQuestion = (id: string): string => `${graphUrl}/${graphVersion}/${encodeURIComponent(id)}${proof}`;
  const question = toQuestion(mediaId);
  /** A media id is gone only where the channel itself still answers to the same token: a lost permission says the same. */
  const toFault = async (refused: StreamedAnswer): Promise<MediaFault> => {
    const fault = await readFault(refused, now());
    const ownId = sender?.routeId ?? channel.wabaId ?? '';
    if (fault.fault !== 'gone' || ownId === '') return fault.fault === 'gone' ? toUnproven(fault) : fault;
    const own = await client.get(toQuestion(ownId), headers, 30_000);
    if (isFailure(own)) return { fault: 'later', reason: `The Graph API cannot be reached: ${own.reason}.` };
    if (own.status !== 200) {
      const ownFault = await readFault(own, now());
      return ownFault.fault === 'gone' ? { ...ownFault, fault: 'auth' } : ownFault;
    }
    const answered = tryParseJson(await readAll(own, 64 * 1024));
    return isObject(answered) && toText(answered['id']) === ownId ? fault : toUnproven(fault);
  };
  for (let attempt = 0; attempt < 2; attempt += 1) {
    const found = await client.get(question, headers, 30_000);
    if (isFailure(found))
      return { fault: 'later', reason: `The Graph API cannot be reached: ${found.reason}.` };
    if (found.status !== 200) return await toFault(found);
    const object = tryParseJson(await readAll(found, 64 * 1024));
    const url = isObject(object) ? toText(object['url']) : undefined;
    if (url === undefined) return { fault: 'later', reason: 'The Graph API gave no address for the media.' };
    // It may lead on to where the bytes are, and the token is for Meta alone.
    const followed = await follow(client, url, headers);
    if (isFailure(followed))
      return { fault: 'later', reason: `The media cannot be fetched: ${followed.reason}.` };
    const { answer: file } = followed;
    if (file.status === 200) return toFetched(file);
    if (file.status !== 404) return await toFault(file);
    await readAll(file, 64 * 1024);
  }
  return { fault: 'later', reason: 'The media was not at the address that the Graph API gave.' };
}

function toUnproven({ reason }: MediaFault): MediaFault {
  return { fault: 'later', reason: `${reason} Whether the channel still has it is not known.` };
}

/** What a refusal says of the file. `gone` is what Graph says of an id that there is not, or not for this token. */
async function readFault(answer: StreamedAnswer, now: number): Promise<MediaFault> {
  const error = toGraphError(answer, tryParseJson(await readAll(answer, 64 * 1024)), now);
  const { code, status, retryAfterMs } = error;
  const reason = `The channel answered ${status}${code === null ? '' : ` with code ${code}`}.`;
  // An app that wants the proof of its secret refuses a call without it, or with that of another secret, by code 100 as well.
  if (isAboutProof(error))
    return { fault: 'auth', reason: `The proof of the app secret is missing or wrong. ${reason}` };
  if (code === 100 || code === 33)
    return { fault: 'gone', reason: `The channel no longer has it. ${reason}` };
  const failure = toMeaning(error)?.failure;
  return {
    fault: failure === 'auth' || failure === 'account' ? 'auth' : 'later',
    reason,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}

async function readAll({ body }: StreamedAnswer, maxBytes: number): Promise<Buffer> {
  const pieces = new Pieces();
  for await (const chunk of body) {
    if (pieces.length + chunk.byteLength > maxBytes) break;
    pieces.add(chunk);
  }
  return pieces.join();
}
