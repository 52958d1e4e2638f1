// Runs the import rules and makes sure that they looked at something: dependency-cruiser without a working TypeScript
// reports no violation in no module at all.
import { cruise } from 'dependency-cruiser';
import { readdirSync } from 'node:fs';
import { readMigrations } from '../src/store/migrations.ts';
import { importRules } from './import-rules.ts';

// Two SQL files of one number would stop every start; this runs before anything is handed on.
for (const store of ['sqlite', 'postgres'] as const) readMigrations(store);

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
console.log(`import rules: ${totalCruised} modules, ${violations.length} violations`);
if (violations.length > 0) process.exitCode = 1;
