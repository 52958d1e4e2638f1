/** What a guess of a password costs is tried in `passwords.test.ts`; elsewhere it would only be waited for. */
export const cheapGuesses = { cost: 2 ** 10, blockSize: 8, parallelization: 1 } as const;
