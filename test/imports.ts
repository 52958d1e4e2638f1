// Runs the import rules and makes sure that they looked at something: dependency-cruiser without a working TypeScript
// reports no violation in no module at all.
import { cruise } from 'dependency-cruiser';
import { readdirSync } from 'node:fs';
import { readMigrations } from '../src/store/migrations.ts';
import { importRules } from './import-rules.ts';
import { findUnnamed } from './support/unnamed-folders.ts';

// Two SQL files of one number would stop every start; this runs before anything is handed on.
for (const store of ['sqlite', 'postgres'] as const) readMigrations(store);

const roots = ['src', 'src/core', 'src/protocols', 'src/channels'];
const folders = roots.flatMap((root) =>
  readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => `${root}/${name}`),
);
const unnamed = findUnnamed(folders, importRules);
for (const folder of unnamed)
  console.error(`folder-without-a-rule: ${folder} is named by no rule of test/import-rules.ts`);

const files = readdirSync('src', { recursive: true, withFileTypes: true }).filter((entry) =>
  entry.name.endsWith('.ts'),
);
const { options, ...ruleSet } = importRules;
const { output } = await cruise(['src'], { ...options, ruleSet, validate: true });
if (typeof output === 'string') throw new Error(output);

const { violations, totalCruised } = output.summary;
for (const { rule, from, to } of violations) console.error(`${rule.name}: ${from} → ${to}`);
if (totalCruised < files.length)
  throw new Error(`The import rules saw ${totalCruised} of ${files.length} modules.`);
const count = violations.length + unnamed.length;
console.log(`import rules: ${totalCruised} modules, ${count} violations`);
if (count > 0) process.exitCode = 1;
