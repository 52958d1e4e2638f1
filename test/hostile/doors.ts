// Where a body can be brought to, by somebody who has no key.
import type { Side } from './bed.ts';

interface Door {
  readonly name: string;
  readonly side: Side;
  /** The head of a request, up to the headers that tell the length of its body. */
  readonly head: string;
}

const toHead = (line: string, headers: readonly string[]): string =>
  [`${line} HTTP/1.1`, 'Host: chasqui.example', ...headers, ''].join('\r\n');

/** One for each reader of bodies that the service has. */
export const doors: readonly Door[] = [
  {
    name: 'the webhook of a channel',
    side: 'public',
    head: toHead('POST /hooks/whatsapp/wa', [
      'Content-Type: application/json',
      // In its form, so that it takes the body to see that it is wrong.
      `X-Hub-Signature-256: sha256=${'0'.repeat(64)}`,
    ]),
  },
  {
    name: 'the webhook of nobody',
    side: 'public',
    head: toHead('POST /hooks/viber/nobody', ['Content-Type: application/json']),
  },
  {
    name: 'CAMS',
    side: 'public',
    head: toHead('POST /?Action=SendChatappMessage&Version=2020-06-06', [
      'Content-Type: application/x-www-form-urlencoded',
    ]),
  },
  {
    name: 'a queue',
    side: 'public',
    head: toHead('POST /queues/any/messages', ['Content-Type: text/xml', 'Authorization: MNS nobody:AAAA']),
  },
  {
    name: 'SMQ at the root',
    side: 'public',
    head: toHead('POST /', ['Content-Type: text/xml', 'Authorization: MNS nobody:AAAA']),
  },
  {
    name: 'the sandbox',
    side: 'public',
    head: toHead('POST /sandbox/15550100001/inbound', ['Content-Type: application/json']),
  },
  {
    name: 'an upload',
    side: 'public',
    head: toHead('POST /uploads', ['Content-Type: multipart/form-data; boundary=b']),
  },
  {
    name: 'an address that is nobody’s',
    side: 'public',
    head: toHead('POST /nothing/here', ['Content-Type: application/json']),
  },
  {
    name: 'the admin API',
    side: 'admin',
    head: toHead('PUT /api/v1/channels/any', [
      'Content-Type: application/json',
      'Authorization: Basic bm9ib2R5Om5v',
    ]),
  },
  {
    name: 'the sign-in',
    side: 'admin',
    head: toHead('POST /api/v1/session', ['Content-Type: application/json', 'X-Chasqui-Console: 1']),
  },
];
