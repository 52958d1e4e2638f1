// The admin API as Schemathesis sees it: requests of all sorts made from the OpenAPI document, against a service of their own.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';
import { rootAccount, startService } from '../support/service.ts';
import { installLimitMs, run, toReason } from './program.ts';

const version = '4.32.5';
const runLimitMs = 600_000;

/** Who calls what of the document. */
interface Caller {
  readonly name: string;
  readonly options: readonly string[];
  /** Fewer requests than that would be a document that it did not read. */
  readonly fewestCases: number;
}

const ofPortal = '/portal/';
/**
 * The stream never ends. A sign-out, and a change of the key that signs, would have everything after it refused: ids that a
 * listing gave are tried elsewhere. And what asks a vendor answers 502 where there is none.
 */
const excluded = `/(tail|session)|/keys/|/(available-senders|subscribe|signs|templates/import(/plan)?)$|${ofPortal}`;

interface FuzzOutcome {
  readonly outcome: 'passed' | 'failed' | 'skipped';
  readonly text: string;
}

/** Fuzzes /api/v1 from its document: no answer may be a 5xx or one that the document does not name. */
export async function fuzzApi(cache: string): Promise<FuzzOutcome> {
  const folder = join(cache, 'schemathesis');
  const site = join(folder, 'site');
  await mkdir(folder, { recursive: true });
  const install = ['-m', 'pip', 'install', '-q', '--upgrade', '--target', site, `schemathesis==${version}`];
  const installed = await run('python3', install, { cwd: folder, limitMs: installLimitMs });
  if (installed.code !== 0)
    return { outcome: 'skipped', text: `Schemathesis cannot be had here (${toReason(installed)})` };
  const dataDir = await mkdtemp(join(tmpdir(), 'chasqui-fuzz-'));
  const service = await startService({ dataDir });
  const command = { cwd: folder, limitMs: runLimitMs, env: { PYTHONPATH: site } };
  try {
    const told: string[] = [];
    for (const { name, options, fewestCases } of await makeCallers(service.url)) {
      const { code, output } = await run(
        'python3',
        [
          ...['-c', 'from schemathesis.cli import schemathesis; schemathesis()'],
          ...['run', `${service.url}/api/v1/openapi.json`],
          ...options,
          ...['--phases', 'examples,fuzzing', '--max-examples', '10'],
          ...['--checks', 'not_a_server_error,status_code_conformance'],
          ...['--seed', '7', '--generation-database', 'none', '--no-color'],
        ],
        command,
      );
      const fault = findFault(code, output, fewestCases);
      if (fault !== undefined)
        return { outcome: 'failed', text: `${name}: ${fault}\n${output}\n${service.output()}` };
      told.push(`${countCases(output)} requests of ${name}`);
    }
    const ended = await service.stop();
    // A service that fell over is ours.
    if (ended !== 0)
      return { outcome: 'failed', text: `the service ended with ${ended}\n${service.output()}` };
    return { outcome: 'passed', text: told.join(', ') };
  } finally {
    await service.kill();
    await rm(dataDir, { recursive: true, force: true });
  }
}

const countCases = (output: string): number => Number(/(\d+) generated/.exec(output)?.[1] ?? 0);

/** What is wrong with a run; its own exit code is its judgement. */
function findFault(code: number | null, output: string, fewestCases: number): string | undefined {
  if (code !== 0) return `code ${code}`;
  const unheard = /Authentication failed: (\d+) operations?/.exec(output);
  if (unheard !== null) return `${unheard[0]} were never let in`;
  return countCases(output) < fewestCases ? `only ${countCases(output)} requests were made` : undefined;
}

/** A holder of a link to the whole account, and then its key, which may take that link back. */
async function makeCallers(url: string): Promise<Caller[]> {
  const { keyId, keySecret } = rootAccount;
  const answer = await request(`${url}/api/v1/portal-links`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`${keyId}:${keySecret}`).toString('base64')}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ name: 'Fuzz', senders: null, access: 'manage' }),
  });
  const { token } = (await answer.body.json()) as { token: string };
  return [
    {
      name: 'a portal link',
      // A link may make 20 calls in a second.
      options: [
        ...['-H', `Authorization: Bearer ${token}`],
        ...['--include-path-regex', ofPortal],
        ...['--rate-limit', '15/s'],
      ],
      fewestCases: 20,
    },
    {
      name: 'a key',
      options: [...['--auth', `${keyId}:${keySecret}`], ...['--exclude-path-regex', excluded]],
      fewestCases: 100,
    },
  ];
}
