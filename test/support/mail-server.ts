// A mail server on a free loopback port: it keeps what it takes, and refuses what it is told to.
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { SMTPServer } from 'smtp-server';
import { certificate, certificateKey } from './certificate.ts';

interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  readonly secure: boolean;
  readonly user: string | undefined;
  /** Headers and body, as they came. */
  readonly text: string;
}

export interface MailServerOptions {
  /** The code of a refusal of who is written to, by the part before the @. */
  readonly refuses?: Readonly<Record<string, number>>;
  /** The code of a refusal of what is written. */
  readonly refusesData?: number;
  readonly hasTls?: boolean;
  readonly isSecure?: boolean;
  /** Takes no more than the connection, and says nothing. */
  readonly isMute?: boolean;
}

interface MailServer {
  readonly port: number;
  readonly mails: readonly Mail[];
  /** Connections that were made. */
  readonly connections: () => number;
}

export const mailUser = 'chasqui@example.com';
export const mailPassword = 'p@ss word%';

export async function openMailServer(t: TestContext, options: MailServerOptions = {}): Promise<MailServer> {
  const { refuses = {}, refusesData, hasTls = true, isSecure = false, isMute = false } = options;
  const mails: Mail[] = [];
  let connections = 0;
  const server = new SMTPServer({
    secure: isSecure,
    closeTimeout: 1,
    key: certificateKey,
    cert: certificate,
    authOptional: true,
    disabledCommands: hasTls ? [] : ['STARTTLS', 'AUTH'],
    logger: false,
    onConnect: (_session, callback) => {
      connections += 1;
      if (!isMute) callback();
    },
    onAuth: ({ username, password }, _session, callback) =>
      username === mailUser && password === mailPassword
        ? callback(null, { user: username })
        : callback(Object.assign(new Error('Authentication failed'), { responseCode: 535 })),
    onRcptTo: ({ address }, _session, callback) => {
      const code = refuses[address.split('@')[0] ?? ''];
      callback(code === undefined ? null : Object.assign(new Error(`No ${address}`), { responseCode: code }));
    },
    onData: (stream, session, callback) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        if (refusesData !== undefined) {
          callback(Object.assign(new Error('Not this'), { responseCode: refusesData }));
          return;
        }
        const { mailFrom, rcptTo } = session.envelope;
        mails.push({
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          secure: session.secure,
          user: typeof session.user === 'string' ? session.user : undefined,
          text: Buffer.concat(chunks).toString('utf8'),
        });
        callback();
      });
    },
  });
  server.on('error', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  const address = server.server.address();
  if (address === null || typeof address === 'string') throw new Error('No port.');
  t.after(async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    server.close(resolve);
    await promise;
  });
  return { port: address.port, mails, connections: () => connections };
}
