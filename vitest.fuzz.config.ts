import { defineConfig } from 'vitest/config'

/** The two engines on ten thousand random logs a kind, with another seed each time: `npm run parity:fuzz`. */
export default defineConfig({
  test: {
    include: ['test/parity/random.test.ts'],
    env: { PARITY_LOGS: '10000' },
    testTimeout: 6 * 3_600_000,
  },
})
