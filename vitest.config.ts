import { defineConfig } from 'vitest/config';

export default defineConfig({
  // graphql 16 ships two copies of itself; without this Vite loads one and our dependencies the other.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    include: ['tests/**/*.test.ts'],
    globalSetup: ['tests/support/global-setup.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 120_000, // only what hangs reaches it: a busy machine is slow, not wrong
    hookTimeout: 60_000,
  },
});
