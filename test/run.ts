// `npm test [-- option … file …]`: the tests, all of them when no file is named.
import { unpackBrowser } from './browser/chromium.ts';
import { listShortTests, runTests } from './support/runner.ts';

const everything = ['test/*.test.ts', listShortTests()];

const words = process.argv.slice(2);
const isAll = words.every((word) => word.startsWith('-'));
// Whichever test asks first would unpack it while others wait for it.
if (isAll) await unpackBrowser();
process.exitCode = await runTests(isAll ? [...words, ...everything] : words);
