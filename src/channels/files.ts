// Files that a channel gives an address for, good for a while and for whoever knows it.
import type { Client } from '../http/client.ts';
import { isFailure } from '../http/client.ts';
import { filePace } from '../http/pace.ts';
import type { FetchedMedia, MediaFault } from './channel.ts';

/** Time for the whole of a file that comes at a pace. */
export const fileTimeoutMs = 15 * 60_000;
const maxRedirects = 3;

/** Opens the file at an address; redirects are followed past the same guard. An address that has run out is `gone`. Never throws. */
export async function fetchFile(
  client: Pick<Client, 'get'>,
  address: string,
): Promise<FetchedMedia | MediaFault> {
  let url = address;
  for (let hop = 0; hop <= maxRedirects; hop += 1) {
    const answer = await client.get(url, {}, fileTimeoutMs, filePace);
    if (isFailure(answer))
      return {
        fault: answer.outcome === 'guarded' ? 'gone' : 'later',
        reason: `The file cannot be fetched: ${answer.reason}.`,
      };
    const type = answer.headers['content-type'];
    const mimeType = typeof type === 'string' ? type : null;
    if (answer.status === 200 && mimeType?.startsWith('text/html') !== true)
      return { mimeType, bytes: answer.body };
    await drop(answer.body);
    if (answer.status === 200)
      return { fault: 'gone', reason: 'The address leads to a page for people, not to a file.' };
    const location = answer.headers['location'];
    if (
      answer.status >= 300 &&
      answer.status < 400 &&
      typeof location === 'string' &&
      URL.canParse(location, url)
    ) {
      url = new URL(location, url).href;
      continue;
    }
    // A signed address that has run out is answered 403, at some edges 404 or 410.
    const isGone = [401, 403, 404, 410].includes(answer.status);
    return { fault: isGone ? 'gone' : 'later', reason: `The address of the file answered ${answer.status}.` };
  }
  return { fault: 'gone', reason: `The address of the file led on more than ${maxRedirects} times.` };
}

/** Leaving a body early gives its connection back. */
async function drop(body: AsyncIterable<Uint8Array>): Promise<void> {
  try {
    for await (const chunk of body) if (chunk.byteLength >= 0) break;
  } catch {
    // It broke off by itself, which is as good.
  }
}
