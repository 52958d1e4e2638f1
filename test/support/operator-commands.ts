// The commands of an operator who has locked himself out, called as he would, and what comes of them at a running service.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { request } from 'undici';
import { bareEnv } from './service.ts';

const cli = fileURLToPath(new URL('../../src/cli/commands.ts', import.meta.url));

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Calls a command, with nobody to be asked. */
export function callCommand(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { env: { ...bareEnv, ...env }, timeout: 60_000 };
    const child = execFile(process.execPath, [cli, ...args], options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ code, stdout, stderr });
    });
    child.stdin?.end();
  });
}

/** Calls a service as the holder of a key. */
export async function callAs(
  url: string,
  { id, secret }: { readonly id: string; readonly secret: string },
  path: string,
): Promise<{ readonly status: number; readonly json: { readonly items?: readonly Change[] } }> {
  const authorization = `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
  const answer = await request(`${url}/api/v1${path}`, { headers: { authorization } });
  return { status: answer.statusCode, json: (await answer.body.json()) as { items?: Change[] } };
}

interface Change {
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
}

/** Asks for a session as the console does; resolves to the status, the code of a refusal, and the session's cookie. */
export async function signIn(url: string, body: object, path = '/session') {
  const answer = await request(`${url}/api/v1${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-chasqui-console': '1', origin: url },
    body: JSON.stringify(body),
  });
  const { code } = (await answer.body.json()) as { code?: string };
  const cookie = [answer.headers['set-cookie'] ?? '']
    .flat()
    .map((one) => one.split(';')[0])
    .join('; ');
  return { status: answer.statusCode, code, cookie };
}

/** The status that a request with a session's cookie gets. */
export async function readWith(url: string, cookie: string): Promise<number> {
  const answer = await request(`${url}/api/v1/channels`, { headers: { cookie } });
  await answer.body.dump();
  return answer.statusCode;
}
