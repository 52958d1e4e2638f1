// What the pages tell to type is there to be typed: commands and their options, and scripts of npm.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { createProgram } from '../../src/cli/program.ts';
import { settingTable } from '../../src/config/table.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const pages = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', ...globSync('docs/**/*.md', { cwd: root })];

interface Line {
  readonly page: string;
  readonly text: string;
  /** Whether it stands in a block, to be copied as it is. */
  readonly isBlock: boolean;
}

/** Every line of a block and every piece of code in the text of all pages. */
const lines: readonly Line[] = pages.flatMap((page) => {
  const text = readFileSync(join(root, page), 'utf8');
  const blocks = [...text.matchAll(/^ *```(\S*).*\n([^]*?)^ *```$/gm)]
    .filter(([, language = '']) => ['', 'sh', 'bash'].includes(language))
    .flatMap(([, , body = '']) => body.replaceAll(/\\\n/g, ' ').split('\n'));
  const prose = text.replaceAll(/^ *```[^]*?^ *```$/gm, '');
  const pieces = [...prose.matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);
  return [
    ...blocks.map((line) => ({ page, text: line.trim(), isBlock: true })),
    ...pieces.map((piece) => ({ page, text: piece, isBlock: false })),
  ];
});

const program = createProgram({ now: () => 0, monotonic: () => 0 });

function findCommand(parent: Command, name: string | undefined): Command | undefined {
  return parent.commands.find((command) => command.name() === name);
}

/** The command that the words begin with; undefined where they begin with none. */
function toCommand([name, verb]: readonly string[]): Command | undefined {
  const command = findCommand(program, name);
  return command === undefined || command.commands.length === 0 || verb === undefined
    ? command
    : findCommand(command, verb);
}

/** Whether a command takes an option; those that take settings take all of them. */
function takes(command: Command, option: string): boolean {
  if (option === '--help') return true;
  if (command.options.some(({ long }) => long === option)) return true;
  return command.usage().includes('--setting') && settingFlags.includes(option);
}

/** What stands behind `chasqui` in a line, up to where the shell begins another command. */
function toCalled(text: string): readonly string[] | undefined {
  const called = /(?:^|[=\s])(?:npx )?chasqui ([a-z][^|;&#<>]*)/.exec(` ${text}`)?.[1];
  return called?.trim().split(/\s+/);
}

/** `dataDir` is `--data-dir`. */
const settingFlags = Object.keys(settingTable).map(
  (key) => `--${key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
);

describe('every command that a page names', () => {
  const named = lines.flatMap((line) => {
    const words = /^(?:\S+=\S* )*(?:npx )?chasqui [a-z]/.test(line.text) ? toCalled(line.text) : undefined;
    return words === undefined ? [] : [{ ...line, words }];
  });

  it('is one, with options that it has', () => {
    assert.ok(named.length > 60, String(named.length));
    const wrong = named.filter(({ words }) => {
      const command = toCommand(words);
      if (command === undefined) return true;
      const options = words.filter((word) => /^--[a-z]/.test(word)).map((word) => word.split('=')[0] ?? '');
      return options.some((option) => !takes(command, option));
    });
    assert.deepEqual(
      wrong.map(({ page, text }) => `${page}: ${text}`),
      [],
    );
  });

  it('is called by a name that a shell finds, where it is to be copied', () => {
    const bare = named.filter(({ isBlock, text }) => isBlock && !text.includes('npx chasqui'));
    assert.deepEqual(
      bare.map(({ page, text }) => `${page}: ${text}`),
      [],
    );
  });
});

it('every script of npm that a page names is there', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: Readonly<Record<string, string>>;
  };
  const named = lines.flatMap(({ page, text }) =>
    [...text.matchAll(/npm run (?:-s )?([a-z:]+)/g)].map(([, name = '']) => ({ page, name })),
  );
  assert.ok(named.length > 10, String(named.length));
  assert.deepEqual(
    named.filter(({ name }) => scripts[name] === undefined),
    [],
  );
});
