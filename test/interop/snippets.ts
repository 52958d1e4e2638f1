// The signature snippets of docs/http-callbacks.md, run as they stand there against headers that the product made.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generateSecret, toHeaders } from '../../src/core/deliveries/signature.ts';
import { run } from './program.ts';

/** How a language runs a snippet: files to write, and the commands, the last of which prints one verdict a line. */
interface Language {
  readonly name: string;
  /** The word behind the fence of its code block. */
  readonly fence: string;
  readonly toFiles: (snippet: string, cases: readonly Case[]) => Readonly<Record<string, string>>;
  readonly commands: readonly (readonly string[])[];
}

interface Case {
  readonly secret: string;
  readonly id: string;
  readonly timestamp: string;
  readonly signature: string;
  readonly body: string;
  readonly isGood: boolean;
}

/** A literal that JSON, Python, Java, Go and JavaScript read alike. */
const quote = (text: string): string => JSON.stringify(text);

const languages: readonly Language[] = [
  {
    name: 'Node',
    fence: 'js',
    toFiles: (snippet, cases) => ({
      'verify.mjs': `${snippet}\n${cases
        .map(
          (one) =>
            `console.log(verify(${quote(one.secret)}, {'webhook-id': ${quote(one.id)}, 'webhook-timestamp': ${quote(one.timestamp)}, 'webhook-signature': ${quote(one.signature)}}, Buffer.from(${quote(one.body)})));`,
        )
        .join('\n')}`,
    }),
    commands: [['node', 'verify.mjs']],
  },
  {
    name: 'Python',
    fence: 'python',
    toFiles: (snippet, cases) => ({
      'verify.py': `${snippet}\n${cases
        .map(
          (one) =>
            `print(str(verify(${quote(one.secret)}, {"webhook-id": ${quote(one.id)}, "webhook-timestamp": ${quote(one.timestamp)}, "webhook-signature": ${quote(one.signature)}}, ${quote(one.body)}.encode())).lower())`,
        )
        .join('\n')}`,
    }),
    commands: [['python3', 'verify.py']],
  },
  {
    name: 'Java',
    fence: 'java',
    toFiles: (snippet, cases) => ({
      'Webhook.java': snippet,
      'Main.java': `class Main { public static void main(String[] args) throws Exception {\n${cases
        .map(
          (one) =>
            `System.out.println(Webhook.verify(${quote(one.secret)}, java.util.Map.of("webhook-id", ${quote(one.id)}, "webhook-timestamp", ${quote(one.timestamp)}, "webhook-signature", ${quote(one.signature)}), ${quote(one.body)}.getBytes("UTF-8")));`,
        )
        .join('\n')}\n} }`,
    }),
    commands: [
      ['javac', '-encoding', 'UTF-8', 'Webhook.java', 'Main.java'],
      ['java', '-Dfile.encoding=UTF-8', 'Main'],
    ],
  },
  {
    name: 'Go',
    fence: 'go',
    toFiles: (snippet, cases) => ({
      'go.mod': 'module snippet\n\ngo 1.21\n',
      'main.go': `${snippet.replace('package webhook', 'package main')}\nfunc main() {\n${cases
        .map(
          (one) =>
            `println(Verify(${quote(one.secret)}, http.Header{"Webhook-Id": {${quote(one.id)}}, "Webhook-Timestamp": {${quote(one.timestamp)}}, "Webhook-Signature": {${quote(one.signature)}}}, []byte(${quote(one.body)})))`,
        )
        .join('\n')}\n}\n`,
    }),
    commands: [['go', 'run', '.']],
  },
  {
    name: 'PHP',
    fence: 'php',
    toFiles: (snippet, cases) => ({
      'verify.php': `${snippet}\n${cases
        .map(
          (one) =>
            `echo verify(${quotePhp(one.secret)}, ['webhook-id' => ${quotePhp(one.id)}, 'webhook-timestamp' => ${quotePhp(one.timestamp)}, 'webhook-signature' => ${quotePhp(one.signature)}], ${quotePhp(one.body)}) ? "true\\n" : "false\\n";`,
        )
        .join('\n')}`,
    }),
    commands: [['php', 'verify.php']],
  },
];

const quotePhp = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`;

interface SnippetRun {
  readonly name: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  readonly text: string;
}

/** Runs every snippet in `folder`; one whose language is not installed is skipped. */
export async function runSnippets(folder: string): Promise<readonly SnippetRun[]> {
  const page = await readFile(new URL('../../docs/http-callbacks.md', import.meta.url), 'utf8');
  const cases = toCases();
  const runs: SnippetRun[] = [];
  for (const language of languages) {
    const snippet = new RegExp(`^\`\`\`${language.fence}\\n(.*?)^\`\`\``, 'ms').exec(page)?.[1];
    if (snippet === undefined) {
      runs.push({ name: language.name, outcome: 'failed', text: 'the page has no such snippet' });
      continue;
    }
    const cwd = join(folder, `snippet-${language.fence}`);
    await mkdir(cwd, { recursive: true });
    for (const [name, text] of Object.entries(language.toFiles(snippet, cases)))
      await writeFile(join(cwd, name), text);
    runs.push({ name: language.name, ...(await runOne(language, cwd, cases)) });
  }
  return runs;
}

async function runOne(
  { commands }: Language,
  cwd: string,
  cases: readonly Case[],
): Promise<Omit<SnippetRun, 'name'>> {
  let output = '';
  for (const [command = '', ...args] of commands) {
    const ran = await run(command, args, { cwd, limitMs: 120_000 });
    if (ran.code === 127) return { outcome: 'skipped', text: `${command} is not installed` };
    if (ran.code !== 0)
      return { outcome: 'failed', text: `${command} ended with ${ran.code}\n${ran.output}` };
    output = ran.output;
  }
  const verdicts = output.match(/^(true|false)$/gm) ?? [];
  const isRight =
    verdicts.length === cases.length && cases.every(({ isGood }, n) => verdicts[n] === String(isGood));
  return isRight
    ? { outcome: 'passed', text: `${cases.length} requests` }
    : { outcome: 'failed', text: `its verdicts are ${verdicts.join(' ')}\n${output}` };
}

/** One good request by a lone secret and by either of two; then each part changed, and one that is too old. */
function toCases(): readonly Case[] {
  const [old, current] = [generateSecret(), generateSecret()];
  const at = Date.now();
  const body = '[{"Message":"¿Dónde está? — 你好","ReceiptId":"7c9e6679f4b14a5e8d3c2b1a09f8e7d6"}]';
  const toCase = (secret: string, names: readonly string[], time: number, isGood: boolean): Case => {
    const secrets = names.map((name) => ({ secret: name, expiresAt: null }));
    const headers = toHeaders({ id: 'id-1', at: time, body, secrets, attempt: 1, cause: null });
    return {
      secret,
      id: 'id-1',
      timestamp: headers['webhook-timestamp'] ?? '',
      signature: headers['webhook-signature'] ?? '',
      body,
      isGood,
    };
  };
  const good = toCase(current, [current], at, true);
  return [
    good,
    toCase(current, [current, old], at, true),
    toCase(old, [current, old], at, true),
    toCase(old, [current], at, false),
    toCase(current, [current], at - 600_000, false),
    { ...good, id: 'id-2', isGood: false },
    { ...good, body: `${body} `, isGood: false },
    { ...good, timestamp: String(Number(good.timestamp) - 1), isGood: false },
  ];
}
