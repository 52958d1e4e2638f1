import type { Socket } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { clip } from '../domain/cut.ts';
import type { NoticeMessage, Notify, Told } from '../domain/notice-message.ts';
import { isMailAddress } from '../domain/notice-target.ts';
import type { Client } from '../http/client.ts';

interface MailDeps {
  readonly client: Pick<Client, 'connect'>;
  /** `smtp://` or `smtps://`, with a user and a password where the server wants them. */
  readonly smtpUrl: string;
  readonly tls: 'required' | 'offered';
  readonly from: string;
  /** What else the certificate is judged by, and how long a step may take: in tests. */
  readonly tlsOptions?: ConnectionOptions;
  readonly stepMs?: number;
}

/** For everything, and for a step of it. */
const timeoutMs = 30_000;
const defaultStepMs = 10_000;
const maxReply = 16 * 1024;
const maxSaid = 200;

/**
 * Sends to people by a mail server, over TLS unless it is allowed to do without. A reply of 5xx to what was sent refuses the message, any
 * other failure may end (RFC 5321, 4.2.1). Retries have one Message-ID, by which mailboxes know a repeat. The library is loaded with
 * the first message.
 */
export function createMail(deps: MailDeps): Notify {
  return async ({ mail }, message) => {
    const to = mail.filter(isMailAddress);
    if (to.length === 0) return { kind: 'later', reason: 'It has no address.' };
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      const transport = await openTransport(deps);
      return judge(await transport.sendMail({ ...toMail(deps, message), to: [...to], signal }));
    } catch (error) {
      if (signal.aborted)
        return { kind: 'later', reason: `The mail server took longer than ${timeoutMs} ms.` };
      return toFault(error);
    }
  };
}

async function openTransport({ client, smtpUrl, tls, tlsOptions, stepMs = defaultStepMs }: MailDeps) {
  const { createTransport } = await import('nodemailer');
  const url = new URL(smtpUrl);
  const isSecure = url.protocol === 'smtps:';
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const port = url.port === '' ? (isSecure ? 465 : 587) : Number(url.port);
  const user = decodeURIComponent(url.username);
  return createTransport({
    host,
    port,
    secure: isSecure,
    requireTLS: !isSecure && tls === 'required',
    ...(user === '' ? {} : { auth: { user, pass: decodeURIComponent(url.password) } }),
    ...(tlsOptions && { tls: tlsOptions }),
    connectionTimeout: stepMs,
    greetingTimeout: stepMs,
    socketTimeout: stepMs,
    maxResponseSize: maxReply,
    disableFileAccess: true,
    disableUrlAccess: true,
    // Past the guard of all that leaves this service.
    getSocket: (_options, callback) => {
      client.connect(host, port).then(
        (connection: Socket) => callback(null, { connection }),
        (error: unknown) => callback(error instanceof Error ? error : new Error('no connection')),
      );
    },
  });
}

/** The subject has no control characters (see `NoticeMessage`), and the library encodes it; addresses are plain. */
function toMail({ from }: MailDeps, { id, attempt, at, title, groups, link }: NoticeMessage) {
  const texts = groups.map(({ heading, lines }) => [heading, ...lines].join('\n'));
  return {
    from: { name: 'Chasqui', address: from },
    subject: title,
    date: new Date(at),
    messageId: `<${id}@${from.slice(from.lastIndexOf('@') + 1)}>`,
    text: [title, ...texts, ...(link === null ? [] : [link])].join('\n\n'),
    headers: { 'Auto-Submitted': 'auto-generated', 'Chasqui-Attempt': String(attempt) },
  };
}

/** Who was refused for good while others were not is not tried again; who may be taken later is, with all. */
function judge({
  accepted,
  rejected,
  rejectedErrors,
}: {
  accepted: string[];
  rejected: string[];
  rejectedErrors?: Fault[] | undefined;
}): Told {
  const faults = rejectedErrors ?? [];
  const passing = faults.find((fault) => !isFinal(fault));
  if (passing !== undefined) return toFault(passing);
  if (accepted.length === 0) return { kind: 'later', reason: 'The mail server took it for nobody.' };
  if (rejected.length === 0) return { kind: 'told' };
  const said = faults[0] === undefined ? '' : `: ${toSaid(faults[0])}`;
  return { kind: 'told', reason: `The mail server did not take it for ${rejected.join(', ')}${said}` };
}

interface Fault {
  readonly message: string;
  readonly code?: string | undefined;
  readonly responseCode?: number | undefined;
  readonly response?: string | undefined;
}

/** A reply of 5xx to a message or to those it is for; what a server says of a sign-in is for a person to mend. */
function isFinal({ code, responseCode = 0 }: Fault): boolean {
  return (code === 'EENVELOPE' || code === 'EMESSAGE') && responseCode >= 500 && responseCode !== 503;
}

/** Told by the server's own words, or else by the library's; neither holds the password. */
function toFault(error: unknown): Told {
  const fault: Fault = error instanceof Error ? error : { message: 'It failed.' };
  const reason = `The mail server did not take it: ${toSaid(fault)}`;
  return isFinal(fault) ? { kind: 'refused', reason } : { kind: 'later', reason };
}

function toSaid({ response, message }: Fault): string {
  return clip((response ?? message).replace(/\p{Cc}+/gu, ' '), maxSaid);
}
