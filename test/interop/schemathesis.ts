// The admin API as Schemathesis sees it: requests of all sorts made from the OpenAPI document, against a service of their own.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootAccount, startService } from '../support/service.ts';
import { installLimitMs, run, toReason } from './program.ts';

const version = '4.32.5';
const runLimitMs = 600_000;
/** Fewer requests than that would be a document that it did not read. */
const fewestCases = 100;

/**
 * The stream never ends. A sign-out, and a change of the key that signs, would have everything after it refused: ids that a
 * listing gave are tried elsewhere. And what asks a vendor answers 502 where there is none.
 */
const excluded = '/(tail|session)|/keys/|/(available-senders|subscribe|signs|templates/import)$';

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
  try {
    const { code, output } = await run(
      'python3',
      [
        ...['-c', 'from schemathesis.cli import schemathesis; schemathesis()'],
        ...['run', `${service.url}/api/v1/openapi.json`],
        ...['--auth', `${rootAccount.keyId}:${rootAccount.keySecret}`],
        ...['--exclude-path-regex', excluded],
        ...['--phases', 'examples,fuzzing', '--max-examples', '10'],
        ...['--checks', 'not_a_server_error,status_code_conformance'],
        ...['--seed', '7', '--generation-database', 'none', '--no-color'],
      ],
      { cwd: folder, limitMs: runLimitMs, env: { PYTHONPATH: site } },
    );
    const ended = await service.stop();
    // Its own exit code is its judgement; a service that fell over is ours.
    if (code !== 0 || ended !== 0)
      return {
        outcome: 'failed',
        text: `code ${code}, the service's ${ended}\n${output}\n${service.output()}`,
      };
    const unheard = /Authentication failed: (\d+) operations?/.exec(output);
    if (unheard !== null) return { outcome: 'failed', text: `${unheard[0]} were never let in\n${output}` };
    const cases = Number(/(\d+) generated/.exec(output)?.[1] ?? 0);
    if (cases < fewestCases)
      return { outcome: 'failed', text: `only ${cases} requests were made\n${output}` };
    return { outcome: 'passed', text: `${cases} requests` };
  } finally {
    await service.kill();
    await rm(dataDir, { recursive: true, force: true });
  }
}
