// The reverse proxies of deploy/, each run by the real program as whoever runs the tests, on free ports, in a folder of its own and with
// a certificate of a CA of its own. Only what an operator puts in is put in.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { TestContext } from 'node:test';
import { bareEnv, findFreePort, isReached, waitUntil } from '../support/service.ts';

/** The name that the configurations come with. */
export const siteName = 'chasqui.example.com';
/** Who counts as inside, and who does not. */
export const inside = '127.0.0.2';
export const outside = '127.0.0.3';

/** A proxy that listens. */
export interface Proxy {
  readonly port: number;
  /** The certificate of who signed its own. */
  readonly ca: string;
  /** All that it has written so far, to whichever log. */
  readonly written: () => string;
}

interface Place {
  readonly folder: string;
  readonly port: number;
  readonly nodePorts: readonly number[];
}

/** A program and its configuration in deploy/. */
export interface ProxyKind {
  readonly name: string;
  readonly given: string;
  /** Writes its configuration and says how it is started. */
  readonly prepare: (place: Place) => {
    readonly args: readonly string[];
    readonly env: Readonly<Record<string, string>>;
  };
}

function read(path: string): string {
  return readFileSync(new URL(`../../deploy/${path}`, import.meta.url), 'utf8');
}

function replaceAll(text: string, values: readonly (readonly [string, string])[]): string {
  return values.reduce((before, [from, to]) => {
    assert.ok(before.includes(from), from);
    return before.replaceAll(from, to);
  }, text);
}

const nginxGiven = read('nginx/chasqui.conf');

export const nginx: ProxyKind = {
  name: 'nginx',
  given: nginxGiven,
  prepare: ({ folder, port, nodePorts }) => {
    const line = '  server 127.0.0.1:8080 max_fails=1 fail_timeout=2s;';
    const site = replaceAll(nginxGiven, [
      ['listen 443 ssl', `listen 127.0.0.1:${port} ssl`],
      ['/etc/ssl/chasqui.pem', join(folder, 'cert.pem')],
      ['/etc/ssl/chasqui.key', join(folder, 'key.pem')],
      [line, nodePorts.map((node) => line.replace('8080', String(node))).join('\n')],
      ['allow 10.0.0.0/8', `allow ${inside}`],
      ['/var/log/nginx', folder],
    ]);
    mkdirSync(join(folder, 'temp'));
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (name) => `${name}_temp_path ${join(folder, 'temp')};`,
    );
    const path = join(folder, 'nginx.conf');
    const lines = [
      'daemon off;',
      `pid ${join(folder, 'nginx.pid')};`,
      'error_log stderr;',
      'events {}',
      `http { access_log ${join(folder, 'access.log')}; ${temporary.join(' ')}\n${site}\n}`,
    ];
    writeFileSync(path, lines.join('\n'));
    return { args: ['-p', folder, '-e', 'stderr', '-c', path], env: {} };
  },
};

const caddyGiven = read('caddy/Caddyfile');

export const caddy: ProxyKind = {
  name: 'caddy',
  given: caddyGiven,
  prepare: ({ folder, port, nodePorts }) => {
    const files = `tls ${join(folder, 'cert.pem')} ${join(folder, 'key.pem')}`;
    // Its own port for changes, the one for HTTP and all addresses are the machine's, not a test's.
    const own = '{\n\tadmin off\n\tauto_https disable_redirects\n\tdefault_bind 127.0.0.1\n\tlog default {';
    const site = replaceAll(caddyGiven, [
      ['# tls /etc/ssl/chasqui.pem /etc/ssl/chasqui.key', files],
      ['{\n\tlog default {', own],
    ]);
    const path = join(folder, 'Caddyfile');
    writeFileSync(path, site);
    return {
      args: ['run', '--config', path, '--adapter', 'caddyfile'],
      env: {
        HOME: folder,
        CHASQUI_SITE: `${siteName}:${port}`,
        CHASQUI_NODES: nodePorts.map((node) => `127.0.0.1:${node}`).join(' '),
        CHASQUI_INSIDE: inside,
      },
    };
  },
};

/** Debian keeps nginx where only root looks by itself. */
function withSbin(): Record<string, string> {
  return { ...bareEnv, PATH: `${bareEnv['PATH'] ?? ''}:/usr/sbin` };
}

/** Says so, skips the test and gives false where the program, or `openssl`, is not installed. */
export function isThere(t: TestContext, kind: ProxyKind): boolean {
  // Not by running them: Caddy makes folders in the home of whoever asks for its version.
  const folders = (withSbin()['PATH'] ?? '').split(delimiter);
  const missing = [kind.name, 'openssl'].filter(
    (program) => !folders.some((folder) => existsSync(join(folder, program))),
  );
  if (missing.length === 0) return true;
  t.skip(`${missing.join(' and ')} is not installed, so the configuration for ${kind.name} is not tried`);
  return false;
}

/** Makes a CA and a certificate of it in a folder; gives the CA's own. */
function makeCertificate(folder: string): string {
  const [caPath, caKeyPath] = [join(folder, 'ca.pem'), join(folder, 'ca.key')];
  const request = (subject: string, key: string, certificate: string, ...more: string[]) =>
    execFileSync(
      'openssl',
      // prettier-ignore
      [
        'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2',
        '-subj', subject, '-keyout', key, '-out', certificate, ...more,
      ],
      { stdio: 'ignore' },
    );
  request('/CN=CA of a test', caKeyPath, caPath);
  const signed = ['-CA', caPath, '-CAkey', caKeyPath, '-addext', `subjectAltName=DNS:${siteName}`];
  const own = ['-addext', 'basicConstraints=critical,CA:FALSE'];
  request(`/CN=${siteName}`, join(folder, 'key.pem'), join(folder, 'cert.pem'), ...signed, ...own);
  return readFileSync(caPath, 'utf8');
}

/** Starts a proxy before nodes on these ports; it ends with the test. */
export async function openProxy(
  t: TestContext,
  kind: ProxyKind,
  nodePorts: readonly number[],
): Promise<Proxy> {
  const folder = mkdtempSync(join(tmpdir(), `chasqui-${kind.name}-`));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const ca = makeCertificate(folder);
  const port = await findFreePort();
  const { args, env } = kind.prepare({ folder, port, nodePorts });
  const child = spawn(kind.name, args, {
    env: { ...withSbin(), ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const ended = once(child, 'exit');
  t.after(async () => {
    child.kill('SIGTERM');
    await ended;
  });
  await waitUntil(`${kind.name} listens`, 60_000, async () => {
    assert.equal(child.exitCode, null, errors);
    return isReached(port);
  });
  const readLog = (name: string): string => {
    const path = join(folder, name);
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  };
  return { port, ca, written: () => ['access.log', 'error.log'].map(readLog).join('') + errors };
}
