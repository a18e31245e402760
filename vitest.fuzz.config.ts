import { defineConfig } from 'vitest/config'

/**
 * The two engines on ten thousand random logs a kind: `npm run parity:fuzz`. The logs are other ones each time; the
 * variable PARITY_SEED repeats those of a seed that it printed, PARITY_LOGS takes another number.
 */
export default defineConfig({
  test: {
    include: ['test/parity/random.test.ts'],
    env: { PARITY_LOGS: process.env.PARITY_LOGS ?? '10000' },
    disableConsoleIntercept: true,
    testTimeout: 6 * 3_600_000,
  },
})
