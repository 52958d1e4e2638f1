import type { IncomingMessage } from 'node:http';

/** Target and headers together; more is answered 431. */
export const maxHeaderBytes = 16 * 1024;
/** Targets of calls that carry their parameters there, such as a send to a thousand recipients, may be so long. */
export const maxLongTargetBytes = 2 * 1024 * 1024;

/** Node keeps no more header lines than this; 26 refuses a request with more, 24.15 drops them unseen. */
const maxHeaderLines = 1000;

/** Why a request is refused by its head alone. */
type HeadFault = 'HPE_HEADER_OVERFLOW' | 'HOST' | 'REPEATED' | 'CODING' | 'VERSION';

/** A name or an address, and a port (RFC 3986, 3.2.2); no user, nor anything that a proxy could read in another way. */
const hostForm = /^(?:\[[\da-f:.]+\]|[\w.~!$&'()*+,;=%-]+)(?::\d{0,5})?$/i;

/**
 * What is wrong with a request's head beyond what Node's parser refuses itself (two lengths, a length beside chunks); undefined
 * when nothing is. One Host is needed in HTTP/1.1 (RFC 9112, 3.2). Of headers that Node takes once and drops when they are
 * repeated, those that say whose request it is have to come once: what stands before us may have read the other one. The one coding
 * is chunked, and HTTP/1.0 has none (6.1): who does not know it has read the body as another request.
 */
export function findHeadFault(request: IncomingMessage): HeadFault | undefined {
  const { url = '', rawHeaders, headers } = request;
  let bytes = url.length;
  let hosts = 0;
  let authorizations = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    bytes += name.length + (rawHeaders[at + 1]?.length ?? 0);
    if (name.length === 4 && name.toLowerCase() === 'host') hosts += 1;
    else if (name.length === 13 && name.toLowerCase() === 'authorization') authorizations += 1;
  }
  if (rawHeaders.length >= 2 * maxHeaderLines || isTooLarge(request, bytes)) return 'HPE_HEADER_OVERFLOW';
  if (request.httpVersionMajor !== 1) return 'VERSION';
  const isOld = request.httpVersionMinor === 0;
  const coding = headers['transfer-encoding'];
  if (coding !== undefined && (isOld || coding.toLowerCase() !== 'chunked')) return 'CODING';
  if (hosts > 1 || (hosts === 0 ? !isOld : !hostForm.test(headers.host ?? ''))) return 'HOST';
  return authorizations > 1 ? 'REPEATED' : undefined;
}

/** A long target is for `/` alone, and only with an action in it or beside it. */
function isTooLarge({ url = '', headers }: IncomingMessage, bytes: number): boolean {
  if (bytes <= maxHeaderBytes) return false;
  const isCall = url.startsWith('/?') && (headers['x-acs-action'] !== undefined || /[?&]Action=/.test(url));
  return !isCall || bytes - url.length > maxHeaderBytes || url.length > maxLongTargetBytes;
}
