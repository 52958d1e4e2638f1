import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { TestContext } from 'node:test';
import { createMail } from '../../src/notifiers/mail.ts';
import { certificate } from '../support/certificate.ts';
import { openLocalClient } from '../support/client.ts';
import { mailPassword, mailUser, openMailServer } from '../support/mail-server.ts';
import type { MailServerOptions } from '../support/mail-server.ts';
import { toAddress, toGroup, toMessage, toNotice } from './messages.ts';

interface Setting {
  readonly tls?: 'required' | 'offered';
  readonly scheme?: string;
  readonly login?: string;
  readonly ca?: string | undefined;
  readonly egressAllow?: readonly string[];
  readonly stepMs?: number;
}

/** The subject as people see it (RFC 2047). */
function toSubject(text = ''): string {
  const folded = /^Subject: (.*(?:\r\n[ \t].*)*)/m.exec(text)?.[1] ?? '';
  return folded
    .replace(/\r\n\s/g, '')
    .replace(/=\?UTF-8\?Q\?(.*?)\?=/g, (_word, encoded: string) =>
      decodeURIComponent(encoded.replaceAll('_', ' ').replaceAll('%', '%25').replaceAll('=', '%')),
    );
}

const login = `${encodeURIComponent(mailUser)}:${encodeURIComponent(mailPassword)}@`;

async function open(t: TestContext, options: MailServerOptions = {}, setting: Setting = {}) {
  const server = await openMailServer(t, options);
  const { tls = 'required', scheme = 'smtp', egressAllow = ['127.0.0.0/8'] } = setting;
  const client = openLocalClient({ egressAllow });
  t.after(() => client.close());
  const ca = 'ca' in setting ? setting.ca : certificate;
  const notify = createMail({
    client,
    smtpUrl: `${scheme}://${setting.login ?? login}localhost:${server.port}`,
    tls,
    from: 'chasqui@shop.example',
    tlsOptions: ca === undefined ? {} : { ca },
    ...(setting.stepMs !== undefined && { stepMs: setting.stepMs }),
  });
  const send = (mail = ['ops@shop.example'], message = toMessage()) => notify(toAddress({ mail }), message);
  return { server, send };
}

it('a message goes over STARTTLS, signed in, to those it is for, with an id that a repeat has again', async (t) => {
  const { server, send } = await open(t);
  assert.deepEqual(await send(['ops@shop.example', 'it@shop.example']), { kind: 'told' });
  assert.deepEqual(await send(undefined, toMessage(undefined, 'en', 2)), { kind: 'told' });
  const [first, second] = server.mails;
  assert.deepEqual(
    [first?.from, first?.to, first?.secure, first?.user],
    ['chasqui@shop.example', ['ops@shop.example', 'it@shop.example'], true, mailUser],
  );
  assert.match(first?.text ?? '', /^Message-ID: <notice_1@shop\.example>\r$/im);
  assert.match(first?.text ?? '', /^Auto-Submitted: auto-generated\r$/m);
  assert.match(toSubject(first?.text), /^\[Chasqui\] Error: The callback at shop\.example failed 10 times/);
  assert.match(first?.text ?? '', /^Date: Sun, 01 Nov 2026 00:00:00/m);
  assert.match(second?.text ?? '', /^Message-ID: <notice_1@shop\.example>\r$/im);
  assert.match(second?.text ?? '', /^Chasqui-Attempt: 2\r$/m);
});

it('TLS from the start is used where the address says so', async (t) => {
  const { server, send } = await open(t, { isSecure: true }, { scheme: 'smtps' });
  assert.deepEqual(await send(), { kind: 'told' });
  assert.equal(server.mails[0]?.secure, true);
});

it('a server without TLS gets nothing, unless it may do without', async (t) => {
  const strict = await open(t, { hasTls: false }, { login: '' });
  assert.equal((await strict.send()).kind, 'later');
  assert.deepEqual(strict.server.mails, []);
  const lenient = await open(t, { hasTls: false }, { login: '', tls: 'offered' });
  assert.deepEqual(await lenient.send(), { kind: 'told' });
  assert.equal(lenient.server.mails[0]?.secure, false);
});

it('a certificate that nobody vouches for is no TLS', async (t) => {
  const { server, send } = await open(t, {}, { ca: undefined });
  const told = await send();
  assert.match(told.kind === 'later' ? told.reason : '', /certificate/);
  assert.deepEqual(server.mails, []);
});

it('a wrong password is for a person to mend, and is not told', async (t) => {
  const { server, send } = await open(t, {}, { login: 'chasqui:hush@' });
  const told = await send();
  assert.match(told.kind === 'later' ? told.reason : '', /535/);
  assert.doesNotMatch(JSON.stringify(told), /hush/);
  assert.deepEqual(server.mails, []);
});

it('a server inside is reached only where that is allowed', async (t) => {
  const { server, send } = await open(t, {}, { egressAllow: [] });
  const told = await send();
  assert.match(told.kind === 'later' ? told.reason : '', /inside a private network/);
  assert.equal(server.connections(), 0);
});

it('5xx to a message or to all it is for refuses it; 4xx, and one of several that may pass, are tried again', async (t) => {
  const refusing = await open(t, { refusesData: 554 });
  assert.equal((await refusing.send()).kind, 'refused');
  const busy = await open(t, { refusesData: 451 });
  assert.equal((await busy.send()).kind, 'later');
  const { send, server } = await open(t, { refuses: { gone: 550, full: 452 } });
  assert.equal((await send(['gone@shop.example'])).kind, 'refused');
  assert.equal((await send(['full@shop.example'])).kind, 'later');
  assert.deepEqual(await send(['gone@shop.example', 'ops@shop.example']), {
    kind: 'told',
    reason: 'The mail server did not take it for gone@shop.example: 550 No gone@shop.example',
  });
  assert.equal((await send(['full@shop.example', 'ops@shop.example'])).kind, 'later');
  assert.deepEqual(
    server.mails.map(({ to }) => to),
    [['ops@shop.example'], ['ops@shop.example']],
  );
});

it('a text of somebody else adds no header and nobody who is written to', async (t) => {
  const { server, send } = await open(t);
  const text = 'Hi\r\nBcc: evil@shop.example\r\n\r\nBody\u2028\u0000\u0085';
  assert.deepEqual(await send(undefined, toMessage([toGroup({ samples: [toNotice({ text })] })])), {
    kind: 'told',
  });
  const [mail] = server.mails;
  const [head = ''] = mail?.text.split('\r\n\r\n') ?? [];
  assert.deepEqual(mail?.to, ['ops@shop.example']);
  assert.doesNotMatch(head, /^Bcc:/im);
  assert.equal((await send(['ops@shop.example\r\nRCPT TO:<evil@shop.example>'])).kind, 'later');
  assert.equal((await send(['a@shop.example, evil@shop.example'])).kind, 'later');
  assert.equal(server.mails.length, 1);
});

it('a server that says nothing is left after a while', async (t) => {
  const { send } = await open(t, { isMute: true }, { stepMs: 50 });
  assert.equal((await send()).kind, 'later');
});
