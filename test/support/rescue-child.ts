// Saves what a damaged file (first argument) holds, and prints the most that this process had in memory, in bytes.
import { rescue } from '../../src/store/sqlite/damage/rescue.ts';

if (process.argv[3] !== undefined) process.stdout.write('now');
const { apart } = rescue({ file: process.argv[2] ?? '', now: Date.now() });
process.stdout.write(JSON.stringify({ apart, peakBytes: process.resourceUsage().maxRSS * 1024 }));
