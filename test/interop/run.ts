// `npm run test:interop [-- word …]`: the official SDKs of other languages against the real service; with words, those clients alone
// whose names have one of them. What cannot be had here is skipped, by name; what fails, fails the run.
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Ran } from '../support/page.ts';
import { pullWithJava, pullWithNode, pullWithTokens } from '../support/puller.ts';
import type { PullerRun } from '../support/puller.ts';
import { rootAccount, startService } from '../support/service.ts';
import { SmqClient } from '../support/smq-client.ts';
import { cache, camsJava, camsPython, clients, pullingJava } from './clients.ts';
import type { Client } from './clients.ts';
import { toReason } from './program.ts';
import type { Env } from './program.ts';
import { compilePuller, playJava, playPython } from './samples.ts';
import { fuzzApi } from './schemathesis.ts';
import { runSnippets } from './snippets.ts';

const sources = fileURLToPath(new URL('clients', import.meta.url));
const pullMs = 60_000;

const counts = { passed: 0, failed: 0, skipped: 0 };

function report(outcome: keyof typeof counts, text: string): void {
  counts[outcome] += 1;
  console.log(`${outcome === 'failed' ? 'FAILED' : outcome} ${text}`);
}

/** Runs one client's round; resolves to whether its SDK could be had and its program was built. */
async function play(client: Client, env: Env): Promise<boolean> {
  await mkdir(client.folder, { recursive: true });
  await cp(join(sources, client.source), client.folder, { recursive: true });
  const fetched = await client.fetch();
  if (fetched.code !== 0) {
    report('skipped', `${client.name}: it cannot be had here (${toReason(fetched)})`);
    return false;
  }
  const built = await client.build?.();
  if (built !== undefined && built.code !== 0) {
    report('failed', `${client.name}: it does not build\n${built.output.replace(/^/gm, '  ')}`);
    return false;
  }
  const { code, output } = await client.round(env);
  const version = /^version (.*)$/m.exec(output)?.[1] ?? 'unknown version';
  const steps = output.match(/^ok .*$/gm)?.length ?? 0;
  const text = `${client.name} (${version}): ${steps} of ${client.steps} steps`;
  if (code === 0 && steps === client.steps) report('passed', text);
  else report('failed', `${text}\n${output.replace(/^/gm, '  ')}`);
  return true;
}

/** Plays the rounds of clients against one service; resolves to those that could be had. */
async function playRounds(chosen: readonly Client[]): Promise<ReadonlySet<Client>> {
  const dataDir = await mkdtemp(join(tmpdir(), 'chasqui-interop-'));
  const service = await startService({
    dataDir,
    env: { CHASQUI_TEMPLATE_REVIEW_SECONDS: '0', CHASQUI_SEND_RATE: '1000' },
  });
  const built = new Set<Client>();
  try {
    for (const [index, client] of chosen.entries()) {
      const isBuilt = await play(client, {
        SMQ_ENDPOINT: service.url,
        SMQ_KEY_ID: rootAccount.keyId,
        SMQ_KEY_SECRET: rootAccount.keySecret,
        SMQ_QUEUE: `round-${index}`,
        CHASQUI: service.url,
        ACCOUNT: rootAccount.accountId,
        KEY_ID: rootAccount.keyId,
        KEY_SECRET: rootAccount.keySecret,
      });
      if (isBuilt) built.add(client);
    }
    if (built.has(camsPython)) await playHello('Python', () => playPython(camsPython.folder, service.url));
    if (built.has(camsJava)) {
      await clearStatuses(service.url);
      await playHello('Java', () => playJava(camsJava.folder, service.url));
    }
    const code = await service.stop();
    if (code !== 0) report('failed', `the service's end: code ${String(code)}\n${service.output()}`);
  } finally {
    await service.kill();
    await rm(dataDir, { recursive: true, force: true });
  }
  return built;
}

/** Takes away what programs before have left in the queue of statuses, until none has come for five seconds. */
async function clearStatuses(url: string): Promise<void> {
  const smq = new SmqClient(url, { id: rootAccount.keyId, secret: rootAccount.keySecret });
  const queue = `Alicom-Queue-${rootAccount.accountId}-ChatAppStatus`;
  for (let left = await smq.receive(queue, 5); left.length > 0; left = await smq.receive(queue, 5))
    for (const { handle } of left) await smq.delete(queue, handle);
  await smq.close();
}

/** Runs the program of docs/samples.md in a language. */
async function playHello(language: string, play: () => Promise<Ran>): Promise<void> {
  const { code, output } = await play();
  const isGood = code === 0 && /^sent .*\d{21}/m.test(output) && /^receipt .*\d{21}.*Sent/m.test(output);
  report(
    isGood ? 'passed' : 'failed',
    `${language} program of docs/samples.md${isGood ? '' : `\n${output}`}`,
  );
}

async function playPuller(name: string, pulling: Promise<PullerRun>): Promise<void> {
  const { isGood, text } = await pulling.catch((error: unknown) => ({ isGood: false, text: String(error) }));
  report(isGood ? 'passed' : 'failed', `${name} puller over two restarts: ${text}`);
}

/** What is no client of an SDK: the snippets of the docs, and the document of the admin API. */
async function playPages(): Promise<void> {
  for (const { name, outcome, text } of await runSnippets(cache))
    report(outcome, `${name} snippet that verifies a callback: ${text}`);
  const { outcome, text } = await fuzzApi(cache);
  report(outcome, `Schemathesis on the document of /api/v1: ${text}`);
}

/** The pullers, over two restarts of the service each: Node's at once with Java's, the one with tokens by itself. */
async function playPullers(built: ReadonlySet<Client>): Promise<void> {
  const pullers = [playPuller('Node', pullWithNode(pullMs, 3_000))];
  if (built.has(pullingJava)) pullers.push(playPuller('Java', pullWithJava(pullMs, pullingJava.folder)));
  else report('skipped', 'Java puller: its SDK cannot be had here');
  await Promise.all(pullers);
  if (built.has(camsJava)) await playPuller('Java token', pullWithTokens(pullMs, camsJava.folder));
  else report('skipped', 'Java token puller: its SDKs cannot be had here');
}

const words = process.argv.slice(2);
const chosen = clients.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)));
if (chosen.length === 0) throw new Error(`No client's name has any of: ${words.join(', ')}.`);
await mkdir(cache, { recursive: true });
if (words.length === 0) await playPages();
const built = await playRounds(chosen);
if (built.has(pullingJava)) {
  const { code, output } = await compilePuller(pullingJava.folder);
  const isGood = code === 0;
  report(isGood ? 'passed' : 'failed', `Java puller of docs/smq.md compiles${isGood ? '' : `\n${output}`}`);
}
if (words.length === 0) await playPullers(built);
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = counts.failed > 0 ? 1 : 0;
