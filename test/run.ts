// `npm test [-- option … file …]`: the tests, all of them when no file is named.
import { unpackBrowser } from './browser/chromium.ts';
import { runTests } from './support/runner.ts';

/**
 * All but what has a command of its own: what people do over a longer while (`test:stories`), what becomes of nodes when clocks,
 * servers and networks fail (`test:database`), what has a PostgreSQL in its name (`test:postgres`), the programs that stand around
 * the service (`test:deploy`), and the packages of a release (`test:package`).
 */
const everything = [
  'test/*.test.ts',
  'test/!(database|deploy|package|stories)/**/!(postgres*|*-postgres).test.ts',
];

const words = process.argv.slice(2);
const isAll = words.every((word) => word.startsWith('-'));
// Whichever test asks first would unpack it while others wait for it.
if (isAll) await unpackBrowser();
process.exitCode = await runTests(isAll ? [...words, ...everything] : words);
