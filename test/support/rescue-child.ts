// Saves what a damaged file (first argument) holds, and prints the most that this process had in memory, in bytes.
import { rescue } from '../../src/store/sqlite/damage/rescue.ts';

const { apart } = rescue({ file: process.argv[2] ?? '', now: Date.now() });
process.stdout.write(JSON.stringify({ apart, peakBytes: process.resourceUsage().maxRSS * 1024 }));
