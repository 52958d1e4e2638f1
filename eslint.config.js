import js from '@eslint/js';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

/** What no file may say, each with what to say instead. */
const unwelcome = [
  { selector: 'ExportDefaultDeclaration', message: 'Named exports only.' },
  {
    selector: "CallExpression[callee.name='fetch']",
    message: 'Use the guarded client in http/client.ts; fetch is an order of magnitude slower and unguarded.',
  },
];
/** Time comes from one place, so that what is kept and what never leaves the process do not go by the same clock. */
const clocks = [
  "MemberExpression[object.name='Date'][property.name='now']",
  "MemberExpression[object.name='performance'][property.name=/^(now|timeOrigin)$/]",
  "MemberExpression[object.name='process'][property.name=/^(hrtime|uptime)$/]",
  "NewExpression[callee.name='Date'][arguments.length=0]",
  "CallExpression[callee.name='Date']",
].map((selector) => ({ selector, message: 'Take the clock that is handed to you.' }));

export default tseslint.config(
  {
    ignores: [
      'node_modules/',
      'data/',
      '.cache/',
      'test/output/',
      'test/interop/clients/',
      'web/dist/',
      'dist/',
    ],
  },
  js.configs.recommended,
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: {
          allowDefaultProject: ['eslint.config.js', 'web/build.js', 'web/vite.config.js'],
        },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': 'error',
      'no-restricted-syntax': ['error', ...unwelcome],
    },
  },
  {
    files: ['src/**'],
    // A simulator stands alone, and has a clock of its own.
    ignores: ['src/runtime/clock.ts', 'src/simulators/simulated-clock.ts'],
    rules: { 'no-restricted-syntax': ['error', ...unwelcome, ...clocks] },
  },
  {
    files: ['src/**'],
    // Whoever puts the parts together takes the machine's clock, and hands it on.
    ignores: ['src/runtime/machine-clock.ts', 'src/compose/**', 'src/cli/commands.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: '/clock\\.ts$',
              importNames: ['machineNow', 'machineTime', 'monotonicNow'],
              message: 'Take the clock that is handed to you.',
            },
            {
              regex: '^(node:)?perf_hooks$',
              importNames: ['default', 'performance'],
              message: 'Take the clock that is handed to you.',
            },
          ],
        },
      ],
    },
  },
  { files: ['**/*.config.js'], rules: { 'no-restricted-syntax': 'off' } },
  {
    files: ['web/src/**'],
    plugins: { 'react-hooks': reactHooks },
    rules: {
      ...reactHooks.configs.recommended.rules,
      // A browser has no other client; one file alone calls it.
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportDefaultDeclaration', message: 'Named exports only.' },
      ],
      'no-restricted-globals': ['error', { name: 'fetch', message: 'Call api/client.ts.' }],
    },
  },
  { files: ['web/src/api/client.ts'], rules: { 'no-restricted-globals': 'off' } },
  { files: ['web/*.js'], languageOptions: { globals: { process: 'readonly' } } },
  { files: ['**/*.js', '**/*.cjs'], ...tseslint.configs.disableTypeChecked },
  {
    files: ['bin/**'],
    languageOptions: { globals: { process: 'readonly', console: 'readonly', URL: 'readonly' } },
  },
  {
    files: ['test/protocols/smq/*.cjs'],
    languageOptions: { globals: { process: 'readonly', console: 'readonly', require: 'readonly' } },
    rules: { 'no-console': 'off', '@typescript-eslint/no-require-imports': 'off' },
  },
  {
    files: [
      'src/cli/**',
      'bin/**',
      'test/imports.ts',
      'test/interop/**',
      'test/crash/run.ts',
      'test/fresh/run.ts',
      'test/day/run.ts',
      'test/ha/run.ts',
      'bench/**',
      'packaging/measure.ts',
      'packaging/run.ts',
    ],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      // node:test's describe and it return promises that the runner itself awaits.
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [
            { from: 'package', package: 'node:test', name: ['test', 'it', 'describe', 'suite'] },
          ],
        },
      ],
    },
  },
);
